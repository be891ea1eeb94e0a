"""Trigger words: the word that wakes a trained model, used by one model alone."""

import re
import secrets
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.database.models import Generation, TrainedModel

PATTERN = re.compile(r"[a-z][a-z0-9_]{3,29}")
SHAPE = (
    "4 to 30 small letters, digits and underscores, a letter first. A word that no language has"
    " is best: the model would mix another one with its usual meaning."
)
_NAME_CHARACTERS = 20
_NO_NAME = "model"
_TRIES = 20


def trigger_word_problem(word: str) -> str | None:
    """Why a word cannot be a trigger word, as a sentence."""
    if PATTERN.fullmatch(word):
        return None
    if not word:
        return "It is missing. Write a name, from which one is made, or a word of your own."
    return f"It needs {SHAPE}"


def word_from(name: str, digits: int) -> str:
    """The name in plain letters with digits behind it: `mira4821`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = re.sub(r"[^a-z0-9]", "", plain).lstrip("0123456789")[:_NAME_CHARACTERS]
    return f"{letters or _NO_NAME}{digits:04d}"


def free_word(session: Session, name: str) -> str:
    """A word made from the name that no trained model has."""
    words = [word_from(name, secrets.randbelow(10_000)) for _ in range(_TRIES)]
    taken = set(
        session.scalars(
            select(TrainedModel.trigger_word).where(TrainedModel.trigger_word.in_(words))
        )
    )
    free = (word for word in words if word not in taken)
    return next(free, word_from(name, secrets.randbelow(1_000_000_000)))


def is_taken(session: Session, word: str, account_id: str = "", idempotency_key: str = "") -> bool:
    """Whether a trained model has this word, other than what this very form has started."""
    row = session.execute(
        select(Generation.account_id, Generation.idempotency_key)
        .join(TrainedModel, TrainedModel.generation_id == Generation.id)
        .where(TrainedModel.trigger_word == word)
    ).first()
    return row is not None and tuple(row) != (account_id, idempotency_key)
