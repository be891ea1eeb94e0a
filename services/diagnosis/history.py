"""What the timelines of the last week say about a cause: incidents over all accounts, similar cases."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from services.core.states import GenerationState
from services.database.clock import ago
from services.database.models import Attempt, Event, Generation, Run, RunSlot, Slot
from services.database.models.generations import PROBLEM_EVENTS
from services.diagnosis.registry import BY_ID, CAUSES
from services.pipeline.events import EventName
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

DAYS = 7
GAP = timedelta(minutes=15)
"""Between two events of one incident, at most."""
MIN_RUNS = 3
MAX_INCIDENTS = 50
MAX_IDS = 5
OF_ONE_PICTURE = frozenset({"content_refused", "bad_input", "canceled", "given_up", "file_lost"})
"""Failures that say nothing about others."""
CAUSE_OF_SIGN: Mapping[str, str] = {sign: it.id for it in CAUSES for sign in it.signs}


@dataclass(frozen=True)
class Incident:
    """One outage: everything that met one cause without a longer pause, over all accounts."""

    cause: str
    title: str
    provider: str
    began_at: datetime
    last_at: datetime
    is_ongoing: bool
    """Its newest event is younger than the pause that ends an incident."""
    runs: int
    generations: int
    accounts: int
    refunded_credits: int
    cost_usd: float
    """At the provider, for runs that failed."""
    generation_ids: tuple[str, ...] = ()
    """The newest few."""


@dataclass(frozen=True)
class SimilarCases:
    """Other generations that met a cause in the last days, and what became of them."""

    count: int = 0
    since: datetime | None = None
    by_itself: int = 0
    """Succeeded without a remedy."""
    cured: tuple[tuple[str, int], ...] = ()
    """Remedies after which a generation succeeded, by id, the most frequent first."""
    unsolved: int = 0


def is_problem() -> ColumnElement[bool]:
    """Select what the partial index holds; PostgreSQL matches it with literal names alone."""
    return Event.name.in_([literal_column(f"'{name}'") for name in PROBLEM_EVENTS])


def sign_of_event() -> ColumnElement[str]:
    """Select an event's sign: its name, and the part or the failure that it names."""
    part = func.coalesce(Event.detail["part"].astext, Event.detail["failure"].astext)
    return Event.name + func.coalesce(":" + part, "")


def _cause_of_event() -> ColumnElement[Any]:
    """Select the cause that an event shows; another failure stands for itself."""
    sign = sign_of_event()
    return case(
        dict(CAUSE_OF_SIGN),
        value=sign,
        else_=case((Event.name == EventName.RUN_FAILED, sign)),
    )


def _problems() -> Subquery:
    """Select the events of the last days that show a cause, with provider and account."""
    cause = _cause_of_event()
    provider = case((cause.in_(_OF_OUR_SIDE), literal("")), else_=Run.provider)
    failure = func.coalesce(Event.detail["failure"].astext, "")
    return (
        select(
            cause.label("cause"),
            provider.label("provider"),
            Event.at.label("at"),
            Event.run_id.label("run_id"),
            Event.generation_id.label("generation_id"),
            Generation.account_id.label("account_id"),
            (Event.name == EventName.RUN_FAILED).label("has_failed"),
        )
        .join(Run, Run.id == Event.run_id)
        .join(Generation, Generation.id == Event.generation_id)
        .where(
            is_problem(),
            Event.at > ago(timedelta(days=DAYS)),
            cause.is_not(None),
            failure.not_in(OF_ONE_PICTURE),
        )
        .subquery()
    )


_OF_OUR_SIDE = ("worker_died", "redis_lost_job", "lost_at_dequeue", "storage_refuses")


def read_incidents(session: Session) -> tuple[Incident, ...]:
    """Read the incidents of the last days over all accounts, the newest first: one statement."""
    rows = session.execute(_islands(_problems()).limit(MAX_INCIDENTS)).mappings()
    return tuple(_incident(**row) for row in rows)


