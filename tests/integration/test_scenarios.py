"""Scenarios: changed by admins alone, each change with its words before and after."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Audit
from services.database.prepare import prepare_database
from services.database.seed import LOCAL_PERSON_ID
from services.recipes.simulations.scenarios import Scenarios, ScenarioWords
from tests.conftest import SECRET_KEY

ADMIN = Actor(LOCAL_PERSON_ID, "Ada", Role.ADMIN)
OPERATOR = replace(ADMIN, role=Role.OPERATOR)
FIRST = "projection-level-1"
WORDS = ScenarioWords("Gentle", "a hint of a change", 0.3)


@pytest.fixture
def scenarios(database: Database) -> Scenarios:
    return Scenarios(database)


def audits(database: Database) -> list[Audit]:
    with database.transaction() as session:
        return list(session.scalars(select(Audit).order_by(Audit.id)))


def test_edit_raises_the_version_and_keeps_the_words_before(
    scenarios: Scenarios, database: Database
) -> None:
    before = scenarios.choices(OPERATOR)[0]
    scenarios.edit(ADMIN, FIRST, WORDS, " clearer ")
    after = scenarios.choices(OPERATOR)[0]
    assert (after.name, after.description, after.strength) == ("Gentle", "a hint of a change", 0.3)
    assert (before.version, after.version) == (1, 2)
    (audit,) = audits(database)
    assert (audit.action, audit.subject_id, audit.reason) == ("scenario.edit", FIRST, "clearer")
    assert audit.before == {
        "name": before.name,
        "description": before.description,
        "strength": before.strength,
    }
    assert audit.after == {"name": "Gentle", "description": "a hint of a change", "strength": 0.3}
    with pytest.raises(InvalidRequestError, match="Nothing is different"):
        scenarios.edit(ADMIN, FIRST, WORDS, "again")


def test_added_one_comes_last_and_archived_one_leaves_the_form(
    scenarios: Scenarios, database: Database
) -> None:
    added = scenarios.add(ADMIN, WORDS, "asked for")
    assert [view.id for view in scenarios.choices(OPERATOR)][-1] == added
    scenarios.archive(ADMIN, FIRST, "not used")
    assert FIRST not in {view.id for view in scenarios.choices(OPERATOR)}
    assert scenarios.everything(ADMIN)[0].is_archived
    with pytest.raises(InvalidRequestError, match="so already"):
        scenarios.archive(ADMIN, FIRST, "again")
    scenarios.restore(ADMIN, FIRST, "needed")
    assert FIRST in {view.id for view in scenarios.choices(OPERATOR)}
    assert [audit.action for audit in audits(database)] == [
        "scenario.add",
        "scenario.archive",
        "scenario.restore",
    ]


def test_edited_and_archived_ones_stay_so_when_the_database_is_prepared_again(
    scenarios: Scenarios, database: Database
) -> None:
    scenarios.edit(ADMIN, FIRST, WORDS, "clearer")
    scenarios.archive(ADMIN, FIRST, "not used")
    prepare_database(database.url, SECRET_KEY, 10_000)
    kept = scenarios.everything(ADMIN)[0]
    assert (kept.name, kept.is_archived) == ("Gentle", True)
    assert len(scenarios.everything(ADMIN)) == 3


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (replace(WORDS, name=" "), "Give the scenario a name"),
        (replace(WORDS, name="x" * 61), "longer than 60"),
        (replace(WORDS, description=""), "description is empty"),
        (replace(WORDS, description="x" * 301), "longer than 300"),
        (replace(WORDS, strength=0.01), "from 0.05 to 1"),
        (replace(WORDS, strength=1.5), "from 0.05 to 1"),
    ],
)
def test_words_that_cannot_be_kept_are_told(
    scenarios: Scenarios, words: ScenarioWords, problem: str
) -> None:
    with pytest.raises(InvalidRequestError, match=problem):
        scenarios.edit(ADMIN, FIRST, words, "why")


def test_changes_need_an_admin_a_reason_and_a_scenario(scenarios: Scenarios) -> None:
    with pytest.raises(NotAllowedError):
        scenarios.edit(OPERATOR, FIRST, WORDS, "why")
    with pytest.raises(NotAllowedError):
        scenarios.everything(OPERATOR)
    with pytest.raises(InvalidRequestError, match="Give a reason"):
        scenarios.edit(ADMIN, FIRST, WORDS, " ")
    with pytest.raises(NotFoundError):
        scenarios.edit(ADMIN, "nothing", WORDS, "why")
