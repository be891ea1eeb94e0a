"""The SQL page: who sees what of it, links to answers, words of people, and the reader that is off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import Role
from services.database.prepare import prepare_database
from services.database.read_only.reader import ROW_LIMIT
from services.database.read_only.role import ReaderState
from services.sql.catalogue import named
from tests.conftest import SECRET_KEY, STARTING_CREDITS, copied_database
from tests.integration.database.server import Server
from tests.pages.conftest import Open, built_services, said, settings_for, spied
from tests.pages.planting import set_role
from tests.pages.seed import SEEDED

WORDS = "<b>*bold*</b> =cmd()"
TYPED = f"""
SELECT 'gen_01a' AS generation_id, 3::int8 AS runs, 2.5::numeric AS usd,
    timestamptz '2026-11-28 10:00:00.5+00' AS at, '{WORDS}' AS at, {2**62}::int8 AS seed
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL FROM generate_series(1, {ROW_LIMIT})
"""


@pytest.fixture(scope="module")
def readable_url(postgres_url: str, seeded_home: Path) -> Iterator[str]:
    """A copy of the seeded studio whose reader may sign in, for tests that only read."""
    with copied_database(postgres_url, SEEDED) as url:
        state = prepare_database(url, SECRET_KEY, STARTING_CREDITS)
        assert state.is_on, state.reason
        yield url
        Server(postgres_url).drop_role(url, state.role)


@pytest.fixture
def readable(
    readable_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """The services on that database, for an admin."""
    with built_services(settings_for(readable_url, redis_url, tmp_path), monkeypatch) as built:
        yield built
        set_role(built, Role.ADMIN)


@pytest.fixture
def asked(readable: Services, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The arguments of each question that was run."""
    return spied(monkeypatch, readable.sql_views, "run")


def test_a_viewer_is_refused_even_by_deep_link(
    asked: list[tuple[Any, ...]], readable: Services, opened: Open
) -> None:
    set_role(readable, Role.VIEWER)
    at = opened("sql", query="stalled")
    assert "Your role" in at.error[0].value
    assert not at.title and not asked


def test_an_operator_has_questions_and_no_free_sql(readable: Services, opened: Open) -> None:
    set_role(readable, Role.OPERATOR)
    at = _free(opened)
    assert not at.exception and not at.error
    assert not at.text_area and "sql_edit" not in {button.key for button in at.button}
    assert at.selectbox(key="sql_question_Guides").value == "recent_mascots"


def test_a_link_runs_its_question_at_once_and_only_once(
    asked: list[tuple[Any, ...]], opened: Open
) -> None:
    at = opened("sql", query="failures", days="30", kind="poses")
    at.run()
    assert [call[1:3] for call in asked] == [("failures", {"days": "30", "kind": "poses"})]
    assert at.number_input(key="sql_failures_days").value == 30
    at.button(key="sql_run").click().run()
    assert len(asked) == 2
    at.number_input(key="sql_failures_days").set_value(9).run()
    assert asked[-1][1:3] == ("failures", {"days": "9", "kind": "poses"})
    assert at.query_params["days"] == "9"
    assert "query=failures&days=9" in said(at)
    assert "days => 9" in at.code[0].value


@pytest.mark.parametrize("name", ["generation_status", "missing_refunds", "missing_pictures"])
def test_a_question_opens_by_its_link(
    asked: list[tuple[Any, ...]], opened: Open, name: str
) -> None:
    at = opened("sql", query=name)
    assert not at.exception and not at.error
    assert [call[1] for call in asked] == [name]
    assert at.code[0].value == named(name).shown(named(name).values({}))


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ({"query": "failures", "days": "9999", "kind": "'; drop"}, ("failures", "7", "any")),
        ({"query": "<b>x</b>", "days": "3"}, ("recent_mascots",)),
    ],
)
def test_a_hostile_address_runs_with_the_defaults(
    asked: list[tuple[Any, ...]], opened: Open, address: dict[str, str], values: tuple[str, ...]
) -> None:
    at = opened("sql", **address)
    assert not at.exception and not at.error
    assert [(name, *given.values()) for _, name, given, _ in asked] == [values]
    assert "<b>" not in said(at)


