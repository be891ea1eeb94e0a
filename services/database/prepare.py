"""The preparation of the database at start: migrations, first rows, views, reader role."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from services.database.engine import Database, prepare, raw_connection
from services.database.read_only.privileges import public_functions
from services.database.read_only.role import ReaderState, grant_reader, reader_password
from services.database.seed import seed
from services.database.views import create_views


def prepare_database(
    database_url: str,
    secret_key: str,
    starting_credits: int,
    external_reader_role: str | None = None,
    provider_prices: Sequence[Mapping[str, Any]] = (),
    item_prices: Mapping[str, int] = MappingProxyType({}),
    *,
    is_embedded: bool = False,
) -> ReaderState:
    """Make the database ready for this version and say whether the SQL page may run.

    All in one transaction, idempotent, and safe when several processes start at once.
    `external_reader_role` is the role named by DATABASE_READONLY_URL; `provider_prices` are rows of
    that table, `item_prices` the credits of a slot by price item, for a new database. `is_embedded`:
    the server has no other user, so PUBLIC loses the functions that act in spite of the reader's limits.
    """
    states: list[ReaderState] = []

    def after_migration(connection: Connection) -> None:
        seed(connection, starting_credits, provider_prices, item_prices)
        create_views(connection)
        password = reader_password(secret_key)
        states.append(grant_reader(connection, password, external_reader_role))
        if is_embedded:
            raw = raw_connection(connection)
            for statement in public_functions(raw, states[-1].role):
                raw.execute(statement.encode())

    database = Database(database_url, pool_size=1)
    try:
        prepare(database, after_migration)
    finally:
        database.close()
    return states[-1]
