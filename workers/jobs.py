"""The only jobs that a worker runs: ours, by name, with nothing attached.

Redis is private, but a forged job must not become code: RQ would import and call any name.
"""

from typing import Any

from rq.exceptions import DeserializationError
from rq.job import Job

from workers.steps import ALLOWED


class StepJob(Job):
    """A job that names one of our steps; its callbacks, retries, limits and webhooks are ignored."""

    def _deserialize_data(self) -> None:
        # Raising here marks the job failed; raising in restore() would end the worker.
        super()._deserialize_data()  # type: ignore[no-untyped-call]
        if self._instance is not None or str(self._func_name) not in ALLOWED:
            raise DeserializationError(f"{self._func_name} is no step of Atelier")

    def restore(self, raw_data: Any) -> Any:
        """Read the job's hash and drop everything that our jobs never have."""
        super().restore(raw_data)
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self._dependency_ids = []
        self.webhooks = []
        self.retries_left = None
        self.retry_intervals = None
        self.repeats_left = None
        self.repeat_intervals = None
        self.rate_limit_key = None
        self.rate_limit_concurrency = None
