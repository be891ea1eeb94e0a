"""Which runs the list shows: its filters and what they offer, its orders, its search."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, select, text, union_all
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import Kind, RunState
from services.core.text import clean
from services.database.clock import ago
from services.database.models import Account, Attempt, Generation, Run, Slot
from services.database.models.base import words
from services.monitoring.run_status import RunGroup, group_conditions
from services.people.visibility import visible_generations
from services.providers.registry import DEFINITIONS, provider_label
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

MAX_FOUND = 1_000
"""Newest generations, and newest runs, that a search by words considers."""
MAX_CHARACTERS = 200
MIN_SENTENCE_CHARACTERS = 8
CHOICE_DAYS = 30
"""Models and failures of so many days are offered; the search finds older ones."""
MAX_ACCOUNTS = 500
_STEP = re.compile(r"(run_[0-9a-z]+)-\d+")


class Sort(StrEnum):
    """The order of the list; the last two also narrow it."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST_WAITING = "longest_waiting"
    MOST_ATTEMPTS = "most_attempts"


@dataclass(frozen=True)
class RunFilters:
    """Each that is set narrows the list; `hours`: created within so many hours."""

    group: RunGroup | None = None
    kind: Kind | None = None
    provider: str = ""
    model: str = ""
    account_id: str = ""
    failure: str = ""
    hours: float | None = None
    search: str = ""


def filter_conditions(filters: RunFilters, actor: Actor) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on runs joined with their generations."""
    yield from visible_generations(actor)
    if filters.group:
        yield group_conditions()[filters.group]
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
    """Extract the search term from what was typed or pasted: the id in a link, a job id, words."""
    term = " ".join(clean(typed[:MAX_CHARACTERS]).split())
    if "://" in term and " " not in term:
        term = term.rstrip("/").rpartition("/")[2].partition("?")[0]
    step = _STEP.fullmatch(term)
    return step.group(1) if step else term.removeprefix("batch_")


def _found(term: str) -> CompoundSelect[Any]:
    """Select runs by id, by an id that belongs to them, by model, or by words."""
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
        _newest(of_run.where(*_failed_with(term)), Run.id),
    )


def _failed_with(term: str) -> Iterator[ColumnElement[bool]]:
    """Match the sentence that pages show for a failure."""
    typed = term.casefold().rstrip(".")
    classes = [
        failure for failure, sentence in FAILURE_SENTENCES.items() if typed in sentence.casefold()
    ]
    yield Run.state == RunState.FAILED
    yield Run.failure.in_(classes if len(typed) >= MIN_SENTENCE_CHARACTERS else [])


def _with_words(column: Any, words_of: str, term: str) -> Select[Any]:
    """Select ids of the newest rows whose text has all these words, by its index."""
    query = "plainto_tsquery('simple', :term)"
    has_words = text(f"{words(words_of)} @@ {query}").bindparams(term=term)
    return _newest(select(column.label("id")).where(has_words), column)


def _newest(query: Select[Any], column: Any) -> Select[Any]:
    """Limit a word that occurs everywhere; ids sort by creation time."""
    return query.order_by(column.desc()).limit(MAX_FOUND)


@dataclass(frozen=True)
class RunChoices:
    """What the filters offer; id or value by label."""

    providers: dict[str, str]
    models: tuple[str, ...]
    accounts: dict[str, str]
    failures: dict[str, str]


def read_choices(session: Session) -> RunChoices:
    """Read the models, accounts and failures that occurred within a month."""
    since = ago(timedelta(days=CHOICE_DAYS))
    models = session.execute(
        select(Run.provider, Run.model).where(Run.created_at > since).distinct()
    ).all()
    accounts = session.execute(
        select(Account.id, Account.name).order_by(Account.name).limit(MAX_ACCOUNTS)
    )
    failures = session.scalars(
        select(Run.failure)
        .where(Run.state == RunState.FAILED, Run.finished_at > since, Run.failure.is_not(None))
        .distinct()
    )
    return RunChoices(
        providers={name: provider_label(name) for name in sorted({row[0] for row in models})},
        models=tuple(sorted({row[1] for row in models})),
        accounts={account_id: name for account_id, name in accounts},
        failures={
            failure: FAILURE_SENTENCES.get(failure, UNKNOWN_FAILURE)
            for failure in sorted(filter(None, failures))
        },
    )
