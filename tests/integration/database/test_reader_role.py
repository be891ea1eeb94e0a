"""Who may read, which privileges are revoked or reported, and the reason where SQL is off."""

import multiprocessing
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

import psycopg
import pytest
from sqlalchemy.engine import make_url

from services.core.errors import DatabaseUnavailableError, QueryRefusedError
from services.database.engine import Database
from services.database.prepare import prepare_database
from services.database.read_only.privileges import public_functions, public_schemas
from services.database.read_only.reader import reader_url, run_readonly
from services.database.read_only.role import (
    ReaderState,
    grant_reader,
    reader_password,
    reader_role_name,
)
from tests.conftest import SECRET_KEY, STARTING_CREDITS
from tests.integration.database.server import Server

COUNT = "select count(*) from credits"


def _prepared(url: str, external_role: str | None = None) -> ReaderState:
    return prepare_database(url, SECRET_KEY, STARTING_CREDITS, external_role)


def _reads(url: str) -> bool:
    result = run_readonly(reader_url(url, reader_password(SECRET_KEY)), COUNT)
    return result.rows == [("1",)]


@dataclass(frozen=True)
class Owned:
    """A database whose owner is no superuser."""

    name: str
    owner: str
    url: str
    superuser_url: str


@pytest.fixture
def owned(server: Server) -> Iterator[Owned]:
    """An empty database of a plain login role, as managed PostgreSQL gives it."""
    name = f"owned_{secrets.token_hex(4)}"
    owner = f"{name}_Owner"
    password = secrets.token_hex(16)
    with server.connect() as connection:
        connection.execute(f"CREATE ROLE \"{owner}\" LOGIN PASSWORD '{password}'".encode())
    superuser_url = server.create_database(name, owner=owner)
    yield Owned(name, owner, server.url_of(name, owner, password), superuser_url)
    server.drop_database(name)
    with server.connect() as connection:
        connection.execute(f'DROP ROLE IF EXISTS "{name}_reader"'.encode())
        connection.execute(f'DROP ROLE "{owner}"'.encode())


def _execute(server: Server, url: str, *statements: str) -> None:
    with server.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_prepared_database_can_be_read(readable_url: str) -> None:
    assert run_readonly(readable_url, COUNT).rows == [("1",)]


def test_another_secret_key_is_another_password(database_url: str, readable_url: str) -> None:
    wrong = reader_url(database_url, reader_password("another"))

    with pytest.raises(DatabaseUnavailableError):
        run_readonly(wrong, COUNT)


def test_a_changed_secret_key_takes_effect_at_the_next_start(
    database_url: str, readable_url: str
) -> None:
    prepare_database(database_url, "the new one", STARTING_CREDITS)

    assert run_readonly(reader_url(database_url, reader_password("the new one")), COUNT).rows
    with pytest.raises(DatabaseUnavailableError):
        run_readonly(readable_url, COUNT)


def test_the_password_is_not_the_key_and_stays_the_same() -> None:
    assert reader_password("k") == reader_password("k") != reader_password("l")
    assert len(reader_password("k")) == 64


def test_the_role_begins_each_session_with_its_limits(
    readable_url: str, owner: psycopg.Connection
) -> None:
    row = owner.execute(
        "SELECT rolconfig, rolconnlimit, rolcanlogin, rolsuper OR rolinherit OR rolcreaterole"
        " OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = %s",
        [make_url(readable_url).username],
    ).fetchone()

    assert row is not None
    assert set(row[0]) >= {
        "search_path=diagnostics",
        "default_transaction_read_only=on",
        "statement_timeout=5s",
        "transaction_timeout=6s",
        "temp_file_limit=64MB",
    }
    assert row[1:] == (5, True, False)


def test_a_second_preparation_changes_no_right(
    database_url: str, readable_url: str, owner: psycopg.Connection
) -> None:
    query = b"SELECT xmin::text, count(*) FROM pg_proc GROUP BY 1 ORDER BY 1"
    before = owner.execute(query).fetchall()

    assert _prepared(database_url).is_on
    assert owner.execute(query).fetchall() == before


@pytest.mark.parametrize(
    ("database_name", "role"),
    [
        ("shop", "shop_reader"),
        ("Größe %s", "Größe %s_reader"),
        ("pg_shop", f"atelier_{sha256(b'pg_shop').hexdigest()[:16]}_reader"),
        ("s" * 60, f"atelier_{sha256(b's' * 60).hexdigest()[:16]}_reader"),
    ],
)
def test_the_role_is_named_after_its_database(database_name: str, role: str) -> None:
    assert reader_role_name(database_name) == role


