"""What the check-up asks of the queue's server; nothing here rings, and nothing cleans up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.core.states import QueueName


@dataclass(frozen=True)
class QueueServer:
    """The server itself. None for `is_snapshotting`: it does not tell."""

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
class QueueJobs:
    """What lies in the queues and registries, counted and not touched."""

    waiting: Mapping[QueueName, int]
    started: int
    abandoned: int
    """Started, and their worker's sign of life is over."""
    failed: int
    overdue: int
    """Failed, and listed for much longer than they are kept."""
    listening: int
    """Threads that the queue knows as workers."""
    is_suspended: bool


class QueueReporter(Protocol):
    """Reads the server; each method raises QueueUnavailableError."""

    def server(self) -> QueueServer: ...

    def time(self) -> float:
        """The server's clock, in seconds since 1970."""

    def jobs(self, overdue_seconds: float) -> QueueJobs:
        """Count everything; failed jobs are overdue so long after they should have gone."""
