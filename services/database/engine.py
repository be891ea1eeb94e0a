"""The engine, its transactions, and the migration of the database to this program's revision."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from services.core.errors import (
    DatabaseBusyError,
    DatabaseNotReadyError,
    DatabaseUnavailableError,
    DatabaseVersionError,
    InvalidRequestError,
)
from services.core.server_problem import ServerProblem
from services.database.blockers import blockers
from services.database.problems import (
    BUSY_CODES,
    OLD_SERVER,
    WRONG_ENCODING,
    database_problem,
)

NOT_PREPARED = frozenset({"42P01", "3F000"})
"""Undefined table or schema: a page was opened before the first preparation had ended."""
UNSTORABLE = "A text holds characters that cannot be stored, such as a NUL. Remove them."
ANSWER_SECONDS = 5.0
"""For the first statement of a new connection."""
_SESSION_LIMITS = (
    "SET statement_timeout = 15000; SET lock_timeout = 10000;"
    " SET idle_in_transaction_session_timeout = 60000"
)
BLOCKER_SECONDS = 5.0
"""A transaction that is open for longer is named when a statement waited in vain for a lock."""
_USED_AT = "used_at"
MIN_SERVER_VERSION = 150000
MIGRATIONS = Path(__file__).parent / "migrations"
_TOO_OLD = (
    "It is older than 0007, the oldest one that this program brings up to date: run ./run migrate of"
    " commit acfdfcb (28 November 2026) once, then start this program again."
)
_TOO_NEW = "A newer Atelier migrated it: update this program."
_PREPARATION_LOCK = 0x6174656C  # "atel": any constant that no other program takes here


class Database:
    """One pool of connections, and transactions on it."""

    def __init__(self, url: str, pool_size: int = 5, trusted_seconds: float = 0.0) -> None:
        """Connect nowhere yet; `trusted_seconds`: how long after its use a connection is not tested."""
        self.url = url
        self._trusted_seconds = trusted_seconds
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 5,
                "application_name": "atelier",
                "client_encoding": "UTF8",
                # A peer that vanished is noticed within a minute, not after the hours of a default.
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "tcp_user_timeout": 30_000,
            },
        )
        event.listen(self.engine, "connect", _limit_session)
        event.listen(self.engine, "checkin", _note_use)
        event.listen(self.engine, "checkout", self._ping_if_idle)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self, lock_seconds: float | None = None) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        `lock_seconds`: how long a statement waits for another session's lock, if not 10 s.
        Raises DatabaseUnavailableError with the server's reason when it refuses or cannot be reached,
        and its subclass DatabaseBusyError when this transaction alone failed, with who blocks it.
        """
        with self.translated_errors(), self._sessions.begin() as session:
            if lock_seconds is not None:
                limit = f"{int(lock_seconds * 1000)}ms"
                session.execute(select(func.set_config("lock_timeout", limit, True)))
            yield session

    @contextmanager
    def sole_holder(self, name: str) -> Iterator[bool]:
        """Whether this process alone does what has this name: until the block or the process ends.

        Raises DatabaseUnavailableError.
        """
        with self.translated_errors(), self.engine.connect() as opened:
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
    def translated_errors(self) -> Iterator[None]:
        """Turn errors of the server and of its connections into ours; others pass."""
        try:
            yield
        except (DBAPIError, PoolTimeoutError, psycopg.Error) as error:
            cause = getattr(error, "orig", error)
            if getattr(cause, "sqlstate", None) in NOT_PREPARED:
                raise DatabaseNotReadyError() from error
            if "NUL (0x00)" in str(cause):
                # Without its cause, which quotes the statement.
                raise InvalidRequestError(problem=UNSTORABLE) from None
            problem = database_problem(error)
            if problem is None:
                raise
            if problem.code == "read_only":
                # After a failover the old connections lead to a standby.
                self.engine.dispose()
            if problem.code not in BUSY_CODES:
                raise DatabaseUnavailableError(problem=problem) from error
            raise DatabaseBusyError(problem=self._with_blocker(problem)) from error
        except UnicodeEncodeError:
            raise InvalidRequestError(problem=UNSTORABLE) from None

    def _ping_if_idle(self, connection: Any, record: Any, _: object) -> None:
        """Test a connection that was idle: a server that restarted meanwhile closed it."""
        used_at = record.info.get(_USED_AT)
        if used_at is None or monotonic() - used_at < self._trusted_seconds:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise InvalidatePoolError from error

    def _with_blocker(self, problem: ServerProblem) -> ServerProblem:
        """Add who holds the locks, where PostgreSQL still answers and shows it."""
        try:
            with self._sessions.begin() as session:
                found = blockers(session, BLOCKER_SECONDS)
        except (DBAPIError, PoolTimeoutError):
            return problem
        if not found:
            return problem
        sentence = f"{problem.sentence} {found[0].sentence}"
        return replace(problem, sentence=sentence, fix=found[0].fix)


