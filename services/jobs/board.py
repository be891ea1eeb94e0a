"""What the Jobs page shows above its list: counts, queues, workers, providers, throughput."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Double, cast, func, select
from sqlalchemy.orm import Session

from services.core.server_problem import ServerProblem
from services.core.states import QueueName, RunState
from services.database.clock import ago
from services.database.models import Audit, Generation, QueueState, Run
from services.monitoring.processes import ProcessFacts, read_processes
from services.monitoring.providers import ProviderReader, ProviderStatus
from services.monitoring.run_status import ENDED, OPEN_GROUPS, OPEN_STATES, RunGroup, group_column
from services.queue.base import QueueCounts, QueueLine

ENDED_HOURS = 24


@dataclass(frozen=True)
class RunCounts:
    """Of runs, by group: open ones now, ended ones of the last 24 hours."""

    by_group: Mapping[RunGroup, int] = field(default_factory=dict)

    def __getitem__(self, group: RunGroup) -> int:
        return self.by_group.get(group, 0)

    @property
    def total(self) -> int:
        """Count all but canceled ones."""
        return sum(number for group, number in self.by_group.items() if group != RunGroup.CANCELED)


@dataclass(frozen=True)
class QueueSummary:
    """One queue; `line` None: Redis did not answer."""

    name: QueueName
    line: QueueLine | None
    oldest_seconds: float | None
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None


@dataclass(frozen=True)
class HeldRun:
    """What one thread of a worker executes now."""

    run_id: str
    title: str
    seconds: float
    is_lost: bool
    """Another worker has the run by now: this one's result is dropped."""


@dataclass(frozen=True)
class WorkerSummary:
    """One process and the runs that it executes."""

    process: ProcessFacts
    runs: tuple[HeldRun, ...]


@dataclass(frozen=True)
class JobsBoard:
    """The numbers of one moment."""

    counts: RunCounts
    queues: tuple[QueueSummary, ...]
    workers: tuple[WorkerSummary, ...]
    providers: tuple[ProviderStatus, ...]
    queue_problem: ServerProblem | None
    """Why Redis cannot be read, or why a living process cannot use it."""
    is_suspended: bool
    listening: int
    """Threads of living processes that RQ knows as workers."""
    used_memory_bytes: int | None


class Window(StrEnum):
    """How far back throughput goes; the value is used in addresses."""

    HOUR = "60 min"
    DAY = "24 h"


_GRIDS = {Window.HOUR: (120, 30), Window.DAY: (1800, 48)}
"""Seconds of a bucket, and how many there are."""


@dataclass(frozen=True)
class Bucket:
    """Runs that ended from `at` on; seconds are of those that succeeded, None where none did."""

    at: datetime
    completed: int = 0
    failed: int = 0
    per_minute: float = 0.0
    """Completed ones."""
    wait_p50: float | None = None
    """From its creation until a worker first took it."""
    wait_p95: float | None = None
    run_p50: float | None = None
    """From then to its end."""
    run_p95: float | None = None


@dataclass(frozen=True)
class Throughput:
    """The buckets, oldest first, and the same numbers over all of them."""

    buckets: tuple[Bucket, ...]
    total: Bucket


def read_board(
    session: Session, queue: QueueCounts | ServerProblem, providers: ProviderReader
) -> JobsBoard:
    """Read the numbers of this moment; `queue` is what Redis holds, or why it cannot be read."""
    now = session.scalars(select(func.clock_timestamp())).one()
    counts = queue if isinstance(queue, QueueCounts) else None
    workers = _workers(session)
    alive = [it.process for it in workers if it.process.is_alive]
    names = {process.name for process in alive}
    return JobsBoard(
        counts=_counts(session),
        queues=_queues(session, counts, now),
        workers=workers,
        providers=providers.listed(session),
        queue_problem=_queue_problem(alive) if isinstance(queue, QueueCounts) else queue,
        is_suspended=counts is not None and counts.is_suspended,
        listening=sum(it.process in names for it in counts.workers) if counts else 0,
        used_memory_bytes=counts.used_memory_bytes if counts else None,
    )


def _queue_problem(alive: Iterable[ProcessFacts]) -> ServerProblem | None:
    """Return what refuses a process, although Redis can be read: a full one, or its rights."""
    problems = (it.problem for it in alive if it.problem and it.problem.server == "Redis")
    return next(problems, None)


