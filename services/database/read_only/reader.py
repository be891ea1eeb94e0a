"""Runs one statement of a person on a fresh connection of the reader role, and shows the rows.

Everything goes through a server-side cursor: DECLARE … CURSOR FOR takes one reading statement
and refuses every other kind, whatever its text pretends to be.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import make_url

from services.core.errors import DatabaseUnavailableError, QueryRefusedError
from services.database.read_only.refusals import refusal
from services.database.read_only.role import reader_role_name
from services.database.read_only.statements import statement_body

ROW_LIMIT = 1000
CELL_LIMIT_CHARACTERS = 65_536
RESULT_LIMIT_CHARACTERS = 16_000_000
STATEMENT_LIMIT_CHARACTERS = 20_000
TIME_LIMIT_SECONDS = 5.0
_GRACE_SECONDS = 0.7


@dataclass(frozen=True)
class QueryResult:
    """Rows as PostgreSQL writes them, None for null. `is_truncated`: rows or cells were cut."""

    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    is_truncated: bool
    seconds: float
    types: tuple[str, ...] = ()
    """PostgreSQL's names of the columns' types, empty for those it does not come with."""


def reader_url(database_url: str, password: str) -> str:
    """The database's URL with the reader role's name and password; a secret, never shown."""
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
    """Run one SELECT, WITH, VALUES or TABLE statement and return what it shows.

    `parameters` stand for $1, $2 and so on; they are sent beside the statement and never become
    a part of its text. Raises QueryRefusedError (another kind of statement, a syntax error, a right that the role
    lacks, too slow, too large) and DatabaseUnavailableError. Changes nothing.
    """
    check_statement(sql)
    for value in parameters:
        _check_text(value)
    began = time.monotonic()
    with (
        _connection(url) as connection,
        _cut_off(connection, time_limit_seconds + _GRACE_SECONDS),
    ):
        try:
            clock = _Clock(connection, began + time_limit_seconds, tuple(parameters))
            columns, types = _columns(connection, clock, sql)
            cell_limit = min(cell_limit_characters, RESULT_LIMIT_CHARACTERS // max(len(columns), 1))
            wrapped = _wrapped(sql, len(columns), cell_limit)
            rows, is_cut = _rows(clock, wrapped, row_limit, cell_limit)
        except psycopg.Error as error:
            raise refusal(error, sql, time_limit_seconds) from None
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
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise QueryRefusedError(reason="the text holds characters that no statement can hold.")


@contextmanager
def _connection(url: str) -> Iterator[psycopg.Connection]:
    """A fresh session, read-only and gone afterwards; its errors never show the URL."""
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
        if "too many connections" in str(error):
            raise QueryRefusedError(
                reason="too many queries run at this moment; try again in a few seconds."
            ) from None
        raise DatabaseUnavailableError() from None
    try:
        connection.read_only = True
        yield connection
    finally:
        connection.close()


@contextmanager
def _cut_off(connection: psycopg.Connection, seconds: float) -> Iterator[None]:
    """Stop waiting after so long, whatever the server does.

    PostgreSQL looks at its time limits between the steps of a statement, and some steps (parsing,
    `translate` of a huge text) have nothing between.
    """
    cut = socket.socket(fileno=os.dup(connection.fileno()))
    timer = threading.Timer(seconds, cut.shutdown, [socket.SHUT_RDWR])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        cut.close()


@dataclass(frozen=True)
class _Clock:
    """One limit for all the statements of a query: statement_timeout alone counts each anew."""

    connection: psycopg.Connection
    ends: float
    parameters: tuple[str, ...]

    def limit_next(self) -> None:
        left = max(int((self.ends - time.monotonic()) * 1000), 1)
        self.connection.execute(f"SET LOCAL statement_timeout = {left}".encode())

    @contextmanager
    def declared(self, name: str, statement: bytes) -> Iterator[psycopg.RawServerCursor]:
        """A cursor for the statement, in its time; the parameters travel beside it, as texts."""
        self.limit_next()
        with psycopg.RawServerCursor(self.connection, name) as cursor:
            cursor.execute(statement, self.parameters or None)
            yield cursor


def _columns(
    connection: psycopg.Connection, clock: _Clock, text: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns' names and types; proves that the text is one reading statement."""
    connection.execute("SET LOCAL search_path = diagnostics")
    with clock.declared("columns", text.encode()) as cursor:
        columns = cursor.description or ()
        known = [connection.adapters.types.get(column.type_code) for column in columns]
        types = tuple(kind.name if kind else "" for kind in known)
        return tuple(column.name for column in columns), types


def _wrapped(text: str, column_count: int, cell_limit: int) -> bytes:
    """The statement as a subquery with every cell as a text, cut one character after the limit.

    The line break ends a comment on the statement's last line.
    """
    names = [f"c{index}" for index in range(column_count)]
    cells = ", ".join(f"left({name}::text, {cell_limit + 1})" for name in names)
    aliases = f"({', '.join(names)})" if names else ""
    return f"SELECT {cells} FROM ({statement_body(text)}\n) AS shown{aliases}".encode()


def _rows(
    clock: _Clock, wrapped: bytes, row_limit: int, cell_limit: int
) -> tuple[list[tuple[str | None, ...]], bool]:
    """The rows up to the limits, and whether anything was cut off."""
    rows: list[tuple[str | None, ...]] = []
    is_cut = False
    room = RESULT_LIMIT_CHARACTERS
    with clock.declared("rows", wrapped) as cursor:
        width = len(cursor.description or ())
        batch = max(RESULT_LIMIT_CHARACTERS // max(width * cell_limit, 1), 1)
        while len(rows) <= row_limit and room > 0:
            clock.limit_next()
            fetched = cursor.fetchmany(min(batch, row_limit + 1 - len(rows)))
            if not fetched:
                return rows, is_cut
            for row in fetched:
                room -= sum(len(cell) for cell in row if cell is not None)
                is_cut = is_cut or any(cell and len(cell) > cell_limit for cell in row)
                rows.append(tuple(cell and cell[:cell_limit] for cell in row))
    return rows[:row_limit], True
