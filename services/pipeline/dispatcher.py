"""The dispatcher: recover steps whose worker died, and enqueue what is due.

It alone enqueues. Every decision is one compare-and-set in the database, so that two dispatchers
at once do no harm. A tick with nothing to do costs one statement, whatever the number of runs.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update
from sqlalchemy.orm import Session

from services.core.errors import DatabaseBusyError, LeaseLostError, QueueUnavailableError
from services.core.server_problem import ServerProblem, problem_of
from services.core.states import Kind, QueueName, RunState
from services.database.engine import Database
from services.database.models import Run
from services.pipeline.cancel import settle_canceled, unsettled_cancels
from services.pipeline.checkpoints import checkpoint
from services.pipeline.due_work import (
    FOLLOW_UPS,
    POLLS,
    DueWork,
    ExhaustedRun,
    count_submits,
    due,
    read_due_work,
    read_follow_up_load,
    read_long_waits,
    recover_expired,
    requeue_lost_jobs,
)
from services.pipeline.failures import fail_exhausted
from services.pipeline.leases import seconds_from_now
from services.pipeline.rate_limits import ProviderLimits, lock_limits, register_tokens
from services.pipeline.transitions import fail_run
from services.providers.base import FailureClass
from services.queue.base import Queue, QueuedStep
from services.recipes.registry import kinds_in_low_queue, work_of
from services.recipes.work import FREE_PRIORITY

logger = logging.getLogger("atelier.dispatcher")

CHANNEL = "atelier_dispatch"
"""Migration 0009's triggers notify it with the milliseconds until something is due."""
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
JOBS_PER_THREAD = 2
"""How far the queue is filled ahead of the workers: order is decided as late as possible."""
FULL_QUEUE_SECONDS = 0.1
"""Until the next tick when the queue has no capacity for all that is due."""
LOCKED_SECONDS = 1.0
"""Until the next tick when another transaction held what is due."""
CANCEL_BATCH = 50
WAIT_CHECK_SECONDS = 60.0
SLOW_SHARE_OF_THREADS = 2
"""One of so many threads may wait for a provider that answers slowly or not."""
SLOW_RETRY_SECONDS = 1.0
LOCK_SECONDS = 0.5
"""What one locked run or batch may cost a tick: the others wait meanwhile."""


DueRun = Row[str, int, RunState, int, str, Kind]
"""A run's id, seq, state, priority, provider and kind."""


@dataclass(frozen=True)
class DispatchRules:
    """The dispatcher's numbers: creates per second by provider (None: no rate), and waits."""

    rates: Mapping[str, float | None]
    read_rates: Mapping[str, float | None] = field(default_factory=dict)
    """Everything but creates, a second, by provider."""
    concurrency: Mapping[str, int] = field(default_factory=dict)
    """How many creates are sent at once, by provider; without one, as many as workers take."""
    requeue_after_seconds: float = 10.0
    max_step_failures: int = 6
    max_wait_seconds: float = 86_400.0
    """A run that waits for longer, to be sent or to be decided, is ended and refunded."""
    min_jobs: int = 10


@dataclass(frozen=True)
class Tick:
    """What one tick did, and the seconds until the next has something to do (None: unknown)."""

    recovered: int = 0
    lost: int = 0
    enqueued: int = 0
    waiting: int = 0
    is_queue_up: bool = True
    next_seconds: float | None = None
    is_behind: bool = False
    """Queue, rate or threads had no capacity for all that is due."""
    problem: ServerProblem | None = None
    """Why the queue could not be used, where its table knows."""


@dataclass
class _Selection:
    """Runs to enqueue, and the seconds after which those that were left out may follow."""

    runs: list[DueRun] = field(default_factory=list)
    retry_seconds: list[float] = field(default_factory=list)


