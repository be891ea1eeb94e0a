"""A made-up jobs page: runs in every state, a busy worker, a silent one, a paused queue."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import AttemptState, Kind, QueueName, Role
from services.jobs.board import (
    Bucket,
    HeldRun,
    JobsBoard,
    QueueSummary,
    RunCounts,
    Throughput,
    Window,
    WorkerSummary,
)
from services.jobs.filters import RunChoices, RunFilters, Sort
from services.jobs.run_detail import AttemptSummary, RunDetail, RunProblem, StepTraceback
from services.jobs.run_list import RunPage, RunSummary
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus
from services.monitoring.run_status import RunGroup
from services.pipeline.events import EventName
from services.queue.base import JobFacts, QueueLine

NOW = datetime.now(UTC)
WAITS = {
    RunGroup.WAITING: "number 3 in line for Replicate",
    RunGroup.ACTIVE: "at Replicate, 12 of about 25 s",
    RunGroup.DELAYED: "will retry in 8 s",
    RunGroup.NEEDS_REVIEW: "waits for a decision",
}


def process(
    name: str,
    role: str,
    threads: int,
    *,
    age: float,
    busy: int = 0,
    is_alive: bool = True,
    memory_bytes: int | None = None,
) -> ProcessFacts:
    """A process whose last heartbeat is `age` seconds old."""
    return ProcessFacts(
        name=name,
        role=role,
        host="here",
        pid=4121,
        threads=threads,
        heartbeat_at=NOW - timedelta(seconds=age),
        is_alive=is_alive,
        age_seconds=age,
        busy=busy,
        memory_bytes=memory_bytes,
    )


def run_row(number: int, group: RunGroup) -> RunSummary:
    """One run of a batch of its own."""
    is_failed = group is RunGroup.FAILED
    return RunSummary(
        id=f"run_{number:026d}",
        generation_id=f"gen_{number:026d}",
        title=f"<b>Pip</b> *the fox* {number}",
        account_name="Studio",
        kind=Kind.POSES,
        provider_label="Replicate",
        model="fofr/consistent-character",
        group=group,
        waits_for=WAITS.get(group, ""),
        attempts=2,
        created_at=NOW - timedelta(minutes=number),
        waited_seconds=12.0,
        ran_seconds=None if group is RunGroup.WAITING else 31.0,
        failure="The provider had a fault of its own." if is_failed else None,
        is_cancelable=not is_failed,
        is_retryable=is_failed,
    )


def board(*, is_queue_up: bool = True, is_quiet: bool = False) -> JobsBoard:
    """A busy queue, one without Redis, or one on which nothing ever ran."""
    line = QueueLine(
        waiting=3, active=2, abandoned=0, failed=1, overdue=0, delayed=0, oldest_at=NOW
    )
    held = HeldRun("run_1", "Pip the fox", 12.0, False)
    busy = process("worker-1", "worker", 5, age=1.2, busy=4, memory_bytes=112_000_000)
    silent = process("worker-2", "worker", 5, age=96.0, is_alive=False)
    return JobsBoard(
        counts=RunCounts({} if is_quiet else {group: n + 1 for n, group in enumerate(RunGroup)}),
        queues=tuple(
            QueueSummary(name, line if is_queue_up else None, 4.0, None, None, None)
            for name in QueueName
        ),
        workers=() if is_quiet else (WorkerSummary(busy, (held,)), WorkerSummary(silent, ())),
        providers=(ProviderStatus("replicate", "Replicate", True, True, "aaa", is_simulated=True),),
        is_queue_up=is_queue_up,
        is_suspended=False,
        listening=5,
        used_memory_bytes=1_400_000 if is_queue_up else None,
    )


@dataclass
class FakeJobs:
    """Remembers its calls."""

    on_resume: Callable[[str], None]
    value: JobsBoard = field(default_factory=board)
    rows: list[RunSummary] = field(
        default_factory=lambda: [run_row(n, group) for n, group in enumerate(RunGroup)]
    )
    asked: list[tuple[RunFilters, Sort, str | None]] = field(default_factory=list)
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    def board(self, actor: Actor) -> JobsBoard:
        require(actor, Role.OPERATOR)
        return self.value

    def throughput(self, actor: Actor, window: Window) -> Throughput:
        require(actor, Role.OPERATOR)
        bucket = Bucket(NOW, 4, 1, 2.0, 3.0, 9.0, 24.0, 61.0)
        return Throughput((bucket, Bucket(NOW + timedelta(minutes=2))), bucket)

    def choices(self, actor: Actor) -> RunChoices:
        require(actor, Role.OPERATOR)
        return RunChoices(
            providers={"replicate": "Replicate", "gemini": "Gemini"},
            models=("fofr/consistent-character",),
            accounts={"acc_1": "Studio", "acc_2": "Studio"},
            failures={"platform": "The provider had a fault of its own."},
        )

    def runs(
        self,
        actor: Actor,
        filters: RunFilters,
        sort: Sort = Sort.NEWEST,
        before: str | None = None,
        limit: int = 50,
    ) -> RunPage:
        require(actor, Role.OPERATOR)
        self.asked.append((filters, sort, before))
        rows = tuple(row for row in self.rows if filters.group in (None, row.group))
        cursor = "two" if rows and before is None else None
        return RunPage(rows, cursor, self.value.is_queue_up)

    def detail(self, actor: Actor, run_id: str) -> RunDetail:
        require(actor, Role.OPERATOR)
        if run_id == "run_none":
            raise NotFoundError(what="run", id=run_id)
        return RunDetail(
            id=run_id,
            generation_id="gen_1",
            title="Pip the fox",
            seq=3,
            is_ended=False,
            attempts=(_attempt(1, AttemptState.FAILED), _attempt(2, AttemptState.RUNNING)),
            problems=(RunProblem(NOW, EventName.RUN_RETRIED, "E9828"),),
            job=JobFacts(f"{run_id}-3", True, "queued", QueueName.HIGH, 0),
            tracebacks=(StepTraceback(f"{run_id}-1", "Traceback …\nKeyError: 'x'"),),
            is_queue_up=self.value.is_queue_up,
        )

    def pause_queue(self, actor: Actor, queue: QueueName, reason: str) -> None:
        require(actor, Role.OPERATOR)
        self.calls.append(("pause", queue.value, reason))
        self._queue(queue, NOW)

    def pause_provider(self, actor: Actor, provider: str, reason: str) -> None:
        require(actor, Role.ADMIN)
        self.calls.append(("pause", provider, reason))

    def _queue(self, queue: QueueName, paused_at: datetime | None) -> None:
        by = "Ada" if paused_at else None
        queues = tuple(
            replace(view, paused_at=paused_at, paused_by=by) if view.name == queue else view
            for view in self.value.queues
        )
        self.value = replace(self.value, queues=queues)


def _attempt(number: int, state: AttemptState) -> AttemptSummary:
    is_failed = state is AttemptState.FAILED
    return AttemptSummary(
        number=number,
        provider_label="Replicate",
        state=state,
        seed=7,
        web_url="https://replicate.com/p/q1w2",
        created_at=NOW,
        accepted_at=NOW,
        finished_at=NOW + timedelta(seconds=20) if is_failed else None,
        cost_usd=0.04,
        is_settled=is_failed,
        failure="The provider had a fault of its own." if is_failed else None,
        failure_detail="E9828" if is_failed else None,
    )
