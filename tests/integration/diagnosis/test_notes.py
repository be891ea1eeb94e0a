"""Notes on a generation: added by operators, shown in order, never changed."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import Kind, Role, SlotRole, SlotState
from services.database.engine import Database
from services.database.seed import LOCAL_PERSON_ID
from services.diagnosis.notes import MAX_CHARACTERS, Notes
from tests.integration.database.rows import add_generation

OPERATOR = Actor(LOCAL_PERSON_ID, "Olga", Role.OPERATOR)
VIEWER = replace(OPERATOR, role=Role.VIEWER)


@pytest.fixture
def notes(database: Database) -> Notes:
    return Notes(database)


@pytest.fixture
def generation_id(database: Database) -> str:
    with database.transaction() as session:
        made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)])
    return made.generation.id


def test_notes_are_shown_oldest_first_with_who_wrote_them(notes: Notes, generation_id: str) -> None:
    notes.add(OPERATOR, generation_id, " Called\x00 her.\n", " https://tickets.example/7 ")
    notes.add(replace(OPERATOR, id="per_gone"), generation_id, "Handed over")
    first, second = notes.of(OPERATOR, generation_id)
    assert (first.text, first.link) == ("Called her.", "https://tickets.example/7")
    assert (first.person_name, second.person_name) == ("Local operator", "per_gone")
    assert second.link is None and first.at <= second.at


@pytest.mark.parametrize(
    ("words", "link"),
    [
        (" \x00 ", ""),
        ("x" * (MAX_CHARACTERS + 1), ""),
        ("a", "javascript:alert(1)"),
        ("a", "ftp://a.example/b"),
        ("a", "https://"),
        ("a", "http://["),
        ("a", "https://a.example/ b"),
        ("a", "https://a.example/" + "b" * 500),
    ],
)
def test_what_is_no_note_is_refused(
    notes: Notes, generation_id: str, words: str, link: str
) -> None:
    with pytest.raises(InvalidRequestError):
        notes.add(OPERATOR, generation_id, words, link)
    assert notes.of(OPERATOR, generation_id) == ()


def test_note_needs_a_batch_that_is_there(notes: Notes) -> None:
    with pytest.raises(NotFoundError):
        notes.add(OPERATOR, "gen_none", "a")
    assert notes.of(OPERATOR, "gen_none") == ()


def test_viewer_neither_reads_nor_writes(notes: Notes, generation_id: str) -> None:
    with pytest.raises(NotAllowedError):
        notes.add(VIEWER, generation_id, "a")
    with pytest.raises(NotAllowedError):
        notes.of(VIEWER, generation_id)


@pytest.mark.parametrize("change", ["UPDATE app.notes SET text = 'b'", "DELETE FROM app.notes"])
def test_note_cannot_be_changed(
    notes: Notes, database: Database, generation_id: str, change: str
) -> None:
    notes.add(OPERATOR, generation_id, "a")
    with pytest.raises(DBAPIError), database.transaction() as session:
        session.execute(text(change))
