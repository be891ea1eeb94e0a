"""The dispatcher: rescues steps whose worker died, and rings the queue for what is due.

It is the only one that rings. Everything it decides is one compare-and-set in the database, so
that two dispatchers side by side do no harm. A tick costs a few indexed statements, whatever the
number of waiting runs.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update
from sqlalchemy.orm import Session

from services.core.errors import LeaseLostError, QueueUnavailableError
from services.core.states import Kind, QueueName, RunState
from services.database.engine import Database
from services.database.models import Heartbeat, QueueState, Run
from services.pipeline.cancel import left_to_cancel, settle_canceled
from services.pipeline.checkpoints import checkpoint
from services.pipeline.failures import fail_exhausted
from services.pipeline.leases import seconds_from_now
from services.pipeline.rate_limits import open_gate, open_reads, register_tokens, spend
from services.pipeline.recovery import recover_expired, requeue_lost_jobs
from services.queue.base import Queue, QueuedStep
from services.recipes.registry import kinds_in_low_queue, work_of
from services.recipes.work import FREE_PRIORITY

logger = logging.getLogger("atelier.dispatcher")

STEP_OF = {
    RunState.QUEUED: "submit",
    RunState.SUBMITTING: "reconcile",
    RunState.WAITING: "poll",
    RunState.INGESTING: "ingest",
}
TIMEOUT_SECONDS = {
    "submit": 240,
    "reconcile": 120,
    "poll": 90,
    "ingest": 150,
}
LOOKS = (RunState.SUBMITTING, RunState.WAITING)
"""Follow-ups that ask the provider."""
FOLLOW_UPS = (*LOOKS, RunState.INGESTING)
JOBS_PER_THREAD = 2
"""So far ahead of the workers the queue is filled: order is decided as late as possible."""


DueRun = Row[str, int, RunState, int, str, Kind]
"""A run's id, seq, state, priority, provider and kind."""


@dataclass(frozen=True)
class DispatchRules:
    """The dispatcher's numbers: creates per second by provider (None: no rate), and waits."""

    rates: Mapping[str, float | None]
    read_rates: Mapping[str, float | None] = field(default_factory=dict)
    """Everything but creates, a second, by provider."""
    requeue_after_seconds: float = 10.0
    max_step_failures: int = 6
    min_jobs: int = 10


@dataclass(frozen=True)
class Tick:
    """What one tick did."""

    recovered: int = 0
    lost: int = 0
    enqueued: int = 0
    waiting: int = 0
    is_queue_up: bool = True


