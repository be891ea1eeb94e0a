"""The queue: what is put into it, what can be read of it, and the protocol of its adapter.

Reads enqueue nothing, and clean nothing up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.core.states import QueueName


def job_id_of(run_id: str, seq: int) -> str:
    """The queue's name for one step of one run."""
    return f"{run_id}-{seq}"


@dataclass(frozen=True)
class QueuedStep:
    """One step for a worker. `step` is a function's name in `workers.steps`."""

    step: str
    run_id: str
    seq: int
    queue: QueueName
    timeout_seconds: int

    @property
    def job_id(self) -> str:
        """The job's id in the queue: unique for each step of each run."""
        return job_id_of(self.run_id, self.seq)


@dataclass(frozen=True)
class QueueServer:
    """The server itself; `is_snapshotting` is None where it does not answer that."""

    version: str
    eviction_policy: str
    max_memory_bytes: int
    used_memory_bytes: int
    is_replica: bool
    is_appending: bool
    """It keeps an append-only file."""
    is_snapshotting: bool | None
    is_write_failing: bool


@dataclass(frozen=True)
class JobFacts:
    """What Redis holds of a run's present job `<run id>-<seq>`; Redis did answer."""

    job_id: str
    has_hash: bool
    status: str | None = None
    """RQ's word in the hash."""
    in_queue: QueueName | None = None
    """The list that it waits in."""
    position: int | None = None
    """0: next."""
    started_until: datetime | None = None
    """It is in the started registry, until this moment of Redis' clock."""
    is_started_over: bool = False
    """In the started registry, and its heartbeat there has expired."""
    is_failed: bool = False
    """In the failed registry."""
    worker: str | None = None
    """RQ's name of the thread that took it."""
    has_worker_key: bool | None = None
    """None: no worker is named."""
    enqueued_at: datetime | None = None
    started_at: datetime | None = None
    error: str | None = None
    """The last line of its traceback."""


@dataclass(frozen=True)
class QueueLine:
    """One queue. What is finished is not kept in the queue's server: the database counts it."""

    waiting: int
    active: int
    abandoned: int
    """Of the active ones: their worker's heartbeat has expired."""
    failed: int
    """Steps that broke, kept with their traceback for some days."""
    overdue: int
    """Of the failed ones: kept for much longer than that."""
    delayed: int
    oldest_at: datetime | None
    """When the job that waits longest was enqueued; by a clock of our processes."""


@dataclass(frozen=True)
class QueueWorker:
    """One thread that the queue's server knows as a living worker."""

    name: str
    queues: tuple[QueueName, ...]
    state: str

    @property
    def process(self) -> str:
        """The heartbeat's name of the process that it belongs to (`<process>-<thread>-<start>`)."""
        return self.name.rsplit("-", 2)[0]


@dataclass(frozen=True)
class QueueCounts:
    """Everything that lies in the queue's server, counted and not touched."""

    queues: Mapping[QueueName, QueueLine]
    workers: tuple[QueueWorker, ...]
    is_suspended: bool
    """RQ's own switch for all queues."""
    used_memory_bytes: int | None
    """None: the server may not be asked."""

    @property
    def waiting(self) -> int:
        """In all queues."""
        return sum(line.waiting for line in self.queues.values())

    def listening(self, queue: QueueName) -> int:
        """How many threads are known as workers of a queue."""
        return sum(queue in worker.queues for worker in self.workers)


class Queue(Protocol):
    """A queue that may lose every job. Each method raises QueueUnavailableError."""

    def enqueue(self, steps: Sequence[QueuedStep]) -> None:
        """Enqueue all of them in one round trip."""

    def waiting_job_ids(self) -> set[str]:
        """The ids of every job that no worker has taken yet."""

    def depths(self) -> dict[QueueName, int]:
        """How many jobs wait in each queue."""

    def is_suspended(self) -> bool:
        """Whether the queue's own switch keeps every worker from taking jobs."""

    def resume_all(self) -> None:
        """Turn that switch back; harmless when it is not set."""

    def check(self) -> None:
        """Return when the queue takes writes; it is left as it was."""

    def server(self) -> QueueServer | None:
        """Read the server's version, memory and persistence; None where it may not be asked."""

    def time(self) -> float:
        """The server's clock, in seconds since 1970."""

    def job_facts(self, job_ids: Sequence[str]) -> Mapping[str, JobFacts]:
        """What is held of each of these jobs; those that are gone are there too."""

    def tracebacks(self, job_ids: Iterable[str]) -> Mapping[str, str]:
        """The traceback of each of these jobs that failed, without secrets."""

    def counts(self, overdue_seconds: float = 7200.0) -> QueueCounts:
        """The queues and their workers; failed jobs are overdue so long after they should be gone."""
