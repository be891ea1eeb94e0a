"""Bring the database to this version: tables, views and roles. Safe to run several at once."""

from collections.abc import Sequence

from sqlalchemy import make_url

from services.core.errors import SettingsError
from services.core.settings import Settings, load_settings
from services.database.prepare import prepare_database
from services.providers.registry import provider_prices
from services.recipes.registry import item_prices
from workers.terminal import run_command


def main(argv: Sequence[str]) -> int:
    """Prepare the database that the settings name; `--embedded`: its server is `./run`'s own."""
    prepare(load_settings(), is_embedded="--embedded" in argv)
    return 0


def prepare(settings: Settings, *, is_embedded: bool) -> None:
    """Prepare the database of complete settings; raises SettingsError when one is missing."""
    if settings.database_url is None or settings.secret_key is None:
        raise SettingsError(
            problem="DATABASE_URL and SECRET_KEY must be set to prepare a database."
        )
    reader = settings.database_readonly_url
    prepare_database(
        settings.database_url.get_secret_value(),
        settings.secret_key.get_secret_value(),
        settings.starting_credits,
        make_url(reader.get_secret_value()).username if reader else None,
        provider_prices(),
        item_prices(),
        is_embedded=is_embedded,
    )


if __name__ == "__main__":
    run_command(main)