class Dispatcher:
    """Enqueues what is due: call `tick` after `Tick.next_seconds` or a notification."""

    def __init__(self, database: Database, queue: Queue, rules: DispatchRules) -> None:
        self._database = database
        self._queue = queue
        self._rules = rules
        self._waits_checked_at = -WAIT_CHECK_SECONDS

    def register(self, fingerprints: Mapping[str, str]) -> None:
        """Make every configured provider known; call once at start."""
        with self._database.transaction() as session:
            register_tokens(session, fingerprints)

    def tick(self) -> Tick:
        """Recover, then enqueue. Raises DatabaseUnavailableError; a dead queue is only reported."""
        work = self._read_due_work()
        recovered = 0
        if work.has_canceled:
            self._settle_canceled()
        self._end_long_waits()
        if work.has_expired:
            recovered = self._recover()
        if work.has_canceled or work.has_expired:
            work = self._read_due_work()
        try:
            waiting = self._queue.waiting_job_ids()
            lost, enqueued, retry_seconds, is_behind = self._enqueue_due(work, waiting)
        except QueueUnavailableError as error:
            return Tick(recovered=recovered, is_queue_up=False, problem=problem_of(error))
        delays = [*retry_seconds, *([] if work.next_seconds is None else [work.next_seconds])]
        return Tick(
            recovered,
            lost,
            enqueued,
            len(waiting) + enqueued,
            next_seconds=min(delays, default=None),
            is_behind=is_behind,
        )

    def _read_due_work(self) -> DueWork:
        with self._database.transaction() as session:
            return read_due_work(session)

    def _recover(self) -> int:
        with self._database.transaction() as session:
            recovered, exhausted = recover_expired(session, self._rules.max_step_failures)
        if recovered:
            checkpoint("dispatch.recovered")
        self._end_each(
            exhausted, lambda session, run: fail_exhausted(session, run.step, run.state, run.detail)
        )
        return recovered

    def _end_each(
        self, runs: Sequence[ExhaustedRun], end: Callable[[Session, ExhaustedRun], object]
    ) -> None:
        """End each in a transaction of its own; one that goes on, or is locked, is left."""
        for run in runs:
            try:
                with self._database.transaction(LOCK_SECONDS) as session:
                    end(session, run)
            except LeaseLostError:
                logger.info("dispatcher.run_went_on run=%s", run.step.run_id)
            except DatabaseBusyError as error:
                logger.warning("dispatcher.run_locked run=%s %s", run.step.run_id, error.problem)

    def _end_long_waits(self) -> None:
        """Fail and refund what waited for too long; a few times an hour is enough."""
        if monotonic() - self._waits_checked_at < WAIT_CHECK_SECONDS:
            return
        self._waits_checked_at = monotonic()
        with self._database.transaction() as session:
            found = read_long_waits(session, self._rules.max_wait_seconds)
        kind = FailureClass.WAITED_TOO_LONG
        self._end_each(found, lambda session, run: fail_run(session, run.step, kind, run.detail))

    def _settle_canceled(self) -> None:
        """End what a person canceled when the process that canceled it died in between."""
        with self._database.transaction() as session:
            unsettled = session.scalars(unsettled_cancels().limit(CANCEL_BATCH)).all()
        for generation_id in unsettled:
            try:
                with self._database.transaction(LOCK_SECONDS) as session:
                    settle_canceled(session, generation_id)
            except DatabaseBusyError as error:
                logger.warning("dispatcher.batch_locked %s %s", generation_id, error.problem)

    def _enqueue_due(self, work: DueWork, waiting: set[str]) -> tuple[int, int, list[float], bool]:
        """Enqueue inside the transaction that marks the runs: a dead queue rolls the marks back.

        Returns how many jobs were lost and enqueued, when to retry, and whether due work was left out.
        """
        capacity = self._capacity(work.threads, len(waiting))
        if not (work.has_overdue or (capacity and work.is_anything_to_enqueue)):
            left_out = work.is_anything_to_enqueue
            return 0, 0, [FULL_QUEUE_SECONDS] * left_out, left_out
        lost = 0
        with self._database.transaction() as session:
            if work.has_overdue:
                lost = requeue_lost_jobs(session, waiting, self._rules.requeue_after_seconds)
                work = read_due_work(session) if lost else work
            selection = self._select(session, work, capacity)
            jobs = _jobs_of(selection.runs)
            if jobs:
                self._mark(session, [job.run_id for job in jobs])
                checkpoint("dispatch.selected")
                self._queue.enqueue(jobs)
                checkpoint("dispatch.enqueued")
        if jobs:
            checkpoint("dispatch.committed")
        # Every job that waits now must be checked once it may be lost.
        retry_seconds = [*selection.retry_seconds, self._rules.requeue_after_seconds]
        if not (jobs or lost or selection.retry_seconds or work.paused):
            retry_seconds.append(LOCKED_SECONDS)
        return lost, len(jobs), retry_seconds, bool(selection.retry_seconds)

    def _capacity(self, threads: int, waiting: int) -> int:
        return max(0, max(self._rules.min_jobs, JOBS_PER_THREAD * threads) - waiting)

    def _select(self, session: Session, work: DueWork, capacity: int) -> _Selection:
        """Choose what to enqueue: work that a provider has begun goes before any new submit."""
        selection = _Selection()
        if not capacity:
            return selection
        follow_ups: Sequence[DueRun] = ()
        if work.has_follow_ups:
            follow_ups = _select_follow_ups(session, work, capacity, selection.retry_seconds)
        polls = Counter(run.provider for run in follow_ups if run.state in POLLS)
        submitting = [it for it in self._rules.rates if it in work.submit_providers]
        limited = {*submitting, *(it for it in polls if it in self._rules.read_rates)}
        limits = lock_limits(session, limited, self._rules.rates, self._rules.read_rates)
        for provider in polls.keys() & self._rules.read_rates.keys() - limits.keys():
            # Another session locks its row: its polls wait for the next tick.
            follow_ups = [run for run in follow_ups if run.provider != provider]
            polls.pop(provider)
            selection.retry_seconds.append(LOCKED_SECONDS)
        selection.runs += _admitted_follow_ups(follow_ups, polls, limits, selection.retry_seconds)
        for provider in submitting:
            left = capacity - len(selection.runs)
            if left and provider in limits:
                self._select_submits(session, limits[provider], provider, left, selection, work)
        if len(selection.runs) >= capacity:
            selection.retry_seconds.append(FULL_QUEUE_SECONDS)
        return selection

    def _select_submits(
        self,
        session: Session,
        limits: ProviderLimits,
        provider: str,
        requested: int,
        selection: _Selection,
        work: DueWork,
    ) -> None:
        """Choose as many as the provider admits, the best tier first, then the oldest."""
        admitted = limits.admitted_submits(requested)
        if provider in self._rules.concurrency:
            free = max(0, self._rules.concurrency[provider] - count_submits(session, provider))
            if free < admitted:
                admitted = free
                selection.retry_seconds.append(LOCKED_SECONDS)
        runs: Sequence[DueRun] = ()
        if admitted:
            runs = session.execute(
                _due(RunState.QUEUED)
                .where(Run.provider == provider, *_open_priorities(work.paused))
                .order_by(Run.priority.desc(), Run.created_at)
                .limit(admitted)
            ).all()
        limits.consume_submits(len(runs))
        selection.runs += runs
        seconds = limits.seconds_to_submit()
        if len(runs) == admitted < requested and seconds is not None:
            selection.retry_seconds.append(seconds)

    def _mark(self, session: Session, run_ids: Sequence[str]) -> None:
        session.execute(
            update(Run)
            .where(Run.id.in_(run_ids))
            .values(
                enqueued_at=func.clock_timestamp(),
                due_at=seconds_from_now(self._rules.requeue_after_seconds),
            )
            .execution_options(synchronize_session=False)
        )


