"""What a tick of the dispatcher finds due, and the recovery of expired leases and lost jobs.

One statement reads what is due; what is recovered gets a new fencing token.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select, update
from sqlalchemy.orm import Session

from services.core.humanize import span
from services.core.states import ACTIVE_RUNS, QueueName, RunState
from services.database.models import Generation, ProviderState, QueueState, Run
from services.pipeline.cancel import unsettled_cancels
from services.pipeline.events import EventName, record
from services.pipeline.leases import Step, seconds_from_now
from services.providers.durations import living_threads
from services.providers.registry import provider_label

POLLS = (RunState.SUBMITTING, RunState.WAITING)
"""Follow-ups that ask the provider."""
FOLLOW_UPS = (*POLLS, RunState.INGESTING)
# Constant within a statement, other than clock_timestamp(), so that an index can be searched by it.
NOW = func.statement_timestamp()
BATCH = 500
SLOW_STEP_SECONDS = 3.0
FAILING_RUNS = 2
DIED = "Its worker died {count} times while it was {state}. It is not retried."


@dataclass(frozen=True)
class ExhaustedRun:
    """A run whose workers died too often, under its newest fencing token."""

    step: Step
    state: RunState
    detail: str


@dataclass(frozen=True)
class DueWork:
    """What is due now."""

    has_expired: bool
    """A lease is over."""
    has_canceled: bool
    """Runs of a canceled generation are left."""
    has_overdue: bool
    """A job was enqueued, and no worker took it in time."""
    has_follow_ups: bool
    submit_providers: frozenset[str]
    """Open providers with runs to submit."""
    threads: int
    """Of all living workers."""
    paused: frozenset[QueueName]
    next_seconds: float | None
    """Until the next run, lease or block of a provider is due; None: nothing is planned."""

    @property
    def is_anything_to_enqueue(self) -> bool:
        """Whether a job may have to be enqueued."""
        return self.has_overdue or self.has_follow_ups or bool(self.submit_providers)


def read_due_work(session: Session) -> DueWork:
    """Read what is due; each subquery reads an index's first entries or a small table."""
    row = session.execute(_STATEMENT).one()
    return DueWork(
        has_expired=row.has_expired,
        has_canceled=row.has_canceled,
        has_overdue=row.has_overdue,
        has_follow_ups=row.has_follow_ups,
        submit_providers=frozenset(row.submit_providers or ()),
        threads=int(row.threads or 0),
        paused=frozenset(QueueName(queue) for queue in row.paused or ()),
        next_seconds=None if row.next_seconds is None else max(0.0, float(row.next_seconds)),
    )


def due(*states: RunState) -> tuple[ColumnElement[bool], ...]:
    """Conditions of a run in one of these states whose next step is to be enqueued now."""
    return (
        Run.state.in_(states),
        Run.enqueued_at.is_(None),
        Run.lease_until.is_(None),
        Run.due_at <= NOW,
    )


def overdue() -> tuple[ColumnElement[bool], ...]:
    """Conditions of a run whose job no worker took in time."""
    return (
        Run.state.in_(ACTIVE_RUNS),
        Run.enqueued_at.is_not(None),
        Run.lease_until.is_(None),
        Run.due_at <= NOW,
    )


def _submit_providers() -> ScalarSelect[list[str]]:
    has_submits = exists().where(Run.provider == ProviderState.provider, *due(RunState.QUEUED))
    return (
        select(func.array_agg(ProviderState.provider))
        .where(
            ProviderState.paused_at.is_(None),
            func.coalesce(ProviderState.blocked_until <= NOW, True),
            has_submits,
        )
        .scalar_subquery()
    )


def _next_at() -> ColumnElement[object]:
    next_due = select(func.min(Run.due_at)).where(
        Run.lease_until.is_(None), Run.state.in_(ACTIVE_RUNS), Run.due_at > NOW
    )
    next_lease = select(func.min(Run.lease_until)).where(Run.lease_until > NOW)
    next_open = select(func.min(ProviderState.blocked_until)).where(
        ProviderState.blocked_until > NOW
    )
    return func.least(*(it.scalar_subquery() for it in (next_due, next_lease, next_open)))


def _statement() -> Select[object]:
    expired = exists().where(Run.lease_until < NOW, Run.state.in_(ACTIVE_RUNS))
    paused = select(func.array_agg(QueueState.queue)).where(QueueState.paused_at.is_not(None))
    return select(
        expired.label("has_expired"),
        unsettled_cancels().exists().label("has_canceled"),
        exists().where(*overdue()).label("has_overdue"),
        exists().where(*due(*FOLLOW_UPS)).label("has_follow_ups"),
        _submit_providers().label("submit_providers"),
        living_threads().label("threads"),
        paused.scalar_subquery().label("paused"),
        func.extract("epoch", _next_at() - NOW).label("next_seconds"),
    )


_STATEMENT = _statement()


