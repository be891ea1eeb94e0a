"""Who may run what, what is logged and audited, and the message when the reader is off."""

import logging
from functools import partial

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, select

from services.core.errors import (
    DatabaseUnavailableError,
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    QueryRefusedError,
)
from services.core.settings_loader import load_settings
from services.database.engine import Database
from services.database.models import Audit
from services.database.read_only.reader import reader_address, run_readonly
from services.sql import sql_views as sql_views_module
from services.sql.catalogue import CATALOGUE
from services.sql.sql_views import FREE_SQL, SqlViews
from tests.conftest import SECRET_KEY
from tests.integration.database.server import Server, view_names
from tests.integration.sql.conftest import ADMIN, OPERATOR, VIEWER
from tests.waiting import eventually


@pytest.fixture
def sql_views(database: Database, readable_url: str) -> SqlViews:
    return SqlViews(database, readable_url)


def _audited(database: Database) -> list[Audit]:
    with database.transaction() as session:
        return list(session.scalars(select(Audit).where(Audit.action == FREE_SQL)))


def test_a_viewer_may_read_nothing(sql_views: SqlViews) -> None:
    for call in (
        lambda: sql_views.catalogue(VIEWER),
        lambda: sql_views.state(VIEWER),
        lambda: sql_views.views(VIEWER),
        lambda: sql_views.run(VIEWER, "stalled", {}),
        lambda: sql_views.run_free(VIEWER, "select 1"),
    ):
        with pytest.raises(NotAllowedError):
            call()


def test_an_operator_runs_named_queries_and_no_free_sql(
    sql_views: SqlViews, database: Database
) -> None:
    assert sql_views.catalogue(OPERATOR) == CATALOGUE
    assert sql_views.run(OPERATOR, "account_ledger", {"days": "90"}).rows[0][1:3] == (
        *("grant", "10000"),
    )
    with pytest.raises(NotAllowedError):
        sql_views.run_free(OPERATOR, "select 1")
    assert _audited(database) == []


def test_free_sql_is_audited_even_when_it_is_refused(
    sql_views: SqlViews, database: Database
) -> None:
    assert sql_views.run_free(ADMIN, "select 1 as one").rows == [("1",)]
    with pytest.raises(QueryRefusedError):
        sql_views.run_free(ADMIN, "drop table app.runs")
    for unsendable in ("", "select '\0'"):
        with pytest.raises(QueryRefusedError):
            sql_views.run_free(ADMIN, unsendable)

    rows = _audited(database)
    assert [(row.actor, row.after) for row in rows] == [
        (ADMIN.id, {"statement": "select 1 as one"}),
        (ADMIN.id, {"statement": "drop table app.runs"}),
    ]


def test_the_log_has_who_ran_what_and_no_results(
    sql_views: SqlViews, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="atelier.sql"):
        sql_views.run(OPERATOR, "account_ledger", {"days": "30"})
        sql_views.run_free(ADMIN, "select 'shown-' || 'result'\nfrom accounts")

    said = caplog.text
    assert "actor=per_operator query=account_ledger values=['acc_studio', '30']" in said
    assert "'shown-' || 'result'\\nfrom accounts" in said
    assert "shown-result" not in said and "Starting credits" not in said