def _select_follow_ups(
    session: Session, work: DueWork, capacity: int, retry_seconds: list[float]
) -> list[DueRun]:
    """Choose the oldest follow-ups; a slow provider gets a share of the threads, and no more.

    Else its polls, which wait for their time-outs, would take all threads from the other providers.
    """
    share = max(1, work.threads // SLOW_SHARE_OF_THREADS)
    slow = {
        provider: max(0, share - load.in_flight)
        for provider, load in read_follow_up_load(session).items()
        if load.is_slow and work.threads
    }
    full = [provider for provider, left in slow.items() if not left]
    chosen = _due(*FOLLOW_UPS).where(*_open_follow_ups(work.paused), Run.provider.not_in(full))
    runs = session.execute(chosen.order_by(Run.due_at).limit(capacity)).all()
    admitted = [run for run in runs if run.provider not in slow or _take(slow, run.provider)]
    if full or len(admitted) < len(runs):
        retry_seconds.append(SLOW_RETRY_SECONDS)
    return admitted


def _admitted_follow_ups(
    follow_ups: Sequence[DueRun],
    polls: Mapping[str, int],
    limits: Mapping[str, ProviderLimits],
    retry_seconds: list[float],
) -> list[DueRun]:
    """Return as many polls as each provider's bucket admits; the others are not changed."""
    admitted = {
        provider: limits[provider].admitted_polls(requested) if provider in limits else requested
        for provider, requested in polls.items()
    }
    for provider, limit in limits.items():
        limit.consume_polls(admitted.get(provider, 0))
        if admitted.get(provider, 0) < polls.get(provider, 0):
            retry_seconds.append(limit.seconds_to_poll())
    return [run for run in follow_ups if run.state not in POLLS or _take(admitted, run.provider)]


def _take(admitted: dict[str, int], provider: str) -> bool:
    admitted[provider] -= 1
    return admitted[provider] >= 0


def _due(*states: RunState) -> Select[str, int, RunState, int, str, Kind]:
    return (
        select(Run.id, Run.seq, Run.state, Run.priority, Run.provider, Run.kind)
        .where(*due(*states))
        .with_for_update(skip_locked=True)
    )


def _open_priorities(paused: Collection[QueueName]) -> Iterator[ColumnElement[bool]]:
    """Which submits may be enqueued while queues are paused; the others take the free capacity."""
    is_low = Run.kind.in_(kinds_in_low_queue(RunState.QUEUED))
    is_free = Run.priority <= FREE_PRIORITY
    if QueueName.LOW in paused:
        yield ~is_low
    if QueueName.DEFAULT in paused:
        yield ~is_free | is_low
    if QueueName.HIGH in paused:
        yield is_free | is_low


def _open_follow_ups(paused: Collection[QueueName]) -> Iterator[ColumnElement[bool]]:
    """Which follow-ups may be enqueued while queues are paused."""
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
    default = TIMEOUT_SECONDS[STEP_OF[run.state]]
    return int(work_of(run.kind).step_seconds.get(run.state, default))


def queue_of(run: DueRun | Run) -> QueueName:
    """Return the queue of a run's next step."""
    return work_of(run.kind).queue(run.state, run.priority)