def _note_use(_: object, record: Any) -> None:
    record.info[_USED_AT] = monotonic()


def _limit_session(connection: psycopg.Connection, _: object) -> None:
    """Set the limits of a new session: not as start options, which poolers refuse.

    A pooler without a free session accepts a connection and answers its first statement minutes later.
    Raises psycopg.OperationalError after ANSWER_SECONDS.
    """
    with cut_off(connection, ANSWER_SECONDS) as is_cut_off:
        try:
            connection.execute(_SESSION_LIMITS)
            connection.commit()
        except psycopg.OperationalError as error:
            if not is_cut_off.is_set():
                raise
            words = f"the first statement was not answered in {ANSWER_SECONDS:g} s"
            raise psycopg.OperationalError(words) from error


@contextmanager
def cut_off(connection: psycopg.Connection, seconds: float) -> Iterator[threading.Event]:
    """Stop waiting for the server after so long; the connection is lost then, and the event set."""
    is_cut_off = threading.Event()

    def shut_down(connected: socket.socket) -> None:
        # Set first: the waiting thread goes on before this one has ended.
        is_cut_off.set()
        connected.shutdown(socket.SHUT_RDWR)

    # A duplicate of the descriptor, because libpq owns the original.
    with socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as duplicate:
        timer = threading.Timer(seconds, shut_down, [duplicate])
        timer.daemon = True
        timer.start()
        try:
            yield is_cut_off
        finally:
            timer.cancel()
            timer.join()


def raw_connection(connection: Connection) -> psycopg.Connection:
    """Return psycopg's connection of this one."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def prepare(database: Database, after_migration: Callable[[Connection], None]) -> None:
    """Bring schema `app` to the newest version, then run `after_migration`, under one lock.

    Idempotent, and safe when several processes start at once: the others wait. The documented views
    are dropped first, since a view blocks the change of a column that it shows.
    Raises DatabaseUnavailableError and DatabaseVersionError.
    """
    with database.translated_errors(), database.engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _PREPARATION_LOCK})
        connection.execute(text("SET lock_timeout = '60s'"))
        connection.commit()
        try:
            with connection.begin():
                _check_server(connection)
                _create_schema(connection, "app")
                _create_schema(connection, "diagnostics")
                _drop_views(connection)
                _migrate(connection)
                after_migration(connection)
        finally:
            # It ends the lock too, and the settings above must not return to the pool.
            connection.invalidate()


def _check_server(connection: Connection) -> None:
    """Refuse a server that cannot hold our tables; raises DatabaseUnavailableError."""
    version = connection.execute(text("SHOW server_version_num")).scalar_one()
    if int(version) < MIN_SERVER_VERSION:
        raise DatabaseUnavailableError(problem=OLD_SERVER)
    if connection.execute(text("SHOW server_encoding")).scalar_one() != "UTF8":
        raise DatabaseUnavailableError(problem=WRONG_ENCODING)


def _create_schema(connection: Connection, name: str) -> None:
    """Create it where it is missing: IF NOT EXISTS asks for the right to create in any case."""
    if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": name}) is None:
        connection.execute(text(f"CREATE SCHEMA {name}"))


def _drop_views(connection: Connection) -> None:
    listed = "SELECT string_agg(format('diagnostics.%I', viewname), ', ') FROM pg_views"
    views = connection.scalar(text(f"{listed} WHERE schemaname = 'diagnostics'"))
    if views:
        connection.exec_driver_sql(f"DROP VIEW {views} CASCADE")


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
