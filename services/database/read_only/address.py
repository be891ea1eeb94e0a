"""The address at which a process of this desk signs in as the reader of SQL."""

from services.core.settings import Settings
from services.database.read_only.reader import reader_url
from services.database.read_only.role import reader_password


def reader_address(settings: Settings) -> str | None:
    """The set one, or our own role's; None without DATABASE_URL or SECRET_KEY. A secret."""
    if settings.database_readonly_url:
        return settings.database_readonly_url.get_secret_value()
    if settings.database_url is None or settings.secret_key is None:
        return None
    password = reader_password(settings.secret_key.get_secret_value())
    return reader_url(settings.database_url.get_secret_value(), password)
