"""What the dispatcher asks of the queue: ring for steps, and say which rings still wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.core.states import QueueName


def job_id_of(run_id: str, seq: int) -> str:
    """The queue's name for one step of one run."""
    return f"{run_id}-{seq}"


@dataclass(frozen=True)
class QueuedStep:
    """One step to be done by some worker. `step` is a function's name in `workers.steps`."""

    step: str
    run_id: str
    seq: int
    queue: QueueName
    timeout_seconds: int

    @property
    def job_id(self) -> str:
        """The job's id in the queue: unique for each step of each run."""
        return job_id_of(self.run_id, self.seq)


class Queue(Protocol):
    """A doorbell that may lose every ring. Each method raises QueueUnavailableError."""

    def enqueue(self, jobs: Sequence[QueuedStep]) -> None:
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
        """Return when the queue answers."""
