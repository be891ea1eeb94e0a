"""What the jobs page shows above its list: six counts, queues, workers and providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import QueueUnavailableError
from services.core.states import Kind, QueueName, Role, RunState
from services.database.clock import ago
from services.database.models import Audit, Generation, ProviderState, QueueState, Run
from services.jobs.groups import ENDED, OPEN_GROUPS, group_column, open_states
from services.jobs.part import Part
from services.monitoring.heartbeats import ProcessView, processes
from services.monitoring.run_groups import RunGroup
from services.providers.base import LOCAL
from services.providers.registry import provider_label
from services.queue.job_reads import QueueCounts, QueueLine

ENDED_HOURS = 24


@dataclass(frozen=True)
class RunCounts:
    """Of runs, by group: open ones now, ended ones of the last 24 hours."""

    by_group: Mapping[RunGroup, int] = field(default_factory=dict)

    def __getitem__(self, group: RunGroup) -> int:
        return self.by_group.get(group, 0)

    @property
    def total(self) -> int:
        """All of them but canceled ones, which nobody waits for."""
        return sum(number for group, number in self.by_group.items() if group != RunGroup.CANCELED)


@dataclass(frozen=True)
class QueueView:
    """One queue; `line` None: Redis did not answer."""

    name: QueueName
    line: QueueLine | None
    oldest_seconds: float | None
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None


@dataclass(frozen=True)
class HeldRun:
    """What one thread of a worker does now."""

    run_id: str
    generation_id: str
    title: str
    kind: Kind
    state: RunState
    seconds: float
    is_lost: bool
    """The run has gone on without it: whatever it finds is dropped."""


@dataclass(frozen=True)
class WorkerView:
    """One process, and what it works on."""

    process: ProcessView
    runs: tuple[HeldRun, ...]


@dataclass(frozen=True)
class ProviderGate:
    """Whether submits go to a provider now."""

    name: str
    label: str
    is_simulated: bool
    paused_at: datetime | None
    paused_reason: str | None
    blocked_until: datetime | None
    """It asked to wait; in the future."""


@dataclass(frozen=True)
class JobsBoard:
    """This moment; `is_queue_up` False: what Redis knows is missing, the rest is true."""

    now: datetime
    counts: RunCounts
    queues: tuple[QueueView, ...]
    workers: tuple[WorkerView, ...]
    providers: tuple[ProviderGate, ...]
    is_queue_up: bool
    is_suspended: bool
    listening: int
    """Threads that RQ knows as living workers."""
    used_memory_bytes: int | None


class Boards(Part):
    """Seven indexed statements and three looks at Redis; ended runs are counted on their index."""

    def board(self, actor: Actor) -> JobsBoard:
        """The numbers of this moment."""
        require(actor, Role.OPERATOR)
        # Outside the transaction: a Redis that is away is waited for.
        queue = self._queue()
        with self._database.transaction() as session:
            now = session.scalars(select(func.clock_timestamp())).one()
            return JobsBoard(
                now=now,
                counts=_counts(session),
                queues=_queues(session, queue, now),
                workers=_workers(session),
                providers=_providers(session, self._simulated, now),
                is_queue_up=queue is not None,
                is_suspended=queue is not None and queue.is_suspended,
                listening=len(queue.workers) if queue else 0,
                used_memory_bytes=queue.used_memory_bytes if queue else None,
            )

    def _queue(self) -> QueueCounts | None:
        try:
            return self._reads.counts()
        except QueueUnavailableError:
            return None


def _counts(session: Session) -> RunCounts:
    word = group_column()
    open_rows = session.execute(
        select(word, func.count()).where(Run.state.in_(open_states())).group_by(word)
    )
    since = ago(timedelta(hours=ENDED_HOURS))
    ended_rows = session.execute(
        select(Run.state, func.count())
        .where(Run.state.in_(tuple(ENDED.values())), Run.finished_at > since)
        .group_by(Run.state)
    )
    by_state = {state: number for state, number in ended_rows}
    open_counts = {RunGroup(group): number for group, number in open_rows}
    return RunCounts(
        {group: open_counts.get(group, 0) for group in OPEN_GROUPS}
        | {group: by_state.get(state, 0) for group, state in ENDED.items()}
    )


def _queues(session: Session, queue: QueueCounts | None, now: datetime) -> tuple[QueueView, ...]:
    reason = (
        select(Audit.reason)
        .where(Audit.subject_id == QueueState.queue, Audit.action == "queue.pause")
        .order_by(Audit.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    paused = {
        row.queue: (row, told)
        for row, told in session.execute(
            select(QueueState, reason).where(QueueState.paused_at.is_not(None))
        )
    }
    return tuple(_queue_view(name, queue, paused.get(name), now) for name in QueueName)


def _queue_view(
    name: QueueName,
    queue: QueueCounts | None,
    paused: tuple[QueueState, str | None] | None,
    now: datetime,
) -> QueueView:
    line = queue.queues[name] if queue else None
    oldest_at = line.oldest_at if line else None
    row, reason = paused or (None, None)
    return QueueView(
        name=name,
        line=line,
        oldest_seconds=max(0.0, (now - oldest_at).total_seconds()) if oldest_at else None,
        paused_at=row.paused_at if row else None,
        paused_by=row.paused_by if row else None,
        paused_reason=reason,
    )


def _workers(session: Session) -> tuple[WorkerView, ...]:
    known = processes(session)
    ids = [step.run_id for process in known for step in process.held]
    rows = session.execute(
        select(Run, Generation.title)
        .join(Generation, Generation.id == Run.generation_id)
        .where(Run.id.in_(ids))
    )
    runs = {run.id: (run, title) for run, title in rows}
    return tuple(WorkerView(process, _held(process, runs)) for process in known)


def _held(process: ProcessView, runs: Mapping[str, tuple[Run, str]]) -> tuple[HeldRun, ...]:
    """Longest first. A step that ended since the last sign of life is not listed."""
    held = [
        HeldRun(
            run_id=run.id,
            generation_id=run.generation_id,
            title=title,
            kind=run.kind,
            state=run.state,
            seconds=step.seconds + process.age_seconds,
            is_lost=run.seq != step.seq,
        )
        for step in process.held
        if step.run_id in runs
        for run, title in (runs[step.run_id],)
        if run.seq == step.seq or not process.is_alive
    ]
    return tuple(sorted(held, key=lambda one: -one.seconds))


def _providers(
    session: Session, simulated: frozenset[str], now: datetime
) -> tuple[ProviderGate, ...]:
    rows: Sequence[ProviderState] = session.scalars(
        select(ProviderState)
        .where(ProviderState.provider != LOCAL)
        .order_by(ProviderState.provider)
    ).all()
    return tuple(
        ProviderGate(
            name=row.provider,
            label=provider_label(row.provider),
            is_simulated=row.provider in simulated,
            paused_at=row.paused_at,
            paused_reason=row.paused_reason,
            blocked_until=row.blocked_until
            if row.blocked_until and row.blocked_until > now
            else None,
        )
        for row in rows
    )