def test_an_invalid_value_is_explained(asked: list[tuple[Any, ...]], opened: Open) -> None:
    at = opened("sql", query="timeline")
    at.text_input(key="sql_timeline_generation").set_value("x' or 1=1").run()
    assert "an id has letters" in at.error[0].value
    assert asked[1:] == [] and not at.dataframe


def test_rows_are_typed_and_ids_lead_to_their_diagnosis(readable: Services, opened: Open) -> None:
    at = _run(_free(opened), TYPED)
    table = _table(at)
    assert list(table.columns) == ["generation_id", "runs", "usd", "at", "at (2)", "seed"]
    first = table.iloc[0]
    assert first["generation_id"] == "diagnose?id=gen_01a"
    assert (first["runs"], first["usd"], first["at"].hour) == (3, 2.5, 10)
    assert (first["at (2)"], first["seed"]) == (WORDS, str(2**62))
    assert table.iloc[1].isna().all()
    assert "Truncated: more rows" in said(at)


def test_no_rows_are_explained(readable: Services, opened: Open) -> None:
    at = _run(_free(opened), "select 1 where false")
    assert "No rows" in said(at) and len(at.dataframe) == 1
    assert not at.get("download_button")


def test_free_sql_runs_and_is_listed_in_this_session(
    readable: Services, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = spied(monkeypatch, readable.sql_views, "run_free")
    at = opened("sql", query="stalled")
    at.button(key="sql_edit").click().run()
    assert "LATERAL (VALUES" in (at.text_area(key="sql_text").value or "")
    statements = ["select 1\nfrom runs limit 2", "select 2"]
    for statement in statements:
        _run(at, statement)
    assert not at.exception and list(_table(at).columns) == ["?column?"]
    at.button(key="sql_recent_1").click().run()
    assert at.text_area(key="sql_text").value == statements[0]
    assert [call[1] for call in ran] == statements
    assert "select" not in str(at.query_params)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("drop table x", "only SELECT, WITH, VALUES and TABLE may run here"),
        ("select email from app.people", "permission denied"),
    ],
)
def test_a_refused_statement_says_why_and_shows_no_older_rows(
    readable: Services, opened: Open, statement: str, reason: str
) -> None:
    at = _run(_free(opened), "select 1")
    assert len(at.dataframe) == 2
    _run(at, statement)
    assert reason in at.error[0].value.replace("\\", "")
    assert [list(frame.value.columns) for frame in at.dataframe] == [["Column", "Type"]]
    assert at.selectbox(key="sql_browsed").options[0] == "accounts"


def test_a_reader_that_is_off_says_why_and_what_to_execute(
    asked: list[tuple[Any, ...]],
    readable: Services,
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    off = ReaderState(False, "r", "It may do more.", ("REVOKE ALL ON SCHEMA app FROM r",))
    monkeypatch.setattr(readable.sql_views, "state", lambda actor: off)
    at = opened("sql", query="stalled")
    assert "SQL is off" in at.warning[0].value and "It may do more" in at.warning[0].value
    assert at.code[0].value == "REVOKE ALL ON SCHEMA app FROM r;"
    assert not asked and "sql_run" not in {button.key for button in at.button}


def test_the_page_is_off_without_its_role(fresh_services: Services, opened: Open) -> None:
    at = opened("sql")
    assert not at.exception and not at.error
    assert "./run migrate" in at.warning[0].value.replace("\\", "")


def test_a_question_is_answered_with_the_studios_rows(readable: Services, opened: Open) -> None:
    at = opened("sql", query="account_ledger", days="90")
    assert not at.exception and not at.error
    assert "Starting credits" in list(_table(at)["reason"])


def _free(opened: Open) -> AppTest:
    """The page with free SQL chosen."""
    at = opened("sql")
    at.session_state["sql_view"] = "Free SQL"
    return at.run()


def _run(at: AppTest, statement: str) -> AppTest:
    at.text_area(key="sql_text").set_value(statement)
    return at.button(key="sql_free_run").click().run()


def _table(at: AppTest) -> Any:
    """The result; beside free SQL the other table lists a view's columns."""
    return next(it.value for it in at.dataframe if list(it.value.columns) != ["Column", "Type"])
