"""Every named query answers, with rows and on an empty database, and returns no secret."""

import hashlib
import re

import pytest

from services.database.query_result import QueryResult
from services.database.read_only.reader import run_readonly
from services.sql.catalogue import CATALOGUE, named
from services.sql.query import Group, NamedQuery
from tests.integration.database.printed import STATEMENTS_SHA256
from tests.integration.database.server import Server, view_names
from tests.integration.sql.conftest import SampleDatabase
from tests.integration.sql.sample_rows import OPERATION, SECRET, STALLED

QUERIES = pytest.mark.parametrize("query", CATALOGUE, ids=lambda query: str(query.id))
SECRET_COLUMN = re.compile(
    "token|fingerprint|payload|output|logs|passw|secret|idempotency|email|request|options|^key$"
)
NO_SECRETS = {"payload_hash"}


def _run(place: SampleDatabase, query: NamedQuery, **given: str) -> QueryResult:
    given = {"generation": place.generation_id, "operation": OPERATION} | given
    return run_readonly(place.reader, query.statement, parameters=query.values(given))


def test_the_guides_statements_are_unchanged() -> None:
    stored = "\n\n".join(query.sql for query in CATALOGUE if query.group is Group.GUIDES)
    assert hashlib.sha256(stored.encode()).hexdigest() == STATEMENTS_SHA256


@QUERIES
def test_a_query_returns_rows_and_no_secret(query: NamedQuery, sample: SampleDatabase) -> None:
    result = _run(sample, query)
    assert result.rows and not result.is_truncated
    assert SECRET not in str(result)
    assert [name for name in result.columns if SECRET_COLUMN.search(name)] == []
    assert len(result.types) == len(result.columns)


@QUERIES
def test_the_statement_to_copy_returns_the_same_rows(
    query: NamedQuery, sample: SampleDatabase
) -> None:
    values = query.values({"generation": sample.generation_id, "operation": OPERATION})
    copied = run_readonly(sample.reader, query.shown(values))
    asked = run_readonly(sample.reader, query.statement, parameters=values)
    assert (copied.columns, copied.rows) == (asked.columns, asked.rows)


def test_every_query_answers_on_an_empty_database(readable_url: str) -> None:
    for query in CATALOGUE:
        result = run_readonly(readable_url, query.statement, parameters=query.values({}))
        allowed = {"account_ledger"} if result.rows else {query.id}
        assert query.id in allowed, result.rows


@QUERIES
def test_a_query_uses_each_of_its_parameters(query: NamedQuery) -> None:
    places = {int(number) for number in re.findall(r"\$([0-9]+)", query.statement)}
    assert places == set(range(1, len(query.parameters) + 1))
    assert query.question.endswith((".", "?"))


def test_ids_and_titles_are_unique() -> None:
    assert len({query.id for query in CATALOGUE}) == len(CATALOGUE)
    assert len({query.title for query in CATALOGUE}) == len(CATALOGUE)


def test_no_view_has_a_column_of_secrets(sample: SampleDatabase, server: Server) -> None:
    with server.connect(sample.owner) as owner:
        views = view_names(owner)
    for view in views:
        result = run_readonly(sample.reader, f"SELECT * FROM {view}")
        found = {name for name in result.columns if SECRET_COLUMN.search(name)}
        assert found <= NO_SECRETS, view
        assert SECRET not in str(result), view


def test_each_cause_of_a_stuck_run_is_distinguished(sample: SampleDatabase) -> None:
    rows = _run(sample, named("stalled")).rows
    assert sorted(str(row[0]) for row in rows) == sorted(STALLED)


def test_refunds_that_do_not_match_are_found_by_generation_and_by_slot(
    sample: SampleDatabase,
) -> None:
    missing = _run(sample, named("missing_refunds")).rows
    doubled = _run(sample, named("doubled_refunds")).rows
    uneven = _run(sample, named("refunds_that_do_not_match")).rows
    assert [row[0] for row in missing] == [row[0] for row in doubled] == [sample.generation_id]
    # One refund too few and one too many: in sum it is even, and by slot both are seen.
    assert [row[1:7] for row in uneven] == [("10", "40", "0", "0", "30", "mascots")]
    assert _run(sample, named("generation_credits")).rows[0][4:] == ("120", "60", "60", "0", "0")


def test_a_choice_and_an_account_narrow_the_rows(sample: SampleDatabase) -> None:
    gone = _run(sample, named("missing_pictures"), reason="gone").rows
    assert [row[1] for row in gone] == ["gone"]
    assert _run(sample, named("missing_refunds"), account="acc_busy").rows == []
    assert len(_run(sample, named("oldest_waiting"), kind="mascots").rows) == 0