def test_a_database_of_any_name_is_prepared(server: Server) -> None:
    name = 'A %s "quoted" näme'
    url = server.create_database(name)
    try:
        state = _prepared(url)
        assert state == ReaderState(True, name + "_reader")
        assert _reads(url)
        server.drop_role(url, state.role)
    finally:
        server.drop_database(name)


def test_a_role_that_is_somebody_elses_is_left_alone(
    database_url: str, server: Server, owner: psycopg.Connection
) -> None:
    role = reader_role_name(owner.info.dbname)
    _execute(server, database_url, f'CREATE ROLE "{role}" SUPERUSER NOLOGIN')

    state = _prepared(database_url)

    assert not state.is_on
    assert "Atelier did not make" in state.reason
    assert owner.execute(
        "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone() == (False,)
    server.drop_role(database_url, role)


def test_an_owner_who_may_make_no_role_gets_a_reason_and_a_working_database(
    owned: Owned,
) -> None:
    state = _prepared(owned.url)

    assert not state.is_on
    assert "DATABASE_READONLY_URL" in state.reason
    assert state.statements == (f'ALTER ROLE "{owned.owner}" CREATEROLE',)
    database = Database(owned.url)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"{COUNT.replace('credits', 'diagnostics.credits')}")
    database.close()


def test_a_superuser_can_open_the_page_with_the_statements_that_are_shown(
    owned: Owned, server: Server
) -> None:
    _execute(server, owned.superuser_url, *_prepared(owned.url).statements)

    assert _prepared(owned.url).is_on
    assert _reads(owned.url)


def test_preparation_changes_no_privilege_of_anybody_else(owned: Owned, server: Server) -> None:
    query = """
        SELECT md5(string_agg(acl, '|' ORDER BY acl)) FROM (
          SELECT 'f' || oid || proacl::text FROM pg_proc WHERE pronamespace::regnamespace::text <> 'app'
          UNION ALL SELECT 'r' || oid || relacl::text FROM pg_class
            WHERE relnamespace::regnamespace::text NOT IN ('app', 'diagnostics')
          UNION ALL SELECT 'n' || oid || nspacl::text FROM pg_namespace WHERE nspname <> 'diagnostics'
          UNION ALL SELECT 'l' || oid || lanacl::text FROM pg_language
          UNION ALL SELECT a::text FROM pg_authid AS a WHERE rolname NOT LIKE '%reader'
        ) AS held (acl)"""
    _execute(server, owned.superuser_url, f'ALTER ROLE "{owned.owner}" CREATEROLE')
    for url in (owned.superuser_url, owned.url):
        with server.connect(owned.superuser_url) as connection:
            before = connection.execute(query.encode()).fetchone()
            assert _prepared(url).is_on
            assert connection.execute(query.encode()).fetchone() == before
            connection.execute("DROP SCHEMA diagnostics CASCADE; DROP SCHEMA app CASCADE")
            connection.execute(f'DROP OWNED BY "{owned.name}_reader"'.encode())
            connection.execute(f'DROP ROLE "{owned.name}_reader"'.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_xact_lock_shared(1, 2)",
        "select pg_logical_emit_message(false, 'x', repeat('x', 1000000))",
        'select U&"\\0070g_advisory_lock"(1)',
    ],
)
def test_an_administrator_can_close_the_functions_that_act(
    owned: Owned, server: Server, statement: str
) -> None:
    _execute(server, owned.superuser_url, f'ALTER ROLE "{owned.owner}" CREATEROLE')
    role = _prepared(owned.url).role
    reader = reader_url(owned.url, reader_password(SECRET_KEY))
    run_readonly(reader, statement)

    with server.connect(owned.url) as connection:
        shown = public_functions(connection, role)
    _execute(server, owned.superuser_url, *shown)

    with pytest.raises(QueryRefusedError, match="permission denied"):
        run_readonly(reader, statement)
    assert _prepared(owned.url).is_on
    with server.connect(owned.url) as connection:
        assert public_functions(connection, role) == []


def test_another_schema_that_everybody_may_use_is_reported(
    database_url: str, readable_url: str, server: Server, owner: psycopg.Connection
) -> None:
    role = make_url(readable_url).username or ""
    assert public_schemas(owner, role) == []
    owner.execute(
        "CREATE FUNCTION public.names() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT name FROM app.people'"
    )
    assert run_readonly(readable_url, "select * from public.names()").rows

    statements = public_schemas(owner, role)

    assert statements == ["REVOKE USAGE ON SCHEMA public FROM PUBLIC"]
    assert _prepared(database_url).is_on
    assert public_schemas(owner, role) == statements
    _execute(server, database_url, *statements)
    with pytest.raises(QueryRefusedError, match="permission denied"):
        run_readonly(readable_url, "select * from public.names()")