def _counts(session: Session) -> RunCounts:
    word = group_column()
    open_rows = session.execute(
        select(word, func.count()).where(Run.state.in_(OPEN_STATES)).group_by(word)
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


def _queues(session: Session, queue: QueueCounts | None, now: datetime) -> tuple[QueueSummary, ...]:
    reason = (
        select(Audit.reason)
        .where(Audit.subject_id == QueueState.queue, Audit.action == "queue.pause")
        .order_by(Audit.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    paused = {
        row.queue: (row, why)
        for row, why in session.execute(
            select(QueueState, reason).where(QueueState.paused_at.is_not(None))
        )
    }
    return tuple(_queue_summary(name, queue, paused.get(name), now) for name in QueueName)


def _queue_summary(
    name: QueueName,
    queue: QueueCounts | None,
    paused: tuple[QueueState, str | None] | None,
    now: datetime,
) -> QueueSummary:
    line = queue.queues[name] if queue else None
    oldest_at = line.oldest_at if line else None
    row, reason = paused or (None, None)
    return QueueSummary(
        name=name,
        line=line,
        oldest_seconds=max(0.0, (now - oldest_at).total_seconds()) if oldest_at else None,
        paused_at=row.paused_at if row else None,
        paused_by=row.paused_by if row else None,
        paused_reason=reason,
    )


def _workers(session: Session) -> tuple[WorkerSummary, ...]:
    known = read_processes(session)
    ids = [step.run_id for process in known for step in process.held]
    rows = session.execute(
        select(Run, Generation.title)
        .join(Generation, Generation.id == Run.generation_id)
        .where(Run.id.in_(ids))
    )
    runs = {run.id: (run, title) for run, title in rows}
    return tuple(WorkerSummary(process, _held(process, runs)) for process in known)


def _held(process: ProcessFacts, runs: Mapping[str, tuple[Run, str]]) -> tuple[HeldRun, ...]:
    """List the longest first, without steps that ended since the heartbeat of a living process."""
    held = [
        HeldRun(
            run_id=run.id,
            title=title,
            seconds=step.seconds + process.age_seconds,
            is_lost=run.seq != step.seq,
        )
        for step in process.held
        if step.run_id in runs
        for run, title in (runs[step.run_id],)
        if run.seq == step.seq or not process.is_alive
    ]
    return tuple(sorted(held, key=lambda one: -one.seconds))


def read_throughput(session: Session, window: Window) -> Throughput:
    """Read what ended within the window."""
    seconds, count = _GRIDS[window]
    now = session.scalars(select(func.clock_timestamp())).one()
    first = _floor(now, seconds) - timedelta(seconds=seconds * (count - 1))
    found = _ended_by_bucket(session, first, seconds)
    buckets = tuple(
        _bucket(first + timedelta(seconds=seconds * number), seconds, found.get(number))
        for number in range(count)
    )
    elapsed = (now - first).total_seconds()
    return Throughput(buckets, _bucket(first, elapsed, found.get(None)))


def _floor(now: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def _ended_by_bucket(
    session: Session, first: datetime, seconds: int
) -> dict[int | None, Sequence[Any]]:
    """Read by bucket, and over all of them under None."""
    number = func.floor(func.extract("epoch", Run.finished_at - first) / seconds)
    succeeded = Run.state == RunState.SUCCEEDED
    waited = func.extract("epoch", Run.started_at - Run.created_at)
    ran = func.extract("epoch", Run.finished_at - Run.started_at)
    shares = cast([0.5, 0.95], ARRAY(Double))
    rows = session.execute(
        select(
            number.label("number"),
            func.count().filter(succeeded),
            func.count().filter(~succeeded),
            func.percentile_cont(shares).within_group(waited).filter(succeeded),
            func.percentile_cont(shares).within_group(ran).filter(succeeded),
        )
        .where(Run.state.in_((RunState.SUCCEEDED, RunState.FAILED)), Run.finished_at >= first)
        .group_by(func.rollup(number))
    )
    return {None if row[0] is None else int(row[0]): row[1:] for row in rows}


def _bucket(at: datetime, seconds: float, row: Sequence[Any] | None) -> Bucket:
    if row is None:
        return Bucket(at)
    completed, failed, waited, ran = row
    return Bucket(
        at,
        completed,
        failed,
        completed / seconds * 60,
        *(waited or (None, None)),
        *(ran or (None, None)),
    )
