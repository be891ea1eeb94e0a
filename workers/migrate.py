"""Bring the database to this version: tables, views and roles. Safe to run several at once."""

from collections.abc import Sequence

from sqlalchemy import make_url

from services.container import build_database, build_storage
from services.core.errors import SettingsError
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.database.prepare import prepare_database
from services.providers.registry import provider_prices
from services.recipes.registry import item_prices
from services.reconciliation.storage_owner import StorageOwner
from workers.terminal import print_line, run_command


def main(argv: Sequence[str]) -> int:
    """Prepare the database that the settings name; `--embedded`: its server is `./run`'s own.

    `--accept-storage`: the storage that the settings name belongs to it from now on, whatever mark
    it has or lacks.
    """
    settings = load_settings()
    prepare(settings, is_embedded="--embedded" in argv)
    if "--accept-storage" in argv:
        accept_storage(settings)
    return 0


def accept_storage(settings: Settings) -> None:
    """Mark the storage as this database's; raises StorageError."""
    database = build_database(settings, pool_size=1)
    try:
        build_storage(settings, database).set_mark(StorageOwner(database).id() or "")
        print_line("The storage belongs to this database from now on.")
    finally:
        database.close()


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
