"""The SQL page: who sees what of it, links to answers, words of people, and the reader that is off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from pages.kit import backend
from services.container import Services, build_services
from services.core.actors import Actor, require
from services.core.errors import QueryRefusedError
from services.core.settings import Settings
from services.core.states import Role
from services.database.query_result import QueryResult
from services.database.read_only.role import ReaderState
from services.sql.catalogue import CATALOGUE, named
from services.sql.query import NamedQuery
from services.sql.sql_views import ViewCard
from tests.integration.database.conftest import readable_url, server
from tests.pages.conftest import Open, said
from tests.pages.fakes import FakeServices

__all__ = ["readable_url", "server"]

WORDS = "<b>*bold*</b> =cmd()"
ROWS: list[tuple[str | None, ...]] = [
    ("gen_01a", "3", "2.5", "2026-11-28 10:00:00.5+00", WORDS, str(2**62)),
    (None, None, None, None, None, None),
]
COLUMNS = ("generation_id", "runs", "usd", "at", "at", "seed")
TYPES = ("text", "int8", "numeric", "timestamptz", "text", "int8")


@dataclass
class FakeSqlViews:
    """Answers every question alike, and remembers what was asked."""

    reader: ReaderState = field(default_factory=lambda: ReaderState(True, "desk_reader"))
    answer: QueryResult = field(
        default_factory=lambda: QueryResult(COLUMNS, list(ROWS), True, 0.03, TYPES)
    )
    refusal: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    free: list[str] = field(default_factory=list)

    def catalogue(self, actor: Actor) -> tuple[NamedQuery, ...]:
        require(actor, Role.OPERATOR)
        return CATALOGUE

    def state(self, actor: Actor) -> ReaderState:
        require(actor, Role.OPERATOR)
        return self.reader

    def run(self, actor: Actor, query_id: str, parameters: Mapping[str, str]) -> QueryResult:
        require(actor, Role.OPERATOR)
        named(query_id).values(parameters)
        self.asked.append((query_id, dict(parameters)))
        return self._answered()

    def run_free(self, actor: Actor, statement: str) -> QueryResult:
        require(actor, Role.ADMIN)
        self.free.append(statement)
        return self._answered()

    def views(self, actor: Actor) -> tuple[ViewCard, ...]:
        require(actor, Role.OPERATOR)
        return (ViewCard("runs", "Which work waits?", (("id", "text"), ("due_at", "timestamptz"))),)

    def csv(self, actor: Actor, result: QueryResult) -> str:
        require(actor, Role.OPERATOR)
        return "csv"

    def _answered(self) -> QueryResult:
        if self.refusal:
            raise QueryRefusedError(reason=self.refusal)
        return self.answer


@pytest.fixture
def sql(services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> FakeSqlViews:
    made_up = FakeSqlViews()
    monkeypatch.setattr(services, "sql_views", made_up, raising=False)
    return made_up


def _table(at: Any) -> Any:
    return at.dataframe[0].value


def test_a_viewer_is_refused_even_by_deep_link(
    sql: FakeSqlViews, services: FakeServices, opened: Open
) -> None:
    services.people.role = Role.VIEWER
    at = opened("sql", query="stalled")
    assert "Your role" in at.error[0].value
    assert not at.title and not sql.asked


def test_an_operator_has_questions_and_no_free_sql(
    sql: FakeSqlViews, services: FakeServices, opened: Open
) -> None:
    services.people.role = Role.OPERATOR
    at = opened("sql")
    at.session_state["sql_view"] = "Free SQL"
    at.run()
    assert not at.exception and not at.error
    assert not at.text_area and "sql_edit" not in {button.key for button in at.button}
    assert at.selectbox(key="sql_question_Guides").value == "recent_mascots"


def test_a_link_asks_its_question_at_once_and_only_once(sql: FakeSqlViews, opened: Open) -> None:
    at = opened("sql", query="failures", days="30", kind="poses")
    at.run()
    assert sql.asked == [("failures", {"days": "30", "kind": "poses"})]
    assert at.number_input(key="sql_failures_days").value == 30
    at.button(key="sql_run").click().run()
    assert len(sql.asked) == 2
    at.number_input(key="sql_failures_days").set_value(9).run()
    assert sql.asked[-1] == ("failures", {"days": "9", "kind": "poses"})
    assert at.query_params["days"] == "9"
    assert "query=failures&days=9" in said(at)
    assert "days => 9" in at.code[0].value


@pytest.mark.parametrize(
    "query",
    [named(name) for name in ("generation_status", "missing_refunds", "missing_pictures")],
    ids=lambda query: str(query.id),
)
def test_a_question_opens_by_its_link(sql: FakeSqlViews, opened: Open, query: NamedQuery) -> None:
    at = opened("sql", query=query.id)
    assert not at.exception and not at.error
    assert [asked for asked, _ in sql.asked] == [query.id]
    assert at.code[0].value == query.shown(query.values({}))


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ({"query": "failures", "days": "9999", "kind": "'; drop"}, ("failures", "7", "any")),
        ({"query": "<b>x</b>", "days": "3"}, ("recent_mascots",)),
    ],
)
def test_a_hostile_address_asks_with_the_defaults(
    sql: FakeSqlViews, opened: Open, address: dict[str, str], asked: tuple[str, ...]
) -> None:
    at = opened("sql", **address)
    assert not at.exception and not at.error
    assert [(name, *given.values()) for name, given in sql.asked] == [asked]
    assert "<b>" not in said(at)


def test_an_invalid_value_is_explained(sql: FakeSqlViews, opened: Open) -> None:
    at = opened("sql", query="timeline")
    at.text_input(key="sql_timeline_generation").set_value("x' or 1=1").run()
    assert "an id has letters" in at.error[0].value
    assert sql.asked[1:] == [] and not at.dataframe


def test_rows_are_typed_and_ids_lead_to_their_diagnosis(sql: FakeSqlViews, opened: Open) -> None:
    at = opened("sql")
    table = _table(at)
    assert list(table.columns) == ["generation_id", "runs", "usd", "at", "at (2)", "seed"]
    first = table.iloc[0]
    assert first["generation_id"] == "diagnose?id=gen_01a"
    assert (first["runs"], first["usd"], first["at"].hour) == (3, 2.5, 10)
    assert (first["at (2)"], first["seed"]) == (WORDS, str(2**62))
    assert table.iloc[1].isna().all()
    assert "Truncated: more rows" in said(at)


def test_no_rows_are_explained(sql: FakeSqlViews, opened: Open) -> None:
    sql.answer = QueryResult(COLUMNS, [], False, 0.01, TYPES)
    at = opened("sql")
    assert "No rows" in said(at) and not at.dataframe
    assert not at.get("download_button")


def test_free_sql_runs_and_is_remembered_in_this_visit(sql: FakeSqlViews, opened: Open) -> None:
    at = opened("sql", query="stalled")
    at.button(key="sql_edit").click().run()
    assert "LATERAL (VALUES" in (at.text_area(key="sql_text").value or "")
    at.text_area(key="sql_text").set_value("select *\nfrom runs")
    at.button(key="sql_free_run").click().run()
    at.text_area(key="sql_text").set_value("select 2")
    at.button(key="sql_free_run").click().run()
    assert sql.free == ["select *\nfrom runs", "select 2"]
    assert len(_table(at)) == 2 and not at.exception
    at.button(key="sql_recent_1").click().run()
    assert at.text_area(key="sql_text").value == "select *\nfrom runs"
    assert sql.free == ["select *\nfrom runs", "select 2"]
    assert "select" not in str(at.query_params)


def test_a_refused_statement_says_why_and_shows_no_older_rows(
    sql: FakeSqlViews, opened: Open
) -> None:
    at = opened("sql")
    at.session_state["sql_view"] = "Free SQL"
    at.run()
    at.text_area(key="sql_text").set_value("select 1")
    at.button(key="sql_free_run").click().run()
    sql.refusal = "only SELECT may run here; nothing was changed."
    at.text_area(key="sql_text").set_value("drop table x")
    at.button(key="sql_free_run").click().run()
    assert "only SELECT may run here" in at.error[0].value.replace("\\", "")
    assert [list(frame.value.columns) for frame in at.dataframe] == [["Column", "Type"]]


def test_a_reader_that_is_off_says_why_and_what_to_execute(sql: FakeSqlViews, opened: Open) -> None:
    sql.reader = ReaderState(False, "r", "It may do more.", ("REVOKE ALL ON SCHEMA app FROM r",))
    at = opened("sql", query="stalled")
    assert "SQL is off" in at.warning[0].value and "It may do more" in at.warning[0].value
    assert at.code[0].value == "REVOKE ALL ON SCHEMA app FROM r;"
    assert not sql.asked and "sql_run" not in {button.key for button in at.button}


def test_the_real_page_is_off_without_its_role(real_services: Services, opened: Open) -> None:
    at = opened("sql")
    assert not at.exception and not at.error
    assert "./run migrate" in at.warning[0].value.replace("\\", "")


@pytest.fixture
def readable_services(
    readable_url: str, real_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """The real services on a database whose reader may sign in."""
    built = build_services(real_settings)
    monkeypatch.setattr(backend, "load_settings", lambda: real_settings)
    monkeypatch.setattr(backend, "build_services", lambda settings: built)
    yield built
    built.database.close()


def test_the_real_page_answers(readable_services: Services, opened: Open) -> None:
    at = opened("sql", query="account_ledger", days="90")
    assert not at.exception and not at.error
    assert list(_table(at)["reason"]) == ["Starting credits"]
    at.session_state["sql_view"] = "Free SQL"
    at.run()
    at.text_area(key="sql_text").set_value("select email from app.people")
    at.button(key="sql_free_run").click().run()
    assert "permission denied" in at.error[0].value
    assert at.selectbox(key="sql_browsed").options[0] == "accounts"
