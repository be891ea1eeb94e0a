"""What PostgreSQL or a pooler refuses is named, with what to change, and without the password."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from services.core.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    InvalidRequestError,
)
from services.core.server_problem import ServerProblem
from services.database import engine
from services.database.blockers import Blocker, blockers
from services.database.engine import Database
from services.database.problems import REASONS
from tests.integration.database.refusing_server import error_response, refusing_server

REFUSALS = [
    ("28P01", 'password authentication failed for user "anna"', "wrong_password"),
    ("28000", 'role "anna" does not exist', "wrong_password"),
    ("08P01", "no such user: anna", "wrong_password"),
    ("XX000", "Tenant or user not found", "wrong_password"),
    ("28000", 'no pg_hba.conf entry for host "10.0.0.9", user "a", no encryption', "tls_required"),
    ("28000", 'no pg_hba.conf entry for host "10.0.0.9", user "a", SSL encryption', "host_refused"),
    ("28000", "connection requires a valid client certificate", "client_certificate"),
    ("3D000", 'database "atelier" does not exist', "unknown_database"),
    ("08P01", "no such database: atelier", "unknown_database"),
    ("53300", "sorry, too many clients already", "too_many_connections"),
    ("53300", "remaining connection slots are reserved for roles with …", "too_many_connections"),
    ("53300", 'too many connections for role "anna"', "too_many_connections"),
    ("53400", "configuration limit exceeded", "configuration_limit"),
    ("57P03", "the database system is starting up", "starting_up"),
    ("57P03", "the database system is not yet accepting connections", "starting_up"),
    ("57P03", "the database system is shutting down", "shutting_down"),
    ("08P01", "unsupported startup parameter: options", "startup_parameter"),
    ("08P01", "server login has been failing, try again later", "pooler_login"),
    ("08P01", "query_wait_timeout", "pooler_full"),
    ("08P01", "no more connections allowed (max_client_conn)", "pooler_full"),
    ("XX000", "MaxClientsInSessionMode: max clients reached", "pooler_full"),
    ("42501", 'permission denied for database "atelier"', "host_refused"),
    ("99999", "la lune est pleine", "refused_otherwise"),
]


def _problem(url: str) -> ServerProblem:
    database = Database(url, pool_size=1)
    with pytest.raises(DatabaseUnavailableError) as caught, database.transaction() as session:
        session.execute(text("SELECT 1"))
    database.close()
    problem: ServerProblem = caught.value.problem
    assert "hidden-secret" not in f"{caught.value} {problem.detail}"
    return problem


@pytest.mark.parametrize(("state", "words", "code"), REFUSALS, ids=lambda one: str(one)[:24])
def test_a_refusal_while_connecting_is_named(state: str, words: str, code: str) -> None:
    with refusing_server(error_response(state, words)) as url:
        problem = _problem(url)
    assert problem.code == code and words in problem.detail
    assert problem.sentence and problem.fix


def test_a_server_of_another_kind_is_recognised() -> None:
    with refusing_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        assert _problem(url).code == "not_postgresql"


def test_a_server_without_tls_is_named_where_the_address_requires_it() -> None:
    with refusing_server(error_response("28000", "unused")) as url:
        assert _problem(f"{url}?sslmode=require").code == "tls_unsupported"


def test_a_closed_port_an_unknown_host_and_a_missing_socket_differ() -> None:
    with refusing_server(b"") as url:
        assert _problem(url).code == "connection_lost"
    assert _problem("postgresql+psycopg://a:hidden-secret@127.0.0.1:1/x").code == "refused"
    unknown = _problem("postgresql+psycopg://a:hidden-secret@nowhere.invalid/x")
    assert unknown.code == "unknown_host"
    assert _problem("postgresql+psycopg://a:b@/x?host=/nowhere").code == "no_socket"


def test_a_server_that_never_answers_times_out() -> None:
    with refusing_server(None) as url:
        assert _problem(f"{url}?connect_timeout=2").code == "timed_out"


def test_every_row_names_what_to_do() -> None:
    assert len({reason.code for reason in REASONS}) == len(REASONS)
    for reason in REASONS:
        assert reason.fix.endswith(".") and reason.sentence.endswith(".")


def test_the_start_packet_has_no_options(database: Database) -> None:
    with database.transaction() as session:
        limits = session.execute(
            text(
                "SELECT name, setting FROM pg_settings WHERE name LIKE '%_timeout' AND setting <> '0'"
            )
        )
        found = {name: setting for name, setting in limits}
    assert found["statement_timeout"] == "15000" and found["lock_timeout"] == "10000"
    assert found["idle_in_transaction_session_timeout"] == "60000"
    _, arguments = database.engine.dialect.create_connect_args(database.engine.url)
    assert "options" not in arguments


@contextmanager
def _locked(url: str, statement: str) -> Iterator[None]:
    """Another session's open transaction, after this statement."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, application_name="psql") as other:
        other.execute(statement.encode())
        yield
        other.rollback()


