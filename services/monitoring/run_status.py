"""Status of a run for tiles, Jobs, Overview and Diagnose: its group, place in line and progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.core.humanize import span
from services.core.states import QueueName, RunState
from services.database.models import QueueState, Run
from services.monitoring.providers import ProviderReader, ProviderStatus
from services.pipeline.dispatcher import queue_of
from services.providers.registry import SYNCHRONOUS, provider_label
from services.queue.base import JobFacts

ALMOST_DONE = 0.95
"""No estimate shows more progress before the end is known."""


class RunGroup(StrEnum):
    """What a run does, as the Jobs page counts and lists it; the value is used in addresses."""

    WAITING = "waiting"
    ACTIVE = "active"
    DELAYED = "delayed"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


AT_WORK = (RunState.SUBMITTING, RunState.WAITING, RunState.INGESTING)
OPEN_STATES = (*AT_WORK, RunState.QUEUED, RunState.NEEDS_REVIEW)
OPEN_GROUPS = (RunGroup.WAITING, RunGroup.ACTIVE, RunGroup.DELAYED, RunGroup.NEEDS_REVIEW)
ENDED = {
    RunGroup.COMPLETED: RunState.SUCCEEDED,
    RunGroup.FAILED: RunState.FAILED,
    RunGroup.CANCELED: RunState.CANCELED,
}


def group_conditions() -> Mapping[RunGroup, ColumnElement[bool]]:
    """Return the condition of each group; a run meets exactly one. What has a worker is active."""
    is_queued, has_worker = Run.state == RunState.QUEUED, Run.lease_until.is_not(None)
    is_delayed = and_(Run.enqueued_at.is_(None), Run.due_at > func.clock_timestamp())
    return {
        RunGroup.WAITING: and_(is_queued, ~has_worker, ~is_delayed),
        RunGroup.ACTIVE: or_(Run.state.in_(AT_WORK), and_(is_queued, has_worker)),
        RunGroup.DELAYED: and_(is_queued, ~has_worker, is_delayed),
        RunGroup.NEEDS_REVIEW: Run.state == RunState.NEEDS_REVIEW,
        **{group: Run.state == state for group, state in ENDED.items()},
    }


def group_column() -> Any:
    """Return a run's group as a string, for a select list."""
    whens = [(condition, group.value) for group, condition in group_conditions().items()]
    return case(*whens, else_=RunGroup.WAITING.value)


def line() -> Subquery:
    """Number the due submits as the dispatcher takes them, from 0: `id`, `provider`, `ahead`.

    One pass over the index of what is to be submitted.
    """
    turn = func.row_number().over(
        partition_by=Run.provider, order_by=(Run.priority.desc(), Run.created_at)
    )
    return (
        select(Run.id, Run.generation_id, Run.provider, (turn - 1).label("ahead"))
        .where(
            Run.state == RunState.QUEUED,
            Run.enqueued_at.is_(None),
            Run.lease_until.is_(None),
            Run.due_at <= func.clock_timestamp(),
        )
        .subquery("line")
    )


