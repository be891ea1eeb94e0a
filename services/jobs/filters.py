"""Which runs the list shows: its filters, its orders, and a search by any argument."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, select, text, union_all

from services.core.actors import Actor
from services.core.states import Kind, RunState
from services.core.text import clean
from services.database.clock import ago
from services.database.models import Attempt, Generation, Run, Slot
from services.database.models.base import words
from services.jobs.groups import conditions
from services.monitoring.run_groups import RunGroup
from services.people.visibility import visible_generations
from services.providers.registry import DEFINITIONS
from services.recipes.labels import FAILURE_SENTENCES

MOST_FOUND = 1_000
"""So many generations and runs that a word finds are looked through, the newest of each."""
MOST_CHARACTERS = 200
LEAST_OF_A_SENTENCE = 8
_STEP = re.compile(r"(run_[0-9a-z]+)-\d+")


class Sort(StrEnum):
    """In which order; the last two show only what they are about."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST_WAITING = "longest_waiting"
    MOST_ATTEMPTS = "most_attempts"


@dataclass(frozen=True)
class RunFilters:
    """Each that is set narrows the list; `hours` counts back from now, by when a run was made."""

    group: RunGroup | None = None
    kind: Kind | None = None
    provider: str = ""
    model: str = ""
    account_id: str = ""
    failure: str = ""
    hours: float | None = None
    search: str = ""


def wanted(filters: RunFilters, actor: Actor) -> Iterator[ColumnElement[bool]]:
    """The conditions on runs joined with their generations."""
    yield from visible_generations(actor)
    if filters.group:
        yield conditions()[filters.group]
    if filters.kind:
        yield Run.kind == filters.kind
    if filters.provider:
        yield Run.provider == filters.provider
    if filters.model:
        yield Run.model == filters.model
    if filters.account_id:
        yield Generation.account_id == filters.account_id
    if filters.failure:
        yield Run.failure == filters.failure
    if filters.hours is not None:
        yield Run.created_at > ago(timedelta(hours=filters.hours))
    if term := term_of(filters.search):
        yield Run.id.in_(select(_found(term).subquery().c.id))


def term_of(typed: str) -> str:
    """What a person typed or pasted, as it is looked for: an id out of a link, a job or a batch."""
    term = " ".join(clean(typed[:MOST_CHARACTERS]).split())
    if "://" in term and " " not in term:
        term = term.rstrip("/").rpartition("/")[2].partition("?")[0]
    step = _STEP.fullmatch(term)
    return step.group(1) if step else term.removeprefix("batch_")


def _found(term: str) -> CompoundSelect[Any]:
    """Runs of this id or of anything that has it, of this model, or with these words."""
    of_run = select(Run.id.label("id"))
    return union_all(
        of_run.where(Run.id == term),
        of_run.where(Run.generation_id == term),
        of_run.join(Attempt, Attempt.run_id == Run.id).where(
            # The index begins with the provider.
            Attempt.provider.in_(tuple(DEFINITIONS)),
            Attempt.prediction_id == term,
        ),
        of_run.where(Run.generation_id.in_(_with_words(Generation.id, "title", term))),
        of_run.where(Run.generation_id.in_(_with_words(Slot.generation_id, "prompt", term))),
        _with_words(Run.id, "failure_detail", term),
        _newest(of_run.where(Run.model == term), Run.id),
        _newest(of_run.where(*_failed_so(term)), Run.id),
    )


def _failed_so(term: str) -> Iterator[ColumnElement[bool]]:
    """The sentence of a failure is what people see of it, and paste."""
    told = term.casefold().rstrip(".")
    classes = [
        failure for failure, sentence in FAILURE_SENTENCES.items() if told in sentence.casefold()
    ]
    yield Run.state == RunState.FAILED
    yield Run.failure.in_(classes if len(told) >= LEAST_OF_A_SENTENCE else [])


def _with_words(column: Any, words_of: str, term: str) -> Select[Any]:
    """Ids of the newest rows whose text has all these words, by its index."""
    query = "plainto_tsquery('simple', :term)"
    has_words = text(f"{words(words_of)} @@ {query}").bindparams(term=term)
    return _newest(select(column.label("id")).where(has_words), column)


def _newest(query: Select[Any], column: Any) -> Select[Any]:
    """An id sorts by the time of its making; a word that stands everywhere is cut off here."""
    return query.order_by(column.desc()).limit(MOST_FOUND)
