"""Every named query answers, on a filled desk and on an empty one, and shows no secret."""

import re

import pytest

from services.database.read_only.reader import QueryResult, run_readonly
from services.database.views import VIEWS
from services.sql.catalogue import CATALOGUE, named
from services.sql.query import NamedQuery, Source
from tests.integration.database.printed import (
    GENERATION_STATUS,
    MASCOTS_WITHOUT_PICTURES,
    RECENT_MASCOTS,
    REFUND_RECORDS,
)
from tests.integration.sql.conftest import Place
from tests.integration.sql.filled import OPERATION, SECRET, STALLED

QUERIES = pytest.mark.parametrize("query", CATALOGUE, ids=lambda query: str(query.id))
SECRETIVE = re.compile(
    "token|fingerprint|payload|output|logs|passw|secret|idempotency|email|request|options|^key$"
)
NO_SECRETS = {"payload_hash"}


def _ask(place: Place, query: NamedQuery, **given: str) -> QueryResult:
    given = {"generation": place.generation_id, "operation": OPERATION} | given
    return run_readonly(place.reader, query.statement, parameters=query.values(given))


def test_the_guides_statements_are_kept_to_the_letter() -> None:
    kept = [query.sql for query in CATALOGUE if query.source is Source.GUIDE]
    printed = (RECENT_MASCOTS, MASCOTS_WITHOUT_PICTURES, GENERATION_STATUS, REFUND_RECORDS)
    assert kept == [statement.strip("\n") for statement in printed]


@QUERIES
def test_a_query_shows_what_there_is_and_no_secret(query: NamedQuery, filled: Place) -> None:
    result = _ask(filled, query)
    assert result.rows and not result.is_truncated
    assert SECRET not in str(result)
    assert [name for name in result.columns if SECRETIVE.search(name)] == []
    assert len(result.types) == len(result.columns)


@QUERIES
def test_what_is_shown_to_copy_answers_the_same(query: NamedQuery, filled: Place) -> None:
    values = query.values({"generation": filled.generation_id, "operation": OPERATION})
    copied = run_readonly(filled.reader, query.shown(values))
    asked = run_readonly(filled.reader, query.statement, parameters=values)
    assert (copied.columns, copied.rows) == (asked.columns, asked.rows)


def test_every_query_answers_on_an_empty_desk(readable_url: str) -> None:
    for query in CATALOGUE:
        result = run_readonly(readable_url, query.statement, parameters=query.values({}))
        allowed = {"account_ledger"} if result.rows else {query.id}
        assert query.id in allowed, result.rows


@QUERIES
def test_a_query_uses_each_of_its_parameters(query: NamedQuery) -> None:
    places = {int(number) for number in re.findall(r"\$([0-9]+)", query.statement)}
    assert places == set(range(1, len(query.parameters) + 1))
    assert query.printed in query.sql and query.question.endswith((".", "?"))


def test_ids_and_titles_name_one_query_each() -> None:
    assert len({query.id for query in CATALOGUE}) == len(CATALOGUE)
    assert len({query.title for query in CATALOGUE}) == len(CATALOGUE)


def test_no_view_has_a_column_of_secrets(filled: Place) -> None:
    for view in VIEWS:
        result = run_readonly(filled.reader, f"SELECT * FROM {view.name}")
        found = {name for name in result.columns if SECRETIVE.search(name)}
        assert found <= NO_SECRETS, view.name
        assert SECRET not in str(result), view.name


def test_each_cause_of_a_stall_is_told_apart(filled: Place) -> None:
    rows = _ask(filled, named("stalled")).rows
    assert sorted(str(row[0]) for row in rows) == sorted(STALLED)


def test_refunds_that_do_not_match_are_found_by_generation_and_by_slot(filled: Place) -> None:
    missing = _ask(filled, named("missing_refunds")).rows
    doubled = _ask(filled, named("doubled_refunds")).rows
    uneven = _ask(filled, named("refunds_that_do_not_match")).rows
    assert [row[0] for row in missing] == [row[0] for row in doubled] == [filled.generation_id]
    # One refund too few and one too many: in sum it is even, and by slot both are seen.
    assert [row[1:7] for row in uneven] == [("10", "40", "0", "0", "30", "mascots")]
    assert _ask(filled, named("generation_credits")).rows[0][4:] == ("120", "60", "60", "0", "0")


def test_a_choice_and_an_account_narrow_the_rows(filled: Place) -> None:
    gone = _ask(filled, named("missing_pictures"), reason="gone").rows
    assert [row[1] for row in gone] == ["gone"]
    assert _ask(filled, named("missing_refunds"), account="acc_busy").rows == []
    assert len(_ask(filled, named("oldest_waiting"), kind="mascots").rows) == 0
