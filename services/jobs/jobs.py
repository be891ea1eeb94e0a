"""The Jobs page's service: its board, its list of runs, one run, and pauses; remedies end a pause."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError, QueueUnavailableError
from services.core.server_problem import ServerProblem
from services.core.states import QueueName, Role
from services.database.engine import Database
from services.database.models import ProviderState, QueueState
from services.jobs.board import JobsBoard, Throughput, Window, read_board, read_throughput
from services.jobs.filters import RunChoices, RunFilters, Sort, read_choices
from services.jobs.run_detail import RunDetail, read_run_detail, with_jobs
from services.jobs.run_list import LIMIT, RunPage, read_run_page
from services.monitoring.providers import ProviderReader
from services.pipeline import rate_limits
from services.providers.durations import DurationEstimator
from services.queue.base import Queue, QueueCounts


class Jobs:
    """Reads for operators; pauses with a reason and an audit row.

    Redis is asked outside of transactions, since it may be slow. A pause raises
    InvalidRequestError without a reason, and when it would change nothing.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        durations: DurationEstimator,
        providers: ProviderReader,
    ) -> None:
        self._database = database
        self._queue = queue
        self._durations = durations
        self._providers = providers

    def board(self, actor: Actor) -> JobsBoard:
        """Read counts, queues, workers and providers: seven statements, three Redis round trips."""
        require(actor, Role.OPERATOR)
        queue = self._queue_counts()
        with self._database.transaction() as session:
            return read_board(session, queue, self._providers)

    def throughput(self, actor: Actor, window: Window) -> Throughput:
        """Read what ended within the window, in buckets: one statement on the index of ended runs."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return read_throughput(session, window)

    def runs(
        self,
        actor: Actor,
        filters: RunFilters,
        sort: Sort = Sort.NEWEST,
        before: str | None = None,
        limit: int = LIMIT,
    ) -> RunPage:
        """Read one page of the runs that match; `before`: cursor of the previous page."""
        require(actor, Role.OPERATOR)
        return read_run_page(
            self._database, self._queue, self._durations, actor, filters, sort, before, limit
        )

    def detail(self, actor: Actor, run_id: str) -> RunDetail:
        """Read everything that was tried for a run; raises NotFoundError."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            detail = read_run_detail(session, actor, run_id)
        return with_jobs(detail, self._queue)

    def choices(self, actor: Actor) -> RunChoices:
        """Read what the filters offer: three statements over a month of runs, so cache it."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return read_choices(session)

    def pause_queue(self, actor: Actor, queue: QueueName, reason: str) -> None:
        """Enqueue nothing more into a queue; jobs in it are finished."""
        require(actor, Role.OPERATOR)
        note = reason_of(reason)
        with self._database.transaction() as session:
            if not _pause_queue(session, queue, actor.name):
                raise InvalidRequestError(problem=f"Queue {queue.value} is already paused.")
            record_change(session, actor, "queue.pause", queue.value, note)

    def pause_provider(self, actor: Actor, provider: str, reason: str) -> None:
        """Submit nothing to a provider until a person resumes it; raises NotFoundError."""
        require(actor, Role.ADMIN)
        note = reason_of(reason)
        with self._database.transaction() as session:
            if session.get(ProviderState, provider) is None:
                raise NotFoundError(what="provider", id=provider)
            if not rate_limits.pause(session, provider, f"Paused by {actor.name}: {note}"):
                raise InvalidRequestError(problem="This provider is already paused.")
            record_change(session, actor, "provider.pause", provider, note)

    def _queue_counts(self) -> QueueCounts | ServerProblem:
        try:
            return self._queue.counts()
        except QueueUnavailableError as error:
            problem: ServerProblem = error.problem
            return problem


def _pause_queue(session: Session, queue: QueueName, by: str) -> bool:
    """Return False when the queue is paused already."""
    paused = {"paused_at": func.clock_timestamp(), "paused_by": by}
    changed = session.execute(
        insert(QueueState)
        .values(queue=queue, **paused)
        .on_conflict_do_update(
            index_elements=[QueueState.queue], set_=paused, where=QueueState.paused_at.is_(None)
        )
        .returning(QueueState.queue)
    )
    return changed.one_or_none() is not None
