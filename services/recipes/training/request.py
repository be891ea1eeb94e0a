"""What people ask for on the training page, and what in it cannot be sent.

Looks at words and numbers alone; `training_set` looks at the pictures.
"""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.text import clean
from services.database.models import Generation, TrainedModel
from services.providers.base import ModelCapabilities

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


SUBJECT_TYPES = ("person", "character", "product", "style")
GENDERS = ("woman", "man", "non-binary")
MAX_NAME_CHARACTERS = 80
# The guide's values. It also names num_repeats, which the trainer does not have.
DEFAULTS: Mapping[str, Any] = {
    "steps": 1000,
    "lora_rank": 16,
    "optimizer": "adamw8bit",
    "batch_size": 1,
    "resolution": "512,768,1024",
    "autocaption": True,
    "learning_rate": 0.0004,
}
NO_REPEATS = "The trainer has no num_repeats: it takes each picture as often as the steps allow."
STEPS = range(100, 4001)
LORA_RANKS = range(1, 129)
MAX_LEARNING_RATE = 0.01


@dataclass(frozen=True)
class ModelTrainingRequest:
    """Pictures of one person or thing to learn, under a name and a trigger word.

    `captions` and `parameters` hold pairs: a picture's id and its caption, a parameter of the
    trainer and its value. Parameters that are not named have the values of `DEFAULTS`.
    """

    account_id: str
    name: str
    subject_type: str = SUBJECT_TYPES[0]
    gender: str | None = None
    """Of a person alone."""
    trigger_word: str = ""
    reference_ids: tuple[str, ...] = ()
    captions: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, Any], ...] = ()

    def cleaned(self) -> "ModelTrainingRequest":
        """Return the request with cleaned words, each picture once, captions of chosen pictures alone."""
        chosen = tuple(dict.fromkeys(self.reference_ids))
        given = {key: clean(text).strip() for key, text in self.captions}
        return replace(
            self,
            name=clean(self.name).strip(),
            gender=self.gender if self.subject_type == "person" else None,
            trigger_word=self.trigger_word.strip(),
            reference_ids=chosen,
            captions=tuple((key, given[key]) for key in chosen if given.get(key)),
        )

    @property
    def sent(self) -> dict[str, Any]:
        """Every parameter that the trainer is given."""
        return {**DEFAULTS, **dict(self.parameters)}

    @property
    def effort(self) -> float:
        """Return how many times as long as usual it trains."""
        steps = self.sent["steps"]
        return max(1, steps) / DEFAULTS["steps"] if isinstance(steps, int) else 1.0

    def as_json(self) -> dict[str, Any]:
        """Return what is stored of it."""
        return {
            "account_id": self.account_id,
            "name": self.name,
            "subject_type": self.subject_type,
            "gender": self.gender,
            "trigger_word": self.trigger_word,
            "reference_ids": list(self.reference_ids),
            "captions": dict(self.captions),
            "parameters": self.sent,
        }


def request_problems(request: ModelTrainingRequest, can: ModelCapabilities) -> list[str]:
    """Return why it cannot be started, as sentences; what is missing comes first."""
    problems = []
    if not request.name:
        problems.append("Give the model a name.")
    if len(request.name) > MAX_NAME_CHARACTERS:
        problems.append(f"The name is longer than {MAX_NAME_CHARACTERS} characters. Shorten it.")
    if request.subject_type not in SUBJECT_TYPES:
        problems.append(f"Choose a subject: {', '.join(SUBJECT_TYPES)}.")
    if request.gender is not None and request.gender not in GENDERS:
        problems.append(f"Choose one of {', '.join(GENDERS)}, or none.")
    return problems + _parameter_problems(request.sent, can)


def _parameter_problems(sent: Mapping[str, Any], can: ModelCapabilities) -> list[str]:
    problems = []
    unknown = sorted(set(sent) - set(can.options))
    if unknown:
        problems.append(
            f"{can.model} takes no {', '.join(unknown)}. Take it away, or set"
            " REPLICATE_TRAINER_MODEL to a trainer that does."
        )
    if not _is_within(sent["steps"], STEPS):
        problems.append(f"Choose {STEPS[0]} to {STEPS[-1]:,} steps.")
    if not _is_within(sent["lora_rank"], LORA_RANKS):
        problems.append(f"Choose a LoRA rank of {LORA_RANKS[0]} to {LORA_RANKS[-1]}.")
    rate = sent["learning_rate"]
    if not isinstance(rate, int | float) or not 0 < rate <= MAX_LEARNING_RATE:
        problems.append(f"Choose a learning rate above 0 and up to {MAX_LEARNING_RATE}.")
    return problems


def _is_within(value: object, allowed: range) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in allowed
