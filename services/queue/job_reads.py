"""What pages and the diagnosis ask of the queue's jobs; nothing here rings, and nothing cleans up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.core.states import QueueName


@dataclass(frozen=True)
class QueueState:
    """Redis as it is now; the whole is None in `House` when it does not answer."""

    depths: Mapping[QueueName, int]
    is_suspended: bool
    """RQ's own switch for all queues."""
    listening: Mapping[QueueName, int]
    """Threads that RQ knows as living workers of each queue."""


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
    """In the started registry, and its sign of life there is over."""
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
    """Of the active ones: their worker's sign of life is over."""
    failed: int
    """Steps that broke, kept with their traceback for some days."""
    delayed: int
    oldest_at: datetime | None
    """When the job that waits longest was rung; by a clock of our processes."""


@dataclass(frozen=True)
class QueueWorker:
    """One thread that the queue's server knows as a living worker."""

    name: str
    queues: tuple[QueueName, ...]
    state: str
    heartbeat_at: datetime | None


@dataclass(frozen=True)
class QueueCounts:
    """Everything that lies in the queue's server, counted and not touched."""

    queues: Mapping[QueueName, QueueLine]
    workers: tuple[QueueWorker, ...]
    is_suspended: bool
    used_memory_bytes: int

    @property
    def waiting(self) -> int:
        """In all queues."""
        return sum(line.waiting for line in self.queues.values())


class JobReads(Protocol):
    """Reads jobs, queues and workers; each method raises QueueUnavailableError."""

    def job_facts(self, job_ids: Sequence[str]) -> Mapping[str, JobFacts]:
        """What is held of each of these jobs; those that are gone are there too."""

    def tracebacks(self, job_ids: Iterable[str]) -> Mapping[str, str]:
        """The traceback of each of these jobs that failed, without secrets in addresses."""

    def counts(self) -> QueueCounts:
        """The queues and their workers."""

    def queue_state(self) -> QueueState:
        """How many wait in each queue, and how many listen to it."""
