"""What the SQL page's query shows: rows, limits, errors, and nothing about the connection."""

import secrets
import time

import pytest
from sqlalchemy.engine import make_url

from services.core.errors import DatabaseUnavailableError, QueryRefusedError
from services.database.read_only import reader
from services.database.read_only.reader import reader_url, run_readonly
from tests.integration.database.server import Server


def _refusal(url: str, statement: str) -> str:
    with pytest.raises(QueryRefusedError) as caught:
        run_readonly(url, statement)
    return str(caught.value.reason)


@pytest.mark.parametrize(
    "statement",
    [
        "select 1",
        "select 1;",
        " select 1 ; ; -- done",
        "select 1 -- x",
        "-- first\nselect 1 /* a /* b */ c */; /* end */",
        "(select 1)",
        "values (1)",
        "with a as (select 1) table a",
    ],
)
def test_one_statement_runs_whatever_stands_around_it(shared_url: str, statement: str) -> None:
    assert run_readonly(shared_url, statement).rows == [("1",)]


def test_semicolons_inside_strings_names_and_comments_end_nothing(shared_url: str) -> None:
    statement = (
        """select ';', "a;" /* ; */, $$;$$, $t$;$$;$t$, E'\\';', U&'\\003b', date'2026-01-01', """
        """'it''s;' -- ;\nfrom (select 2 as "a;") as x;"""
    )

    result = run_readonly(shared_url, statement)

    assert result.rows == [(";", "2", ";", ";$$;", "';", ";", "2026-01-01", "it's;")]


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("select 'x;' /* /* ; */ ; */; -- ;", ("x;",)),
        ("select text'\\';", ("\\",)),
        ("select e'\\';';", ("';",)),
        ("select a$b$ from (values (1)) as v (a$b$);", ("1",)),
        ("select '😀é;' as \"é;\" -- 😀\n;", ("😀é;",)),
    ],
)
def test_a_semicolon_at_the_end_is_no_error(
    shared_url: str, statement: str, row: tuple[str, ...]
) -> None:
    assert run_readonly(shared_url, statement).rows == [row]


def test_columns_keep_their_names_and_may_share_them(shared_url: str) -> None:
    result = run_readonly(shared_url, "select 1 as a, 2 as a, '100 %s' as \"%(x)s\"")

    assert result.columns == ("a", "a", "%(x)s")
    assert result.rows == [("1", "2", "100 %s")]


def test_every_type_is_shown_as_postgresql_writes_it(shared_url: str) -> None:
    statement = """
        select null, true, -1.50, '{"a": [1]}'::jsonb, array[1, null], 'x'::bytea, row(1, 'b'),
          '2026-11-20 10:00+00'::timestamptz at time zone 'UTC', ''"""

    (row,) = run_readonly(shared_url, statement).rows

    assert row == (
        None,
        "true",
        "-1.50",
        '{"a": [1]}',
        "{1,NULL}",
        "\\x78",
        "(1,b)",
        "2026-11-20 10:00:00",
        "",
    )


def test_a_statement_without_columns_shows_empty_rows(shared_url: str) -> None:
    result = run_readonly(shared_url, "select from generate_series(1, 2)")

    assert (result.columns, result.rows) == ((), [(), ()])


@pytest.mark.parametrize(("there", "shown", "is_cut"), [(2, 2, False), (3, 3, False), (4, 3, True)])
def test_rows_stop_at_the_limit(shared_url: str, there: int, shown: int, is_cut: bool) -> None:
    statement = f"select * from generate_series(1, {there}) as n order by n desc"

    result = run_readonly(shared_url, statement, row_limit=3)

    assert [row[0] for row in result.rows] == [str(there - n) for n in range(shown)]
    assert result.is_truncated is is_cut


@pytest.mark.parametrize(("length", "is_cut"), [(10, False), (11, True)])
def test_cells_stop_at_the_limit(shared_url: str, length: int, is_cut: bool) -> None:
    statement = f"select repeat('é', {length}), 'b'"

    result = run_readonly(shared_url, statement, cell_limit_characters=10)

    assert result.rows == [("é" * 10, "b")]
    assert result.is_truncated is is_cut


