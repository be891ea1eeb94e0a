"""Notes on a generation: a message, a ticket's link, a hand-over. Append-only."""

from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.core.text import clean
from services.database.engine import Database
from services.database.models import Generation, Note, Person
from services.diagnosis.detail import NoteDetail
from services.people.visibility import visible_generations

MAX_CHARACTERS = 2_000
MAX_LINK_CHARACTERS = 500
MAX_SHOWN = 100


class Notes:
    """Stores and reads notes. They need no audit: nobody can change or remove one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, generation_id: str, text: str, link: str = "") -> None:
        """Store a note; raises InvalidRequestError and NotFoundError."""
        require(actor, Role.OPERATOR)
        note = Note(
            generation_id=generation_id,
            person_id=actor.id,
            text=_text_of(text),
            link=_link_of(link),
        )
        with self._database.transaction() as session:
            _require_visible(session, actor, generation_id)
            session.add(note)

    def of(self, actor: Actor, generation_id: str) -> tuple[NoteDetail, ...]:
        """Read the newest notes of a generation, oldest first; none for an unknown one."""
        require(actor, Role.OPERATOR)
        query = (
            select(Note, func.coalesce(Person.name, Note.person_id))
            .join(Generation, Generation.id == Note.generation_id)
            .outerjoin(Person, Person.id == Note.person_id)
            .where(Note.generation_id == generation_id, *visible_generations(actor))
            .order_by(Note.id.desc())
            .limit(MAX_SHOWN)
        )
        with self._database.transaction() as session:
            rows = session.execute(query).all()
        return tuple(NoteDetail(note.at, name, note.text, note.link) for note, name in rows[::-1])


def _require_visible(session: Session, actor: Actor, generation_id: str) -> None:
    known = select(Generation.id).where(Generation.id == generation_id, *visible_generations(actor))
    if session.scalar(known) is None:
        raise NotFoundError(what="batch", id=generation_id)


def _text_of(text: str) -> str:
    cleaned = clean(text).strip()
    if not cleaned:
        raise InvalidRequestError(problem="Write something: the note is empty.")
    if len(cleaned) > MAX_CHARACTERS:
        raise InvalidRequestError(
            problem=f"The note is longer than {MAX_CHARACTERS:,} characters. Shorten it."
        )
    return cleaned


def _link_of(link: str) -> str | None:
    cleaned = clean(link).strip()
    if not cleaned:
        return None
    try:
        parts = urlsplit(cleaned)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or len(cleaned) > MAX_LINK_CHARACTERS or any(map(str.isspace, cleaned)):
        raise InvalidRequestError(
            problem="The link must be a web address that begins with http:// or https://."
        )
    return cleaned
