"""Run one statement of a person on a fresh, read-only connection of the reader role.

It runs through a server-side cursor: DECLARE … CURSOR FOR takes one reading statement and refuses
every other kind. The transaction is never committed.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy import make_url

from services.core.errors import DatabaseUnavailableError, QueryRefusedError
from services.core.redaction import redact
from services.core.settings import Settings
from services.database.engine import cut_off
from services.database.problems import database_problem
from services.database.query_result import QueryResult
from services.database.read_only.role import reader_password, reader_role_name

ROW_LIMIT = 1000
CELL_LIMIT_CHARACTERS = 65_536
RESULT_LIMIT_CHARACTERS = 16_000_000
STATEMENT_LIMIT_CHARACTERS = 20_000
TIME_LIMIT_SECONDS = 5.0
_GRACE_SECONDS = 0.7
_MAX_MESSAGE_CHARACTERS = 300
_NARROW = "narrow it with WHERE or LIMIT."
_TOO_MANY = "too many queries run at this moment; try again in a few seconds."
_ONLY_READING = "only SELECT, WITH, VALUES and TABLE may run here."
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


def reader_address(settings: Settings) -> str | None:
    """Return the set URL, or that of our own role; None without DATABASE_URL or SECRET_KEY. A secret."""
    if settings.database_readonly_url:
        return settings.database_readonly_url.get_secret_value()
    url, key = settings.database_url, settings.secret_key
    if url is None or key is None:
        return None
    return reader_url(url.get_secret_value(), reader_password(key.get_secret_value()))


def reader_url(database_url: str, password: str) -> str:
    """Return the database's URL with the reader role's name and password; a secret, never shown."""
    url = make_url(database_url)
    role = reader_role_name(url.database or url.username or "")
    own = url.difference_update_query(["user", "password", "options"])
    return own.set(username=role, password=password).render_as_string(hide_password=False)


def run_readonly(
    url: str,
    sql: str,
    *,
    parameters: Sequence[str] = (),
    row_limit: int = ROW_LIMIT,
    cell_limit_characters: int = CELL_LIMIT_CHARACTERS,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
) -> QueryResult:
    """Run one SELECT, WITH, VALUES or TABLE statement and return its rows.

    `parameters` are the values of $1, $2 and so on; they travel beside the statement. Changes nothing.
    Raises QueryRefusedError (another kind of statement, a syntax error, a missing privilege, too slow,
    too large) and DatabaseUnavailableError.
    """
    check_statement(sql)
    for value in parameters:
        _check_text(value)
    began = time.monotonic()
    with (
        _connection(url) as connection,
        cut_off(connection, time_limit_seconds + _GRACE_SECONDS) as is_cut_off,
    ):
        backend_pid = connection.info.backend_pid
        query = _Query(connection, began + time_limit_seconds, tuple(parameters))
        try:
            columns, types = query.columns(sql)
            cell_limit = min(cell_limit_characters, RESULT_LIMIT_CHARACTERS // max(len(columns), 1))
            rows, is_cut = query.rows(sql, len(columns), row_limit, cell_limit)
        except psycopg.Error as error:
            reason = _reason(error, time_limit_seconds)
            # Some functions are never interrupted: only their session's pid tells that they still run.
            left = {"left_running": backend_pid} if is_cut_off.is_set() else {}
            raise QueryRefusedError(reason=reason, **left) from None
        except UnicodeError:
            reason = "a statement may not change client_encoding."
            raise QueryRefusedError(reason=reason) from None
    return QueryResult(columns, rows, is_cut, time.monotonic() - began, types)


def check_statement(text: str) -> None:
    """Raise QueryRefusedError for a text that cannot be sent; `run_readonly` does so itself."""
    if not text.strip():
        raise QueryRefusedError(reason="there is no statement to run.")
    _check_text(text)


def _check_text(text: str) -> None:
    """Refuse what cannot travel: libpq would cut a text at a NUL and run its beginning."""
    if len(text) > STATEMENT_LIMIT_CHARACTERS:
        raise QueryRefusedError(
            reason=f"a statement may have {STATEMENT_LIMIT_CHARACTERS:,} characters at most."
        )
    if _UNSENDABLE.search(text):
        raise QueryRefusedError(reason="the text holds characters that no statement can hold.")


@contextmanager
def _connection(url: str) -> Iterator[psycopg.Connection]:
    """Open a read-only session and close it afterwards; its errors never show the URL."""
    parsed = make_url(url)
    positional, options = parsed.get_dialect()().create_connect_args(parsed)
    options.update(
        application_name="atelier sql page",
        client_encoding="UTF8",
        connect_timeout=5,
        tcp_user_timeout=10_000,
    )
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(*positional, **options)
    except psycopg.OperationalError as error:
        problem = database_problem(error)
        if problem is not None and problem.code == "too_many_connections":
            raise QueryRefusedError(reason=_TOO_MANY) from None
        # Operators read it: nothing of the reader's address, which an admin sets.
        raise DatabaseUnavailableError(problem=problem and replace(problem, detail="")) from None
    try:
        connection.read_only = True
        yield connection
    finally:
        connection.close()


@dataclass(frozen=True)
class _Query:
    """The statements of one query, with one time limit: statement_timeout alone counts each of them anew."""

    connection: psycopg.Connection
    ends_at: float
    parameters: tuple[str, ...]

    def columns(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the columns' names and types; proves that the text is one reading statement."""
        self.connection.execute("SET LOCAL search_path = diagnostics")
        with self._cursor("columns", text) as cursor:
            columns = cursor.description or ()
            known = [self.connection.adapters.types.get(column.type_code) for column in columns]
            types = tuple(kind.name if kind else "" for kind in known)
            return tuple(column.name for column in columns), types

    def rows(
        self, text: str, column_count: int, row_limit: int, cell_limit: int
    ) -> tuple[list[tuple[str | None, ...]], bool]:
        """Return the rows up to the limits, and whether anything was cut off.

        The statement becomes a subquery, where no semicolon may follow: PostgreSQL reports its position.
        """
        names = [f"c{index}" for index in range(column_count)]
        cells = ", ".join(f"left({name}::text, {cell_limit + 1})" for name in names)
        aliases = f"({', '.join(names)})" if names else ""
        head, tail = f"SELECT {cells} FROM (", f"\n) AS shown{aliases}"
        try:
            with self.connection.transaction():
                return self._fetched(head + text + tail, row_limit, cell_limit)
        except errors.SyntaxError as error:
            start = len('DECLARE "rows" CURSOR FOR ') + len(head) + 1
            end = int(error.diag.statement_position or 0) - start
            if end < 0 or text[end : end + 1] != ";":
                raise
            return self._fetched(head + text[:end] + tail, row_limit, cell_limit)

    def _fetched(
        self, statement: str, row_limit: int, cell_limit: int
    ) -> tuple[list[tuple[str | None, ...]], bool]:
        rows: list[tuple[str | None, ...]] = []
        left = RESULT_LIMIT_CHARACTERS
        with self._cursor("rows", statement) as cursor:
            width = len(cursor.description or ())
            batch = max(RESULT_LIMIT_CHARACTERS // max(width * cell_limit, 1), 1)
            is_complete = False
            while not is_complete and len(rows) <= row_limit and left > 0:
                self._limit_next()
                fetched = cursor.fetchmany(min(batch, row_limit + 1 - len(rows)))
                left -= sum(len(cell or "") for row in fetched for cell in row)
                rows += fetched
                is_complete = not fetched
        if self.connection.info.encoding != "utf-8":
            raise UnicodeError
        shown = [tuple(cell and cell[:cell_limit] for cell in row) for row in rows[:row_limit]]
        return shown, not is_complete or shown != rows

    def _limit_next(self) -> None:
        milliseconds = max(int((self.ends_at - time.monotonic()) * 1000), 1)
        self.connection.execute(f"SET LOCAL statement_timeout = {milliseconds}".encode())

    @contextmanager
    def _cursor(self, name: str, statement: str) -> Iterator[psycopg.RawServerCursor]:
        self._limit_next()
        with psycopg.RawServerCursor(self.connection, name) as cursor:
            cursor.execute(statement.encode(), self.parameters or None)
            yield cursor


def _reason(error: psycopg.Error, limit_seconds: float) -> str:
    """Return what to change, with PostgreSQL's own words where they help, never a URL."""
    words = redact(" ".join((error.diag.message_primary or "").split()).rstrip("."))
    if len(words) > _MAX_MESSAGE_CHARACTERS:
        words = words[:_MAX_MESSAGE_CHARACTERS] + "…"
    match error:
        case errors.QueryCanceled() | errors.TransactionTimeout() | errors.LockNotAvailable():
            return f"it took longer than {limit_seconds:g} s and was stopped; {_NARROW}"
        case errors.SyntaxError() if "multiple commands" in words:
            return "only one statement may run at a time; remove what follows the semicolon."
        case errors.SyntaxError() | errors.ReadOnlySqlTransaction():
            return f"{words}; {_ONLY_READING}"
        case errors.FeatureNotSupported() if "DECLARE CURSOR" in words:
            return f"{words}; {_ONLY_READING}"
        case errors.InsufficientPrivilege():
            return f"{words}; this page reads the views of schema diagnostics."
        case errors.OutOfMemory() | errors.ConfigurationLimitExceeded() | errors.DiskFull():
            return f"it needs more memory or temporary space than a query may take; {_NARROW}"
        case psycopg.OperationalError() if not words:
            return f"the database did not answer in time; {_NARROW}"
        case _:
            return f"PostgreSQL reports: {words}."
