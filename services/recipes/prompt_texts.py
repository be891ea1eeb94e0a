"""The words that prompts are made with: each recipe's defaults, and what admins wrote instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.audit.changes import lock_name, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.core.text import clean
from services.database.engine import Database
from services.database.models import StoredPromptText

Words = Mapping[str, str]
"""Texts by their ids."""
MAX_CHARACTERS = 2000


@dataclass(frozen=True)
class PromptText:
    """A text with its default; `needs`: fields in braces that it must contain."""

    id: str
    """Stored in the database and the audit trail: never rename it."""
    label: str
    default: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class PromptTextSummary:
    """A text as it is used now; `changed_at` is None for a default."""

    id: str
    label: str
    text: str
    changed_at: datetime | None


def words_of(session: Session, texts: Iterable[PromptText]) -> dict[str, str]:
    """Return these texts as they are used now: one statement."""
    defaults = {text.id: text.default for text in texts}
    stored = session.execute(
        select(StoredPromptText.id, StoredPromptText.text).where(StoredPromptText.id.in_(defaults))
    )
    return defaults | {text_id: text for text_id, text in stored}


class PromptTexts:
    """Lists and changes the texts of all recipes; a change counts from the next start on."""

    def __init__(self, database: Database, texts: Iterable[PromptText]) -> None:
        self._database = database
        self._texts = {text.id: text for text in texts}

    def all(self, actor: Actor) -> tuple[PromptTextSummary, ...]:
        """Return every text, in the order of the recipes."""
        require(actor, Role.ADMIN)
        with self._database.transaction() as session:
            rows = {row.id: row for row in session.scalars(select(StoredPromptText))}
        return tuple(
            PromptTextSummary(
                text.id,
                text.label,
                rows[text.id].text if text.id in rows else text.default,
                rows[text.id].updated_at if text.id in rows else None,
            )
            for text in self._texts.values()
        )

    def change(self, actor: Actor, text_id: str, text: str, reason: str) -> None:
        """Use this text from now on, the default for an empty one.

        Raises NotFoundError, and InvalidRequestError for one that is too long or lacks a field.
        """
        require(actor, Role.ADMIN)
        reason = reason_of(reason)
        known = self._texts.get(text_id)
        if known is None:
            raise NotFoundError(what="prompt text", id=text_id)
        wanted = clean(text).strip() or known.default
        _check(known, wanted)
        with self._database.transaction() as session:
            lock_name(session, f"prompt_text:{text_id}")
            before = words_of(session, [known])[text_id]
            if wanted == before:
                raise InvalidRequestError(problem="Nothing changed: this is the text in use.")
            session.merge(
                StoredPromptText(id=text_id, text=wanted, updated_at=func.clock_timestamp())
            )
            record_change(
                session,
                actor,
                "prompt_text.change",
                text_id,
                reason,
                before={"text": before},
                after={"text": wanted},
            )


def _check(known: PromptText, text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        problem = f"The text is longer than {MAX_CHARACTERS:,} characters. Shorten it."
        raise InvalidRequestError(problem=problem)
    missing = [field for field in known.needs if field not in text]
    if missing:
        raise InvalidRequestError(
            problem=f"The text must contain {' and '.join(missing)}: it is replaced at each start."
        )
