"""The engine, its transactions, and the migration of the database to this program's revision."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from services.core.errors import (
    DatabaseNotReadyError,
    DatabaseUnavailableError,
    DatabaseVersionError,
)

NOT_PREPARED = frozenset({"42P01", "3F000"})
"""Undefined table or schema: a page was opened before the first preparation had ended."""
MIGRATIONS = Path(__file__).parent / "migrations"
_TOO_OLD = (
    "It is older than 0007, the oldest one that this program brings up to date: run ./run migrate of"
    " commit acfdfcb (28 November 2026) once, then start this program again."
)
_TOO_NEW = "A newer Atelier migrated it: update this program."
_PREPARATION_LOCK = 0x6174656C  # "atel": any constant that no other program takes here


class Database:
    """One pool of connections, and transactions on it."""

    def __init__(self, url: str, pool_size: int = 5) -> None:
        self.url = url
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 5,
                "application_name": "atelier",
                # A peer that vanished is noticed within a minute, not after the hours of a default.
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "options": "-c statement_timeout=15000 -c lock_timeout=10000"
                " -c idle_in_transaction_session_timeout=60000",
            },
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        Raises DatabaseUnavailableError when the server cannot be reached.
        """
        with _translated(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def sole_holder(self, name: str) -> Iterator[bool]:
        """Whether this process alone does what has this name: until the block or the process ends.

        Raises DatabaseUnavailableError.
        """
        with _translated(), self.engine.connect() as opened:
            # No transaction stays open meanwhile: the block may take long.
            connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            lock = func.pg_try_advisory_lock(func.hashtextextended(name, 0))
            try:
                yield bool(connection.scalar(select(lock)))
            finally:
                # The lock is the connection's, and ends with it in every case.
                connection.invalidate()

    def close(self) -> None:
        """Give every pooled connection back."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if error.connection_invalidated or _is_connection_failure(error):
            raise DatabaseUnavailableError() from error
        raise
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) in NOT_PREPARED:
            raise DatabaseNotReadyError() from error
        raise


def _is_connection_failure(error: OperationalError) -> bool:
    """Class 08 and 57P0x, and errors raised before any server could answer (no SQLSTATE)."""
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(("08", "57P0"))


def raw_connection(connection: Connection) -> psycopg.Connection:
    """Return psycopg's connection of this one."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def prepare(database: Database, after_migration: Callable[[Connection], None]) -> None:
    """Bring schema `app` to the newest version, then run `after_migration`, under one lock.

    Idempotent, and safe when several processes start at once: the others wait. Schema
    `diagnostics` is dropped first, since a view blocks the change of a column that it shows.
    Raises DatabaseUnavailableError.
    """
    with _translated(), database.engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _PREPARATION_LOCK})
        connection.commit()
        try:
            with connection.begin():
                connection.execute(text("DROP SCHEMA IF EXISTS diagnostics CASCADE"))
                connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))
                _migrate(connection)
                after_migration(connection)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _PREPARATION_LOCK})
            connection.commit()
            # The session's settings above must not return to the pool.
            connection.invalidate()


def pending_revisions(reader: Session | Connection) -> list[str]:
    """Return the revisions that the database lacks, newest first; all of them for an empty one.

    Raises DatabaseVersionError for a database that this program cannot bring up to date.
    """
    scripts = ScriptDirectory.from_config(_config())
    known = [script.revision for script in scripts.walk_revisions()]
    if reader.scalar(text("SELECT to_regclass('app.schema_version')")) is None:
        return known
    present = str(reader.scalar(text("SELECT version_num FROM app.schema_version")))
    if present not in known:
        is_older = present < known[-1]
        raise DatabaseVersionError(present=present, fix=_TOO_OLD if is_older else _TOO_NEW)
    return known[: known.index(present)]


def _migrate(connection: Connection) -> None:
    if not pending_revisions(connection):
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