def test_many_large_cells_stop_at_the_limit_of_the_whole(shared_url: str) -> None:
    cells = ", ".join(["repeat('x', 100000)"] * 100)

    result = run_readonly(shared_url, f"select {cells} from generate_series(1, 1000)")

    shown = sum(len(cell or "") for row in result.rows for cell in row)
    assert shown < 2 * reader.RESULT_LIMIT_CHARACTERS
    assert result.is_truncated


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("", "no statement"),
        ("select 1; select 2", "only one statement"),
        ("drop table x", "only SELECT"),
        ("-- a note\n/* and */ update x set y = 1", "only SELECT"),
        ("with a as (delete from runs returning 1) select 1", "only SELECT"),
        ("selec 1", "only SELECT"),
        ("select form runs", 'column "form" does not exist'),
        ("select * frm runs", 'syntax error at or near "frm"'),
        ("select * from nowhere", 'relation "nowhere" does not exist'),
        ("select * from app.people", "permission denied for schema app"),
        ("select 1 / 0", "division by zero"),
        ("select repeat('x', 1000000000)", "more memory"),
        ("select 'a\0b'", "characters that no statement can hold"),
        ("select '\udcff'", "characters that no statement can hold"),
        ("select " + "1" * 20_000, "20,000 characters at most"),
    ],
)
def test_a_refusal_says_what_to_change_in_one_sentence(
    shared_url: str, statement: str, reason: str
) -> None:
    said = _refusal(shared_url, statement)

    assert reason in said
    assert said.endswith(".")
    assert not said.endswith("..")


def test_a_slow_statement_is_stopped_at_the_limit(shared_url: str) -> None:
    slow = "select count(*) from pg_class a, pg_class b, pg_class c, pg_class d"
    began = time.monotonic()

    with pytest.raises(QueryRefusedError, match=r"longer than 0\.3 s"):
        run_readonly(shared_url, slow, time_limit_seconds=0.3)

    assert 0.25 < time.monotonic() - began < 2


def test_slow_rows_share_one_limit(shared_url: str) -> None:
    each = "(select count(*) from generate_series(1, 300000 + n))"
    wide = ", ".join(["repeat('x', 60000)"] * 300)
    began = time.monotonic()

    with pytest.raises(QueryRefusedError, match="longer than 1 s"):
        run_readonly(
            shared_url,
            f"select {each}, {wide} from generate_series(1, 1000) n",
            time_limit_seconds=1,
            cell_limit_characters=10,
        )

    assert time.monotonic() - began < 3


def test_a_step_that_heeds_no_limit_is_left_behind(
    readable_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_GRACE_SECONDS", 0.1)
    deaf = "select translate(repeat('a', 200000), repeat('b', 400), '')"

    with pytest.raises(QueryRefusedError, match="did not answer in time"):
        run_readonly(readable_url, deaf, time_limit_seconds=0.1)


def test_no_session_is_left_behind(readable_url: str, server: Server) -> None:
    role = make_url(readable_url).username
    run_readonly(readable_url, "select 1")
    _refusal(readable_url, "select 1 / 0")

    with server.connect() as connection:
        deadline = time.monotonic() + 5
        left = (1,)
        while left != (0,) and time.monotonic() < deadline:
            left = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [role]
            ).fetchone() or (0,)
    assert left == (0,)


def test_a_wrong_password_and_a_dead_server_show_nothing_of_the_url(shared_url: str) -> None:
    wrong = secrets.token_hex(16)
    own = make_url(shared_url)
    for url in (
        own.set(password=wrong),
        own.set(password=wrong).update_query_dict({"host": f"/nowhere/{wrong}"}),
    ):
        with pytest.raises(DatabaseUnavailableError) as caught:
            run_readonly(url.render_as_string(hide_password=False), "select 1")
        assert wrong not in repr(caught.value) + str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_more_queries_than_the_role_may_run_are_told_to_wait(readable_url: str) -> None:
    held = Server(readable_url)
    sessions = [held.connect() for _ in range(5)]
    try:
        assert "too many queries" in _refusal(readable_url, "select 1")
    finally:
        for session in sessions:
            session.close()


def test_the_readers_url_keeps_the_place_and_drops_the_owner() -> None:
    url = reader_url(
        "postgresql+psycopg://owner:own%40word@db.example:5433/shop?user=owner&sslmode=require",
        "p@ss",
    )

    assert url == "postgresql+psycopg://shop_reader:p%40ss@db.example:5433/shop?sslmode=require"
