"""Find out in one statement what a tick must do, and when the next one is due."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import Session

from services.core.states import ACTIVE_RUNS, QueueName, RunState
from services.database.models import Heartbeat, ProviderState, QueueState, Run
from services.pipeline.cancel import unsettled_cancels

POLLS = (RunState.SUBMITTING, RunState.WAITING)
"""Follow-ups that ask the provider."""
FOLLOW_UPS = (*POLLS, RunState.INGESTING)
# Constant within a statement, other than clock_timestamp(), so that an index can be searched by it.
NOW = func.statement_timestamp()


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
    """Read it; every part of the statement is an index's first entries or a small table."""
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


def _threads() -> ScalarSelect[int | None]:
    return (
        select(func.sum(Heartbeat.thread_count))
        .where(Heartbeat.role == "worker", Heartbeat.is_alive())
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
        _threads().label("threads"),
        paused.scalar_subquery().label("paused"),
        func.extract("epoch", _next_at() - NOW).label("next_seconds"),
    )


_STATEMENT = _statement()