@pytest.mark.parametrize(
    "lock",
    [
        "SELECT * FROM app.accounts FOR UPDATE",
        "LOCK TABLE app.accounts IN ACCESS EXCLUSIVE MODE",
        "UPDATE app.accounts SET name = name WHERE id = 'acc_studio'",
    ],
)
def test_a_lock_names_who_holds_it_and_since_when(
    database: Database, lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BLOCKER_SECONDS", 0.0)
    with (
        _locked(database.url, lock),
        pytest.raises(DatabaseBusyError) as caught,
        database.transaction() as session,
    ):
        session.execute(text("SET LOCAL lock_timeout = 50"))
        session.execute(text("UPDATE app.accounts SET name = 'x'"))
    problem = caught.value.problem
    assert problem.code == "lock_timeout"
    assert "(psql, role" in problem.sentence and "holds locks on accounts since" in problem.sentence
    assert lock in problem.sentence and "pg_terminate_backend(" in problem.fix


def test_blockers_name_pid_application_tables_and_statement(database: Database) -> None:
    with _locked(database.url, "SELECT 1 FROM app.accounts WHERE id = 'acc_studio' FOR UPDATE"):
        with database.transaction() as session:
            (found,) = blockers(session, min_seconds=0.0)
        assert found.application == "psql" and found.tables == ("app.accounts",)
        assert found.query.startswith("SELECT 1 FROM app.accounts") and found.pid > 0
        assert found.state == "idle in transaction" and found.waiting == 0
        assert f"Session {found.pid} (psql" in found.sentence
        assert f"pg_terminate_backend({found.pid})" in found.fix


def test_sessions_that_wait_are_counted(database: Database) -> None:
    waits = threading.Thread(target=_update_accounts, args=(database,))
    with _locked(database.url, "SELECT 1 FROM app.accounts FOR UPDATE"):
        waits.start()
        found: list[Blocker] = []
        while not found:
            with database.transaction() as session:
                found = [one for one in blockers(session, min_seconds=600.0) if one.waiting]
    waits.join()
    assert found[0].waiting == 1 and found[0].application == "psql"


def _update_accounts(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE app.accounts SET name = 'renamed'"))


def test_a_used_up_pool_is_named(database_url: str) -> None:
    small = Database(database_url, pool_size=1)
    small.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    with (
        small.transaction() as first,
        small.transaction() as second,
        pytest.raises(DatabaseBusyError) as caught,
        small.transaction() as third,
    ):
        for session in (first, second, third):
            session.execute(text("SELECT 1"))
    assert caught.value.problem.code == "pool_exhausted"
    small.close()


def test_a_slow_statement_and_a_missing_right_are_named(
    database: Database, postgres_url: str
) -> None:
    with pytest.raises(DatabaseBusyError) as slow, database.transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = 20"))
        session.execute(text("SELECT pg_sleep(5)"))
    assert slow.value.problem.code == "statement_timeout"
    with pytest.raises(DatabaseUnavailableError) as refused, database.transaction() as session:
        session.execute(text("SET LOCAL ROLE pg_monitor"))
        session.execute(text("SELECT * FROM app.people"))
    assert refused.value.problem.code == "missing_right"
    assert "permission denied for schema app" in refused.value.problem.detail


def test_connections_are_opened_anew_when_the_server_was_read_only(database: Database) -> None:
    with database.transaction() as session:
        before = session.scalar(text("SELECT pg_backend_pid()"))
    with pytest.raises(DatabaseUnavailableError) as caught, database.transaction() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text("DELETE FROM app.poses"))
    assert caught.value.problem.code == "read_only"
    with database.transaction() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != before


def test_a_session_that_was_ended_heals_by_itself(database: Database) -> None:
    with pytest.raises(DatabaseUnavailableError) as caught, database.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.problem.code == "shutting_down"
    with database.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1


def _end_session_of(database: Database) -> None:
    """End the pool's only session from outside, as a restart of the server does."""
    with database.transaction() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    other = Database(database.url)
    with other.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.close()


def test_a_session_that_ended_while_idle_is_replaced_unnoticed(database: Database) -> None:
    _end_session_of(database)
    with database.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_trusted_session_that_ended_fails_once(database_url: str) -> None:
    trusting = Database(database_url, trusted_seconds=600.0)
    _end_session_of(trusting)
    with pytest.raises(DatabaseUnavailableError), trusting.transaction() as session:
        session.scalar(text("SELECT 1"))
    with trusting.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1
    trusting.close()


@pytest.mark.parametrize("value", ["gen_\0", "gen_\ud800"], ids=["nul", "surrogate"])
def test_a_text_that_cannot_be_stored_is_no_fault_of_the_database(
    database: Database, value: str
) -> None:
    with pytest.raises(InvalidRequestError), database.transaction() as session:
        session.execute(text("SELECT :value"), {"value": value})


def test_a_role_that_may_not_see_others_still_names_the_session(database: Database) -> None:
    with (
        _locked(database.url, "LOCK TABLE app.runs IN ACCESS EXCLUSIVE MODE"),
        database.transaction() as session,
    ):
        session.execute(text("CREATE ROLE seer_of_nothing"))
        session.execute(text("SET LOCAL ROLE seer_of_nothing"))
        (found,) = blockers(session, min_seconds=600.0)
        session.rollback()
    assert found.pid > 0 and found.tables == ("app.runs",) and found.since is None
    assert f"Session {found.pid} (" in found.sentence and "holds locks on runs" in found.sentence


def test_a_pooler_that_gives_no_session_is_named_instead_of_waited_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(engine, "_SESSION_LIMITS", "SELECT pg_sleep(20)")
    waiting = Database(database_url, pool_size=1)
    with pytest.raises(DatabaseUnavailableError) as caught, waiting.transaction() as session:
        session.execute(text("SELECT 1"))
    assert caught.value.problem.code == "silent"
    waiting.close()
