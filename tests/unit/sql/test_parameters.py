"""What a named query takes for a value, and how the value stands in the statement to copy."""

import pytest

from services.core.errors import InvalidRequestError, NotFoundError
from services.sql.catalogue import CATALOGUE, named
from services.sql.query import Choice, Identifier, Number

DAYS = Number("days", "Days back", 1, 90, "7")
KIND = Choice("kind", "Kind", ("any", "poses"))
ACCOUNT = Identifier("account", "Account", is_optional=True)
HOSTILE = (
    "1; drop table app.runs",
    "' OR '1'='1",
    "7'--",
    "$1",
    "\\",
    "\0",
    "\udcff",
    "7\n; select 1",
    "x" * 30_000,
    "<script>",
    "1.5",
    "٣",
    "-1",
)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("parameter", [DAYS, KIND, ACCOUNT], ids=lambda one: one.name)
def test_a_hostile_value_is_refused_in_a_sentence(
    parameter: Number | Choice | Identifier, value: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parameter.cleaned(value)
    assert parameter.label in caught.value.sentence
    assert value not in caught.value.sentence or len(value) < 3


@pytest.mark.parametrize("value", ["0", "91", "", " ", "7.0"])
def test_a_number_outside_its_limits_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="from 1 to 90"):
        DAYS.cleaned(value)


def test_values_are_trimmed_and_missing_ones_have_their_default() -> None:
    assert named("missing_pictures").values({"days": " 007 "}) == ("7", "any")
    assert named("missing_refunds").values({}) == ("",)
    assert named("generation_status").values({}) == ("gen_xyz",)


def test_the_statement_to_copy_has_the_values_in_it() -> None:
    query = named("failures")
    shown = query.shown(query.values({"days": "30", "kind": "poses"}))
    assert "make_interval(days => 30)" in shown and "kind = 'poses'" in shown
    assert "$" not in shown


def test_a_guides_statement_without_another_id_is_shown_as_printed() -> None:
    query = named("refund_records")
    assert query.shown(query.values({})) == query.sql


def test_an_unknown_query_is_told() -> None:
    with pytest.raises(NotFoundError):
        named("drop_everything")
    assert len(CATALOGUE) >= 20
