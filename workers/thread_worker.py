"""RQ's SimpleWorker inside a thread: no fork, no signals, a timer as the time limit."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from services.core.redaction import redact
from services.core.states import QueueName
from workers.jobs import StepJob

logger = logging.getLogger("atelier.worker")

RECONNECT_SECONDS = 1.0
CLEANUP_SECONDS = 3600


class ThreadWorker(SimpleWorker):
    """One thread's worker. `is_busy` is True from the taking of a job to its end."""

    death_penalty_class = TimerDeathPenalty
    # RQ waits up to a minute between two tries; work would rest for as long after an outage.
    max_connection_wait_time = 2.0
    is_busy = False

    def _install_signal_handlers(self) -> None:
        """Signals belong to the main thread (a private hook of RQ: a test watches it)."""

    def subscribe(self) -> None:
        """RQ's commands cannot stop a job in this process: no extra thread to hear them."""

    def execute_job(self, job: object, queue: object) -> None:
        """Run the job, unless this process is stopping: then it is rung again elsewhere."""
        if self._stop_requested:
            return
        self.is_busy = True
        try:
            super().execute_job(job, queue)  # type: ignore[arg-type]
        finally:
            self.is_busy = False

    def handle_job_failure(self, job: Any, queue: Any, *args: Any, **kwargs: Any) -> None:
        """Store the job's traceback in Redis without secrets."""
        if "exc_string" in kwargs:
            kwargs["exc_string"] = redact(kwargs["exc_string"])
        super().handle_job_failure(job, queue, *args, **kwargs)

    def stop(self) -> None:
        """Take no further job."""
        self._stop_requested = True


class WorkerThread(threading.Thread):
    """Keeps one ThreadWorker at work; RQ's loop ends when Redis goes away, so it is begun anew."""

    def __init__(
        self,
        name: str,
        worker_name: str,
        connect: Callable[[], Redis],
        cleanup_seconds: int = CLEANUP_SECONDS,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._worker_name = worker_name
        self._connect = connect
        self._cleanup_seconds = cleanup_seconds
        self._stopping = threading.Event()
        self._worker: ThreadWorker | None = None
        self._births = 0

    @property
    def is_busy(self) -> bool:
        """Whether a step is being done right now."""
        worker = self._worker
        return worker is not None and worker.is_busy

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            try:
                self._worker = self._new_worker()
                self._worker.work(logging_level="WARNING")
            except RedisError as error:
                logger.warning("worker.redis_away %s %s", self.name, type(error).__name__)
            except Exception:
                # The thread's boundary: RQ passes on what its clean-up raises, and a thread that
                # ended would be missed by nobody.
                logger.exception("worker.loop_failed %s", self.name)
            self._stopping.wait(RECONNECT_SECONDS)

    def stop(self) -> None:
        """Take no further job; a running one is finished."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop()

    def deregister(self) -> None:
        """Take the worker out of RQ's list, as RQ's own clean stop does."""
        if self._worker is not None:
            try:
                self._worker.register_death()  # type: ignore[no-untyped-call]
            except RedisError as error:
                logger.info("worker.no_goodbye %s %s", self.name, type(error).__name__)

    def _new_worker(self) -> ThreadWorker:
        self._births += 1
        return ThreadWorker(
            [name.value for name in QueueName],
            name=f"{self._worker_name}-{self.name}-{self._births}",
            connection=self._connect(),
            job_class=StepJob,
            serializer=JSONSerializer,
            default_result_ttl=0,
            worker_ttl=60,
            maintenance_interval=self._cleanup_seconds,
            log_job_description=False,
        )
