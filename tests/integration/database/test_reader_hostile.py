"""Nothing that a person types into the SQL page changes, shows or occupies anything."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy.engine import make_url

from services.core.errors import QueryRefusedError
from services.database.read_only.reader import run_readonly
from services.database.read_only.role import reader_password
from tests.conftest import SECRET_KEY
from tests.integration.database.hostile import (
    HARMLESS,
    MORE_THAN_ONE,
    OTHER_KINDS,
    OUT_OF_THE_WRAPPER,
    PRYING,
    REFUSED,
    WRITING_SELECTS,
)
from tests.integration.database.server import Server, everything

TIME_LIMIT_SECONDS = 1.0
LONGEST_SECONDS = 6.0


@pytest.fixture(scope="module")
def watcher(server: Server, guarded: str) -> Iterator[psycopg.Connection]:
    with server.connect(guarded) as connection:
        yield connection


@pytest.fixture(scope="module")
def before(watcher: psycopg.Connection) -> dict[str, object]:
    return everything(watcher)


@pytest.fixture(scope="module")
def hidden(server: Server, guarded: str) -> tuple[str, ...]:
    """What must never be seen: rows of `app`, passwords, the server's place."""
    own = make_url(server.url)
    return (
        "hidden-secret",
        "SCRAM-SHA-256",
        "root:x:0",
        "postgresql.conf",
        str(own.password),
        reader_password(SECRET_KEY),
        str(own.query.get("host")),
    )


def _label(statement: str) -> str:
    return ascii(statement[:60])


def _ran(shared_url: str, statement: str) -> tuple[str, bool, float]:
    """What is shown, whether it was refused, and the seconds until then."""
    began = time.monotonic()
    try:
        result = run_readonly(shared_url, statement, time_limit_seconds=TIME_LIMIT_SECONDS)
    except QueryRefusedError as error:
        return error.sentence, True, time.monotonic() - began
    return f"{result.columns} {result.rows}", False, time.monotonic() - began


@pytest.mark.parametrize("statement", REFUSED, ids=_label)
def test_a_hostile_statement_is_refused_and_changes_nothing(
    statement: str,
    shared_url: str,
    watcher: psycopg.Connection,
    before: dict[str, object],
    hidden: tuple[str, ...],
) -> None:
    shown, is_refused, seconds = _ran(shared_url, statement)

    assert is_refused, shown[:500]
    assert not [secret for secret in hidden if secret in shown]
    assert seconds < LONGEST_SECONDS
    assert len(shown) < 600
    assert "\n" not in shown
    assert everything(watcher) == before


@pytest.mark.parametrize("statement", HARMLESS, ids=_label)
def test_a_statement_that_may_answer_shows_nothing_of_the_application(
    statement: str,
    shared_url: str,
    watcher: psycopg.Connection,
    before: dict[str, object],
    hidden: tuple[str, ...],
) -> None:
    shown, is_refused, seconds = _ran(shared_url, statement)

    assert not is_refused, shown
    assert not [secret for secret in hidden if secret in shown]
    assert seconds < LONGEST_SECONDS
    assert everything(watcher) == before


@pytest.mark.parametrize(
    "statement",
    [
        "select $1::text",
        "select said from (values ($1::text)) as v (said) where said = $1",
        "select $1::text -- $1\n;",
    ],
)
def test_a_hostile_parameter_stays_a_value(
    statement: str,
    shared_url: str,
    watcher: psycopg.Connection,
    before: dict[str, object],
    hidden: tuple[str, ...],
) -> None:
    hostile = (MORE_THAN_ONE + OUT_OF_THE_WRAPPER + OTHER_KINDS + WRITING_SELECTS + PRYING)[::9]
    for value in (*hostile, "'); drop table app.runs; --", "$1", "$2", "%s", "\\", ""):
        assert run_readonly(shared_url, statement, parameters=[value]).rows == [(value,)]

    assert everything(watcher) == before


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("select * from mascots where id = '$1'", ["x' or true --"]),
        ("select make_interval(days => $1)", ["1); select pg_sleep(60) --"]),
        ("select $1::int", ["(select 1)"]),
        ("select $1::regclass", ["app.people"]),
        ("select 1 limit $1", ["all; drop table app.runs"]),
        ("select $1; drop table app.runs", ["1"]),
        ("select $1) q; drop table app.runs; --", ["1"]),
        ("update app.accounts set name = $1", ["x"]),
        ("select $1 from app.people", ["email"]),
        ("select $1", ["a", "b"]),
        ("select $2::text", ["a"]),
        ("select $1::text", ["a\0b"]),
        ("select $1::text", ["\udcff"]),
        ("select $1::text", ["x" * 30_000]),
    ],
)
def test_a_statement_that_takes_a_hostile_parameter_for_more_is_refused(
    statement: str,
    values: list[str],
    shared_url: str,
    watcher: psycopg.Connection,
    before: dict[str, object],
    hidden: tuple[str, ...],
) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        run_readonly(shared_url, statement, parameters=values)

    said = caught.value.sentence
    assert not [secret for secret in hidden if secret in said]
    assert len(said) < 600 and "\n" not in said
    assert everything(watcher) == before


def test_a_notification_of_a_statement_reaches_nobody(
    shared_url: str, watcher: psycopg.Connection
) -> None:
    watcher.execute("LISTEN everything")

    run_readonly(shared_url, "select pg_notify('everything', 'x')")

    assert list(watcher.notifies(timeout=0.2)) == []


def test_an_advisory_lock_ends_with_its_statement(
    shared_url: str, watcher: psycopg.Connection
) -> None:
    statement = "select pg_advisory_lock(7), pg_sleep(60)"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_ran, shared_url, statement)
        _wait_until(lambda: not _can_lock(watcher))
        _, is_refused, seconds = waiting.result()

    assert is_refused and seconds < LONGEST_SECONDS
    _wait_until(lambda: _can_lock(watcher))


def _can_lock(connection: psycopg.Connection) -> bool:
    with connection.transaction():
        return connection.execute("SELECT pg_try_advisory_xact_lock(7)").fetchone() == (True,)


def _wait_until(is_reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_reached():
        assert time.monotonic() < deadline


def test_a_message_fills_the_log_for_no_longer_than_the_limit(
    shared_url: str, watcher: psycopg.Connection
) -> None:
    position = watcher.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
    message = "pg_logical_emit_message(false, 'x', repeat('x', 100000))"

    _, is_refused, seconds = _ran(
        shared_url, f"select count({message}) from generate_series(1, 20), pg_sleep(60)"
    )

    assert is_refused and seconds < LONGEST_SECONDS
    assert position is not None
    written = "SELECT pg_current_wal_insert_lsn() - %s::pg_lsn < 200000000"
    assert watcher.execute(written, position).fetchone() == (True,)


def test_information_schema_knows_no_table_of_the_application(shared_url: str) -> None:
    query = "select table_name from information_schema.tables where table_schema = 'app'"

    assert run_readonly(shared_url, query).rows == []