def test_tables_that_everybody_may_read_turn_the_page_off(
    database_url: str, readable_url: str, server: Server
) -> None:
    _execute(server, database_url, "GRANT USAGE ON SCHEMA app TO PUBLIC")

    state = _prepared(database_url)

    assert not state.is_on
    assert state.statements == ("REVOKE ALL ON SCHEMA app FROM PUBLIC",)
    with pytest.raises(DatabaseUnavailableError):
        run_readonly(readable_url, COUNT)


def test_the_owner_of_the_tables_is_no_reader(owned: Owned) -> None:
    state = _prepared(owned.url, owned.owner)

    assert not state.is_on
    assert "owns the tables" in state.reason


def test_a_named_role_is_granted_the_views_and_checked(owned: Owned, server: Server) -> None:
    role, password = f"{owned.name}_bi", secrets.token_hex(8)
    _execute(
        server,
        owned.superuser_url,
        f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}' IN ROLE pg_read_all_data",
    )
    url = make_url(owned.url).set(username=role, password=password)

    state = _prepared(owned.url, role)
    assert not state.is_on
    assert f'REVOKE pg_read_all_data FROM "{role}"' in [
        statement.replace(f" {role}", f' "{role}"') for statement in state.statements
    ]

    _execute(server, owned.superuser_url, *state.statements)
    assert _prepared(owned.url, role) == ReaderState(True, role)
    result = run_readonly(url.render_as_string(hide_password=False), COUNT)
    assert result.rows == [("1",)]
    server.drop_role(owned.superuser_url, role)


def test_a_named_role_that_is_not_there_is_said(database_url: str) -> None:
    state = _prepared(database_url, "nobody_of_that_name")

    assert not state.is_on
    assert 'role "nobody_of_that_name" does not exist' in state.reason


def test_a_role_that_gained_a_right_elsewhere_loses_it_at_the_next_start(
    database_url: str, readable_url: str, server: Server
) -> None:
    role = make_url(readable_url).username
    _execute(
        server,
        database_url,
        f'GRANT USAGE ON SCHEMA app, public TO "{role}"',
        f'GRANT pg_read_all_data TO "{role}"',
        f'GRANT ALL ON ALL TABLES IN SCHEMA diagnostics TO "{role}"',
        f'GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO "{role}"',
        f'GRANT SELECT ON TABLE pg_authid TO "{role}"',
        f'GRANT SELECT (email) ON TABLE app.people TO "{role}"',
        f'ALTER ROLE "{role}" SUPERUSER',
    )

    assert _prepared(database_url).is_on
    for statement in ("select * from app.people", "select pg_ls_waldir()", "table pg_authid"):
        with pytest.raises(QueryRefusedError, match="permission denied"):
            run_readonly(readable_url, statement)


def test_several_preparations_at_once_all_succeed(server: Server, template_database: str) -> None:
    names = [f"many_{secrets.token_hex(4)}" for _ in range(3)]
    urls = [server.create_database(name, template=template_database) for name in names]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        states = list(pool.map(_prepared, urls * 3))

    assert all(state.is_on for state in states)
    assert all(_reads(url) for url in urls)
    for name, url in zip(names, urls, strict=True):
        server.drop_role(url, reader_role_name(name))
        server.drop_database(name)


def test_a_role_changed_by_another_transaction_meanwhile_is_written_again(
    database_url: str, readable_url: str, server: Server
) -> None:
    """Two transactions at one role's row: PostgreSQL answers "tuple concurrently updated"."""
    role = make_url(readable_url).username
    with (
        server.connect() as other,
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        with other.transaction():
            other.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT 9'.encode())
            waiting = pool.submit(_grant_in_own_transaction, database_url)
            _wait_until_somebody_waits(server)
        assert waiting.result(timeout=20).is_on
    assert run_readonly(readable_url, COUNT).rows


def _grant_in_own_transaction(url: str) -> ReaderState:
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            return grant_reader(connection, reader_password(SECRET_KEY))
    finally:
        database.close()


def _wait_until_somebody_waits(server: Server) -> None:
    waiting = (
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER ROLE%'"
    )
    deadline = time.monotonic() + 20
    with server.connect() as connection:
        while connection.execute(waiting).fetchone() is None:
            assert time.monotonic() < deadline
