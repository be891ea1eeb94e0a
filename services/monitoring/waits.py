"""What a run waits for, in words: its turn, its place in a queue, a pause, or whoever works on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.humanize import span
from services.core.states import QueueName, RunState
from services.database.models import ProviderState, QueueState, Run
from services.monitoring.run_groups import RunGroup
from services.monitoring.slots import at_work
from services.pipeline.dispatcher import queue_of
from services.providers.registry import provider_label
from services.queue.job_reads import JobFacts


@dataclass(frozen=True)
class Gates:
    """What holds runs back now, read once for a page of them."""

    now: datetime
    paused_queues: frozenset[QueueName] = frozenset()
    paused: Mapping[str, str] = field(default_factory=dict)
    """Paused providers, and why."""
    blocked: Mapping[str, datetime] = field(default_factory=dict)
    """Providers that asked to wait, and until when."""


def read_gates(session: Session) -> Gates:
    """Two statements."""
    rows = session.execute(select(ProviderState, func.clock_timestamp())).all()
    states = [state for state, _ in rows]
    now = rows[0][1] if rows else session.scalars(select(func.clock_timestamp())).one()
    queues = select(QueueState.queue).where(QueueState.paused_at.is_not(None))
    return Gates(
        now=now,
        paused_queues=frozenset(session.scalars(queues)),
        paused={row.provider: row.paused_reason or "" for row in states if row.paused_at},
        blocked={
            row.provider: row.blocked_until
            for row in states
            if row.blocked_until and row.blocked_until > now
        },
    )


def places_in_line(session: Session, run_ids: list[str]) -> dict[str, int]:
    """How many of the same provider come before each of these runs, which nobody has rung yet.

    One pass over the index of what is to be submitted.
    """
    if not run_ids:
        return {}
    place = func.row_number().over(
        partition_by=Run.provider, order_by=(Run.priority.desc(), Run.created_at)
    )
    line = (
        select(Run.id, place.label("place"))
        .where(
            Run.state == RunState.QUEUED,
            Run.enqueued_at.is_(None),
            Run.lease_until.is_(None),
            Run.due_at <= func.clock_timestamp(),
        )
        .subquery()
    )
    rows = session.execute(select(line.c.id, line.c.place).where(line.c.id.in_(run_ids)))
    return {run_id: int(number) - 1 for run_id, number in rows}


def waits_for(
    run: Run,
    group: RunGroup,
    gates: Gates,
    *,
    place: int | None,
    job: JobFacts | None,
    durations: float | None,
) -> str:
    """A few words; empty for a run that has ended."""
    if group is RunGroup.NEEDS_REVIEW:
        return "for a person to decide"
    if group is RunGroup.ACTIVE and run.state is RunState.QUEUED:
        return "a worker prepares it"
    if group is RunGroup.ACTIVE:
        return at_work(run, durations, gates.now)
    if group not in (RunGroup.WAITING, RunGroup.DELAYED):
        return ""
    return _held_back(run, gates) or _turn(run, group, gates, place, job)


def _held_back(run: Run, gates: Gates) -> str:
    provider = provider_label(run.provider)
    queue = queue_of(run)
    if run.provider in gates.paused:
        return f"{provider} is paused"
    if queue in gates.paused_queues:
        return f"the queue {queue.value} is paused"
    until = gates.blocked.get(run.provider)
    if until and run.enqueued_at is None:
        return f"{provider} takes more in {_left(until, gates.now)}"
    return ""


def _turn(run: Run, group: RunGroup, gates: Gates, place: int | None, job: JobFacts | None) -> str:
    if group is RunGroup.DELAYED:
        return f"begins in {_left(run.due_at, gates.now)}"
    if job and job.in_queue is not None and job.position is not None:
        return f"number {job.position + 1} in the queue {job.in_queue.value}"
    if run.enqueued_at is not None:
        return "a worker is taking it" if job and job.has_hash else "rung, waits for a worker"
    if place is None:
        return "for its turn"
    provider = provider_label(run.provider)
    return f"number {place + 1:,} in the line for {provider}"


def _left(until: datetime, now: datetime) -> str:
    return span(max(1.0, (until - now).total_seconds()))