def runs_ahead(session: Session, generation_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count by generation and provider the submits before its first: enqueued, or earlier in line."""
    places = line()
    enqueued = (
        select(func.count())
        .where(
            Run.state == RunState.QUEUED,
            Run.enqueued_at.is_not(None),
            Run.provider == places.c.provider,
        )
        .correlate(places)
        .scalar_subquery()
    )
    rows = session.execute(
        select(places.c.generation_id, places.c.provider, func.min(places.c.ahead), enqueued)
        .where(places.c.generation_id.in_(generation_ids))
        .group_by(places.c.generation_id, places.c.provider)
    )
    ahead: dict[str, dict[str, int]] = {}
    for generation_id, provider, before, in_queue in rows:
        ahead.setdefault(generation_id, {})[provider] = int(before) + int(in_queue)
    return ahead


@dataclass(frozen=True)
class Gates:
    """What holds runs back at this moment, read once for many runs."""

    now: datetime
    providers: Mapping[str, ProviderStatus] = field(default_factory=dict)
    paused_queues: frozenset[QueueName] = frozenset()
    ahead: Mapping[str, int] = field(default_factory=dict)
    """By run id, of those in line: how many of the same provider come before it."""


def read_gates(session: Session, in_line: Sequence[str] = ()) -> Gates:
    """Read providers, queues and the places of these runs: three statements, two without runs."""
    clock = select(func.clock_timestamp().label("now")).subquery()
    queues = session.execute(
        select(clock.c.now, QueueState.queue).outerjoin(
            QueueState, QueueState.paused_at.is_not(None)
        )
    ).all()
    ahead: dict[str, int] = {}
    if in_line:
        places = line()
        query = select(places.c.id, places.c.ahead).where(places.c.id.in_(in_line))
        ahead = {run_id: int(number) for run_id, number in session.execute(query)}
    return Gates(
        now=queues[0][0],
        providers=ProviderReader().read(session),
        paused_queues=frozenset(queue for _, queue in queues if queue is not None),
        ahead=ahead,
    )


def is_in_line(run: Run, group: RunGroup) -> bool:
    """Whether a run has a place in `line()`."""
    return group is RunGroup.WAITING and run.enqueued_at is None


@dataclass(frozen=True)
class Estimate:
    """Progress 0-1 and seconds left of a run at work; None where nothing is known."""

    progress: float | None = None
    seconds_left: float | None = None
    """None also for one that takes longer than usual."""
    usual_times: float | None = None
    """How many times the usual duration it takes already; None up to once."""


def estimate(run: Run, usual_seconds: float | None, now: datetime) -> Estimate:
    """Estimate by the provider's own progress and by the elapsed share of the usual duration."""
    if run.state is RunState.INGESTING:
        return Estimate(ALMOST_DONE, 1.0)
    elapsed = _elapsed(run, now) if run.accepted_at or run.started_at else 0.0
    if not usual_seconds:
        return Estimate(run.progress or None)
    share = elapsed / usual_seconds
    progress = max(run.progress or 0.0, min(ALMOST_DONE, share)) or None
    if share > 1.0:
        return Estimate(progress, usual_times=share)
    return Estimate(progress, max(1.0, usual_seconds - elapsed))


def overdue_words(usual_times: float) -> str:
    """Return `4 × longer than usual`; without a number below 2."""
    return f"{usual_times:.0f} × longer than usual" if usual_times >= 2 else "longer than usual"


def status_words(
    run: Run,
    group: RunGroup,
    gates: Gates,
    *,
    usual_seconds: float | None = None,
    job: JobFacts | None = None,
) -> str:
    """Describe what a run waits for or does; empty for one that has ended.

    `usual_seconds`: of its model; `job`: what Redis holds of it, None when Redis was not asked.
    """
    if group is RunGroup.NEEDS_REVIEW:
        return "waits for a decision"
    if group is RunGroup.ACTIVE and run.state is RunState.QUEUED:
        return "a worker prepares the request"
    if group is RunGroup.ACTIVE:
        return _work_words(run, usual_seconds, gates.now)
    if group not in (RunGroup.WAITING, RunGroup.DELAYED):
        return ""
    return _blocked_words(run, gates) or _turn_words(run, group, gates, job)


def _work_words(run: Run, usual_seconds: float | None, now: datetime) -> str:
    provider = _label(run)
    if run.state is RunState.INGESTING:
        return "saving the picture"
    is_sending = run.state is RunState.SUBMITTING and run.accepted_at is None
    if is_sending and run.provider not in SYNCHRONOUS:
        return f"sending to {provider}"
    verb = "starting at" if run.provider_status == "starting" else "at"
    elapsed, times = _elapsed(run, now), estimate(run, usual_seconds, now).usual_times
    if times is not None:
        return f"{verb} {provider}, {elapsed:.0f} s, {overdue_words(times)}"
    usually = f" of about {usual_seconds:.0f}" if usual_seconds else ""
    return f"{verb} {provider}, {elapsed:.0f}{usually} s"


def _blocked_words(run: Run, gates: Gates) -> str:
    provider, queue = gates.providers.get(run.provider), queue_of(run)
    if provider and provider.paused_at:
        reason = f": {provider.paused_reason}" if provider.paused_reason else ""
        return f"{provider.label} is paused{reason}"
    if queue in gates.paused_queues:
        return f"queue {queue.value} is paused"
    if provider and provider.blocked_until and run.enqueued_at is None:
        return f"rate limited by {provider.label} for {_left(provider.blocked_until, gates.now)}"
    return ""


def _turn_words(run: Run, group: RunGroup, gates: Gates, job: JobFacts | None) -> str:
    if group is RunGroup.DELAYED:
        is_retry = run.attempt_count or run.refused_count or run.step_failures
        verb = "will retry" if is_retry else "starts"
        return f"{verb} in {_left(run.due_at, gates.now)}"
    if job and job.in_queue is not None and job.position is not None:
        return f"number {job.position + 1} in queue {job.in_queue.value}"
    if run.enqueued_at is not None:
        return "a worker takes it now" if job and job.has_hash else "waits for a worker"
    place = gates.ahead.get(run.id)
    return "in queue" if place is None else f"number {place + 1:,} in line for {_label(run)}"


def _elapsed(run: Run, now: datetime) -> float:
    return (now - (run.accepted_at or run.started_at or run.created_at)).total_seconds()


def _label(run: Run) -> str:
    return provider_label(run.provider)


def _left(until: datetime, now: datetime) -> str:
    return span(max(1.0, (until - now).total_seconds()))