def recover_expired(session: Session, max_step_failures: int) -> tuple[int, list[ExhaustedRun]]:
    """Recover runs whose lease expired; each gets a new fencing token.

    Returns how many, and those that failed too often: the caller ends each in a transaction of
    its own, since no transaction may lock two generations.
    """
    # Rows locked by others are skipped: they are being renewed or finished at this moment.
    over = session.execute(
        select(Run.id, Run.generation_id)
        .where(Run.lease_until < NOW, Run.state.in_(ACTIVE_RUNS))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    free = _free_generations(session, {run.generation_id for run in over})
    expired = session.execute(
        update(Run)
        .where(Run.id.in_([run.id for run in over if run.generation_id in free]))
        .values(
            seq=Run.seq + 1,
            lease_until=None,
            enqueued_at=None,
            due_at=func.clock_timestamp(),
            step_failures=Run.step_failures + 1,
        )
        .returning(Run.id, Run.seq, Run.generation_id, Run.state, Run.worker, Run.step_failures)
    ).all()
    exhausted = []
    for run_id, seq, generation_id, state, worker, failures in expired:
        record(
            session,
            EventName.RUN_RECOVERED,
            generation_id,
            run_id=run_id,
            state=state.value,
            worker=worker,
            times=failures,
        )
        if failures > max_step_failures:
            detail = DIED.format(count=failures, state=state.value)
            exhausted.append(ExhaustedRun(Step(run_id, seq), state, detail))
    return len(expired), exhausted


def count_submits(session: Session, provider: str) -> int:
    """Count a provider's submits that workers have, or will have in a moment."""
    is_enqueued = (Run.state == RunState.QUEUED) & Run.enqueued_at.is_not(None)
    query = select(func.count()).where(
        Run.provider == provider, is_enqueued | (Run.state == RunState.SUBMITTING)
    )
    return session.scalars(query).one()


@dataclass(frozen=True)
class FollowUpLoad:
    """The follow-ups of one provider that workers have, or will have in a moment."""

    in_flight: int
    is_slow: bool
    """A worker waits for it longer than usual, or its last answers failed."""


def read_follow_up_load(session: Session) -> dict[str, FollowUpLoad]:
    """Read how many follow-ups of each provider are in flight: one statement."""
    in_flight = Run.enqueued_at.is_not(None)
    held_long = Run.lease_until.is_not(None) & (
        Run.enqueued_at < NOW - timedelta(seconds=SLOW_STEP_SECONDS)
    )
    rows = session.execute(
        select(
            Run.provider,
            func.count().filter(in_flight),
            func.count().filter(held_long),
            func.count().filter(Run.state == RunState.WAITING, Run.step_failures > 0),
        )
        .where(Run.state.in_(FOLLOW_UPS))
        .group_by(Run.provider)
    )
    return {
        provider: FollowUpLoad(count, held > 0 or failing >= FAILING_RUNS)
        for provider, count, held, failing in rows
    }


def read_long_waits(session: Session, max_seconds: float) -> list[ExhaustedRun]:
    """Read runs that nothing was sent for, or that nobody decided about, for so long."""
    rows = session.execute(
        select(Run.id, Run.seq, Run.state, Run.provider, ProviderState)
        .outerjoin(ProviderState, ProviderState.provider == Run.provider)
        .where(
            Run.state.in_((RunState.QUEUED, RunState.NEEDS_REVIEW)),
            Run.lease_until.is_(None),
            Run.created_at < NOW - timedelta(seconds=max_seconds),
        )
        .order_by(Run.created_at)
        .limit(BATCH)
    ).all()
    return [
        ExhaustedRun(Step(run_id, seq), state, _why_it_waited(state, provider, row, max_seconds))
        for run_id, seq, state, provider, row in rows
    ]


def _why_it_waited(
    state: RunState, provider: str, row: ProviderState | None, seconds: float
) -> str:
    limit = f"for more than {span(seconds)} (MAX_WAIT_HOURS)"
    label = provider_label(provider)
    if state is RunState.NEEDS_REVIEW:
        return f"Nobody decided {limit} whether {label} received it."
    if row is not None and row.paused_at is not None:
        return f"It waited {limit}: {label} is paused. {row.paused_reason or ''}".rstrip()
    if row is not None and row.blocked_until is not None:
        return f"It waited {limit}: {label} takes no more requests until {row.blocked_until:%H:%M} UTC."
    return f"It waited {limit} to be sent."


def _free_generations(session: Session, generation_ids: set[str]) -> set[str]:
    """Return those whose rows no other session locks, held for the events that refer to them.

    An event of a locked generation would wait, and everything else with it.
    """
    return set(
        session.scalars(
            select(Generation.id)
            .where(Generation.id.in_(generation_ids))
            .with_for_update(read=True, key_share=True, skip_locked=True)
        )
    )


def requeue_lost_jobs(session: Session, waiting: set[str], requeue_after_seconds: float) -> int:
    """Make runs due whose job is gone, and go on waiting for a job that is still in its queue.

    Returns how many were lost.
    """
    late = session.execute(
        select(Run.id, Run.seq, Run.generation_id)
        .where(*overdue())
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    in_queue = {run_id for run_id, seq, _ in late if f"{run_id}-{seq}" in waiting}
    gone = [(run_id, generation) for run_id, _, generation in late if run_id not in in_queue]
    free = _free_generations(session, {generation for _, generation in gone})
    lost = [(run_id, generation) for run_id, generation in gone if generation in free]
    if in_queue:
        session.execute(
            update(Run)
            .where(Run.id.in_(in_queue))
            .values(due_at=seconds_from_now(requeue_after_seconds))
        )
    if lost:
        session.execute(
            update(Run)
            .where(Run.id.in_([run_id for run_id, _ in lost]))
            .values(seq=Run.seq + 1, enqueued_at=None)
        )
    for run_id, generation_id in lost:
        record(session, EventName.RUN_REQUEUED, generation_id, run_id=run_id)
    return len(lost)