class Dispatcher:
    """One per process; `tick` is called over and over."""

    def __init__(self, database: Database, queue: Queue, rules: DispatchRules) -> None:
        self._database = database
        self._queue = queue
        self._rules = rules

    def register(self, fingerprints: Mapping[str, str]) -> None:
        """Make every configured provider known; call once at start."""
        with self._database.transaction() as session:
            register_tokens(session, fingerprints)

    def tick(self) -> Tick:
        """Rescue, then ring. Raises DatabaseUnavailableError; a dead queue is only reported."""
        recovered = self._recover()
        try:
            waiting = self._queue.waiting_job_ids()
            lost, enqueued = self._enqueue_due(waiting)
        except QueueUnavailableError:
            return Tick(recovered=recovered, is_queue_up=False)
        return Tick(recovered, lost, enqueued, len(waiting) + enqueued)

    def _recover(self) -> int:
        self._settle_canceled()
        with self._database.transaction() as session:
            recovered, exhausted = recover_expired(session, self._rules.max_step_failures)
        if recovered:
            checkpoint("dispatch.recovered")
        for run in exhausted:
            try:
                with self._database.transaction() as session:
                    fail_exhausted(session, run.step, run.state, run.detail)
            except LeaseLostError:
                logger.info("dispatcher.run_went_on run=%s", run.step.run_id)
        return recovered

    def _settle_canceled(self) -> None:
        """What a person canceled ends, whatever became of the process that asked for it."""
        with self._database.transaction() as session:
            left = left_to_cancel(session)
        for generation_id in left:
            with self._database.transaction() as session:
                settle_canceled(session, generation_id)

    def _enqueue_due(self, waiting: set[str]) -> tuple[int, int]:
        """Ring inside the transaction that marks the runs: a dead queue rolls the marks back."""
        with self._database.transaction() as session:
            lost = requeue_lost_jobs(session, waiting, self._rules.requeue_after_seconds)
            room = self._room(session, len(waiting))
            paused = _paused_queues(session)
            runs = self._due_follow_ups(session, room, paused) if room else []
            runs += self._due_submits(session, room - len(runs), paused)
            jobs = _jobs_of(runs)
            if jobs:
                self._mark(session, [ring.run_id for ring in jobs])
                checkpoint("dispatch.selected")
                self._queue.enqueue(jobs)
                checkpoint("dispatch.enqueued")
        if jobs:
            checkpoint("dispatch.committed")
        return lost, len(jobs)

    def _room(self, session: Session, waiting: int) -> int:
        threads = session.scalar(
            select(func.sum(Heartbeat.thread_count)).where(
                Heartbeat.role == "worker", Heartbeat.is_alive()
            )
        )
        wanted = max(self._rules.min_jobs, JOBS_PER_THREAD * int(threads or 0))
        return max(0, wanted - waiting)

    def _due_follow_ups(self, session: Session, room: int, paused: set[QueueName]) -> list[DueRun]:
        """Work that the provider has already begun goes before any new submit.

        Looks are as many as each provider's bucket admits; the others keep their place.
        """
        wanted = _due(*FOLLOW_UPS).where(*_open_follow_ups(paused))
        due = session.execute(wanted.order_by(Run.due_at).limit(room)).all()
        looks = Counter(run.provider for run in due if run.state in LOOKS)
        admitted = {
            provider: open_reads(session, provider, self._rules.read_rates.get(provider), wanted)
            for provider, wanted in looks.items()
        }
        return [run for run in due if run.state not in LOOKS or _take(admitted, run.provider)]

    def _due_submits(self, session: Session, room: int, paused: set[QueueName]) -> list[DueRun]:
        """By provider: as many as its gate admits, the best tier first, then the oldest."""
        runs: list[DueRun] = []
        for provider, rate in self._rules.rates.items():
            admitted = open_gate(session, provider, rate, room - len(runs))
            if not admitted:
                continue
            chosen = session.execute(
                _due(RunState.QUEUED)
                .where(Run.provider == provider, *_open_priorities(paused))
                .order_by(Run.priority.desc(), Run.created_at)
                .limit(admitted)
            ).all()
            if chosen and rate is not None:
                spend(session, provider, len(chosen))
            runs += chosen
        return runs

    def _mark(self, session: Session, run_ids: Sequence[str]) -> None:
        session.execute(
            update(Run)
            .where(Run.id.in_(run_ids))
            .values(
                enqueued_at=func.clock_timestamp(),
                due_at=seconds_from_now(self._rules.requeue_after_seconds),
            )
        )


def _take(admitted: dict[str, int], provider: str) -> bool:
    admitted[provider] -= 1
    return admitted[provider] >= 0


def _due(*states: RunState) -> Select[str, int, RunState, int, str, Kind]:
    return (
        select(Run.id, Run.seq, Run.state, Run.priority, Run.provider, Run.kind)
        .where(
            Run.state.in_(states),
            Run.enqueued_at.is_(None),
            Run.lease_until.is_(None),
            Run.due_at <= func.clock_timestamp(),
        )
        .with_for_update(skip_locked=True)
    )


def _paused_queues(session: Session) -> set[QueueName]:
    return set(session.scalars(select(QueueState.queue).where(QueueState.paused_at.is_not(None))))


def _open_priorities(paused: set[QueueName]) -> Iterator[ColumnElement[bool]]:
    """Which submits may be rung while queues are paused; the others leave their place to them."""
    is_low = Run.kind.in_(kinds_in_low_queue(RunState.QUEUED))
    is_free = Run.priority <= FREE_PRIORITY
    if QueueName.LOW in paused:
        yield ~is_low
    if QueueName.DEFAULT in paused:
        yield ~is_free | is_low
    if QueueName.HIGH in paused:
        yield is_free | is_low


def _open_follow_ups(paused: set[QueueName]) -> Iterator[ColumnElement[bool]]:
    """Which follow-ups may be rung while queues are paused."""
    is_low = or_(
        *((Run.state == state) & Run.kind.in_(kinds_in_low_queue(state)) for state in FOLLOW_UPS)
    )
    if QueueName.LOW in paused:
        yield ~is_low
    if QueueName.HIGH in paused:
        yield is_low


def _jobs_of(runs: Sequence[DueRun]) -> list[QueuedStep]:
    return [
        QueuedStep(STEP_OF[run.state], run.id, run.seq, queue_of(run), _limit_seconds(run))
        for run in runs
    ]


def _limit_seconds(run: DueRun) -> int:
    usual = TIMEOUT_SECONDS[STEP_OF[run.state]]
    return int(work_of(run.kind).step_seconds.get(run.state, usual))


def queue_of(run: DueRun | Run) -> QueueName:
    """Return the queue of a run's next step."""
    return work_of(run.kind).queue(run.state, run.priority)