def _incident(name: str, generation_ids: list[str], **columns: Any) -> Incident:
    return Incident(
        cause=name if name in BY_ID else "ended_failed",
        title=BY_ID[name].title if name in BY_ID else _failure_title(name),
        generation_ids=tuple(dict.fromkeys(generation_ids))[:MAX_IDS],
        **columns,
    )


def _failure_title(sign: str) -> str:
    return FAILURE_SENTENCES.get(sign.partition(":")[2], UNKNOWN_FAILURE).rstrip(".")


def _islands(problems: Subquery) -> Select[Any]:
    """Number the events of each cause and provider by the pauses between them, and sum each."""
    it = problems.c
    key = (it.cause, it.provider)
    before = func.lag(it.at).over(partition_by=key, order_by=it.at)
    begins = case((it.at - before > GAP, 1), else_=0)
    marked = select(*it, begins.label("begins")).subquery().c
    number = func.sum(marked.begins).over(
        partition_by=(marked.cause, marked.provider), order_by=marked.at
    )
    credits = (
        select(func.sum(Slot.price_credits))
        .join(RunSlot, RunSlot.slot_id == Slot.id)
        .where(RunSlot.run_id == marked.run_id, marked.has_failed)
        .scalar_subquery()
    )
    cost = (
        select(func.sum(func.coalesce(Attempt.actual_cost_usd, Attempt.estimated_cost_usd)))
        .where(Attempt.run_id == marked.run_id, marked.has_failed)
        .scalar_subquery()
    )
    numbered = select(
        *(marked.cause, marked.provider, marked.at, marked.run_id),
        *(marked.generation_id, marked.account_id),
        number.label("number"),
        credits.label("credits"),
        cost.label("cost"),
    ).subquery()
    of = numbered.c
    newest_first = aggregate_order_by(of.generation_id, of.at.desc())
    return (
        select(
            of.cause.label("name"),
            of.provider,
            func.min(of.at).label("began_at"),
            func.max(of.at).label("last_at"),
            (func.max(of.at) > ago(GAP)).label("is_ongoing"),
            func.count(of.run_id.distinct()).label("runs"),
            func.count(of.generation_id.distinct()).label("generations"),
            func.count(of.account_id.distinct()).label("accounts"),
            func.coalesce(func.sum(of.credits), 0).label("refunded_credits"),
            func.coalesce(func.sum(of.cost), 0.0).label("cost_usd"),
            func.array_agg(newest_first).label("generation_ids"),
        )
        .group_by(of.cause, of.provider, of.number)
        .having(func.count(of.run_id.distinct()) >= MIN_RUNS)
        .order_by(func.max(of.at).desc())
    )


def read_similar(session: Session, cause: str, generation_id: str) -> SimilarCases:
    """Read what became of the other generations that met this cause: one statement."""
    applied = Event.name == EventName.REMEDY_APPLIED
    remedy_in_order = aggregate_order_by(Event.detail["remedy"].astext, Event.at)
    shows_it = or_(_cause_of_event() == cause, Event.detail["cause"].astext == cause)
    rows = session.execute(
        select(
            Generation.id,
            Generation.state,
            func.min(Event.at).filter(shows_it),
            func.array_agg(remedy_in_order).filter(applied),
        )
        .join(Generation, Generation.id == Event.generation_id)
        .where(
            is_problem(),
            Event.at > ago(timedelta(days=DAYS)),
            Event.generation_id != generation_id,
        )
        .group_by(Generation.id)
        .having(func.bool_or(shows_it))
    ).all()
    cured: Counter[str] = Counter()
    by_itself = unsolved = 0
    for _, state, _, remedies in rows:
        if state is not GenerationState.SUCCEEDED:
            unsolved += 1
        elif remedies:
            cured[remedies[-1]] += 1
        else:
            by_itself += 1
    since = min((at for _, _, at, _ in rows), default=None)
    return SimilarCases(len(rows), since, by_itself, tuple(cured.most_common()), unsolved)