@pytest.mark.parametrize(
    ("query", "given", "refusal"),
    [
        ("nowhere", {}, NotFoundError),
        ("failures", {"days": "0"}, InvalidRequestError),
        ("failures", {"kind": "'; drop"}, InvalidRequestError),
        ("timeline", {"generation": ""}, InvalidRequestError),
    ],
)
def test_a_wrong_query_or_parameter_is_refused(
    sql_views: SqlViews, query: str, given: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        sql_views.run(OPERATOR, query, given)


@pytest.mark.parametrize("most", [1, 2000])
def test_nobody_gets_more_rows_than_the_limit(sql_views: SqlViews, most: int) -> None:
    result = sql_views.run_free(ADMIN, "select generate_series(1, 1200)", most)
    assert len(result.rows) == min(most, 1000) and result.is_truncated


def test_free_sql_waits_for_a_statement_that_outlives_its_time(
    sql_views: SqlViews, monkeypatch: pytest.MonkeyPatch, owner: psycopg.Connection
) -> None:
    # PostgreSQL checks no interrupt inside this function, so that it runs on for some seconds.
    deaf = "select translate(repeat('a', 300000), repeat('b', 1000), '')"
    monkeypatch.setattr(
        sql_views_module, "run_readonly", partial(run_readonly, time_limit_seconds=0.2)
    )
    with pytest.raises(QueryRefusedError, match="did not answer in time"):
        sql_views.run_free(ADMIN, deaf)
    with pytest.raises(QueryRefusedError, match="still runs in PostgreSQL"):
        sql_views.run_free(ADMIN, "select 1")
    assert sql_views.run(OPERATOR, "account_ledger", {}).rows

    def is_over() -> bool:
        role = make_url(sql_views._address or "").username
        left = owner.execute("SELECT 1 FROM pg_stat_activity WHERE usename = %s", [role])
        return left.fetchone() is None

    eventually(is_over, 30.0)
    assert sql_views.run_free(ADMIN, "select 1 as one").rows == [("1",)]


def test_csv_has_the_rows_and_no_formulas(sql_views: SqlViews) -> None:
    result = sql_views.run_free(ADMIN, "select '=1+1' as a, -5 as b, null as c")
    assert sql_views.csv(OPERATOR, result) == "a,b,c\r\n'=1+1,-5,\r\n"
    with pytest.raises(NotAllowedError):
        sql_views.csv(VIEWER, result)


def test_every_view_is_listed_with_its_question_and_columns(
    sql_views: SqlViews, owner: psycopg.Connection
) -> None:
    cards = {card.name: card for card in sql_views.views(OPERATOR)}
    assert cards.keys() == view_names(owner)
    assert all(card.question.endswith("?") and card.columns for card in cards.values())
    assert ("fullBodyImageUrl", "text") in cards["mascots"].columns


def test_the_reader_is_on_after_the_preparation(sql_views: SqlViews, readable_url: str) -> None:
    state = sql_views.state(OPERATOR)
    assert (state.is_on, state.role) == (True, make_url(readable_url).username)


def test_a_missing_role_is_reported_with_the_fix(database: Database) -> None:
    address = f"postgresql+psycopg://nobody_here:x@localhost/{make_url(database.url).database}"
    views = SqlViews(database, address)
    assert "./run migrate" in views.state(OPERATOR).reason
    with pytest.raises(QueryRefusedError, match="the SQL reader is off"):
        views.run(OPERATOR, "stalled", {})


def test_a_role_that_can_do_more_is_off_with_the_statements_to_run(
    database: Database, readable_url: str, owner: psycopg.Connection
) -> None:
    role = sql.Identifier(make_url(readable_url).username or "")
    owner.execute(sql.SQL("GRANT USAGE ON SCHEMA app TO {}").format(role))
    views = SqlViews(database, readable_url)

    state = views.state(OPERATOR)

    assert not state.is_on and "could still do more" in state.reason
    assert any("REVOKE ALL ON SCHEMA app" in statement for statement in state.statements)
    with pytest.raises(QueryRefusedError):
        views.run_free(ADMIN, "select 1")
    assert _audited(database) == []


def test_a_wrong_password_is_reported_without_the_secret(
    database: Database, readable_url: str
) -> None:
    wrong = make_url(readable_url).set(password="another-password")
    state = SqlViews(database, wrong.render_as_string(hide_password=False)).state(OPERATOR)
    assert not state.is_on and "SECRET_KEY" in state.reason
    assert "another-password" not in str(state)


def test_without_an_address_it_is_off(database: Database) -> None:
    assert "SECRET_KEY" in SqlViews(database, None).state(ADMIN).reason


def test_a_dead_database_raises_instead_of_reporting_off(tmp_path: object) -> None:
    nowhere = Database(f"postgresql+psycopg://a:b@/x?host={tmp_path}")
    with pytest.raises(DatabaseUnavailableError):
        SqlViews(nowhere, nowhere.url).state(OPERATOR)
    nowhere.close()


def test_the_address_is_derived_or_set(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", server.url)
    assert reader_address(load_settings(None)) is None
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    ours = make_url(reader_address(load_settings(None)) or "")
    assert (ours.username or "").endswith("_reader")
    monkeypatch.setenv("DATABASE_READONLY_URL", "postgresql://looker:x@elsewhere/shop")
    assert make_url(reader_address(load_settings(None)) or "").username == "looker"
