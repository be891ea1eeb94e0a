"""What pages and the diagnosis ask of the queue's jobs; nothing here rings, and nothing cleans up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.diagnosis.facts import JobFacts, QueueState
from services.statuses import QueueName


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
