"""One worker process: WORKER_CONCURRENCY threads that do steps, and the renewal of their leases.

Each thread runs RQ's SimpleWorker: no fork, no signals, a timer as the time limit.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from services.container import build_step_context
from services.core.errors import DatabaseUnavailableError, QueueUnavailableError
from services.core.redaction import redact
from services.core.server_problem import ServerProblem, problem_of
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.core.states import QueueName
from services.monitoring.processes import HeldStep, held_detail
from services.monitoring.system_events import record_start_soon
from services.pipeline.step_context import StepContext
from services.queue.redis_problems import redis_problem
from services.queue.rq_queue import RqQueue, connect
from workers import steps
from workers.heartbeat import HEARTBEAT_SECONDS, ProcessHeartbeat
from workers.start_log import configure_logging, log_configuration
from workers.steps import StepJob
from workers.terminal import run_command

logger = logging.getLogger("atelier.worker")

RECONNECT_SECONDS = 1.0
PROBLEM_SECONDS = 3.0
"""For so long a lost connection counts: the thread connects again each second."""
CLEANUP_SECONDS = 3600


class ThreadWorker(SimpleWorker):
    """The RQ worker of one thread; `is_busy` is True from the dequeue of a job to its end."""

    death_penalty_class = TimerDeathPenalty
    # RQ waits up to a minute between two tries; jobs would wait as long after an outage.
    max_connection_wait_time = 2.0
    is_busy = False

    def _install_signal_handlers(self) -> None:
        """Leave signals to the main thread (a private hook of RQ: a test watches it)."""

    def subscribe(self) -> None:
        """Start no thread for RQ's commands: they cannot stop a job in this process."""

    def execute_job(self, job: object, queue: object) -> None:
        """Run the job, unless this process is stopping: then it is enqueued elsewhere."""
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
    """Runs one ThreadWorker, and another whenever RQ's loop ends because Redis went away."""

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
        self._restarts = 0
        self._problem: ServerProblem | None = None
        self._problem_at = 0.0

    @property
    def problem(self) -> ServerProblem | None:
        """Why the thread lost Redis a moment ago."""
        is_recent = monotonic() - self._problem_at < PROBLEM_SECONDS
        return self._problem if is_recent else None

    @property
    def is_busy(self) -> bool:
        """Whether a step is running now."""
        worker = self._worker
        return worker is not None and worker.is_busy

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            try:
                self._worker = self._new_worker()
                self._worker.work(logging_level="WARNING")
            except RedisError as error:
                self._note_problem(redis_problem(error))
            except Exception:
                # The thread's boundary: RQ passes on what its clean-up raises, and nobody would
                # notice a thread that ended.
                logger.exception("worker.loop_failed %s", self.name)
            self._stopping.wait(RECONNECT_SECONDS)

    def _note_problem(self, problem: ServerProblem) -> None:
        """Remember it for the heartbeat; it is logged when it begins or changes."""
        known = self.problem
        self._problem, self._problem_at = problem, monotonic()
        if known is None or known.code != problem.code:
            logger.warning("worker.redis_away %s %s", self.name, problem)

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
                logger.info("worker.not_deregistered %s %s", self.name, type(error).__name__)

    def _new_worker(self) -> ThreadWorker:
        self._restarts += 1
        return ThreadWorker(
            [name.value for name in QueueName],
            name=f"{self._worker_name}-{self.name}-{self._restarts}",
            connection=self._connect(),
            job_class=StepJob,
            serializer=JSONSerializer,
            default_result_ttl=0,
            worker_ttl=60,
            maintenance_interval=self._cleanup_seconds,
            log_job_description=False,
        )


STOP_LIMIT_SECONDS = 5.0


class WorkerProcess:
    """The threads of this process, and the heartbeat and lease renewal for all of them."""

    def __init__(self, settings: Settings, context: StepContext) -> None:
        self._process = ProcessHeartbeat(context.database, "worker", settings.worker_concurrency)
        self._context = context
        self._renew_seconds = settings.lease_renew_seconds
        self._stopping = threading.Event()
        address = settings.redis_url
        redis_url = address.get_secret_value() if address else ""
        self._queue = RqQueue(connect(redis_url))
        self._threads = [
            WorkerThread(
                f"t{number}",
                self._process.name,
                lambda: connect(redis_url),
                settings.queue_cleanup_interval,
            )
            for number in range(1, settings.worker_concurrency + 1)
        ]

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what runs, for a few seconds at most."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        steps.install(self._context, self._process.name)
        self._heartbeat()
        for thread in self._threads:
            thread.start()
        self._send_heartbeats()
        self._stop()

    def _send_heartbeats(self) -> None:
        pause = min(self._renew_seconds, HEARTBEAT_SECONDS)
        while not self._stopping.wait(pause):
            self._heartbeat()

    def _heartbeat(self) -> None:
        """Renew the leases and write the heartbeat; without a database both wait."""
        try:
            self._context.leases.renew(monotonic())
        except DatabaseUnavailableError as error:
            logger.warning("worker.no_database %s", error.problem)
        except Exception:
            # The process boundary: the threads do paid work, so the process continues.
            logger.exception("worker.renewal_failed")
        self._process.send(self._detail())

    def _detail(self) -> dict[str, Any]:
        held = self._context.leases.held(monotonic()).items()
        problem = self._queue_problem()
        return {
            "busy": sum(thread.is_busy for thread in self._threads),
            "problem": problem.as_json() if problem else None,
            **held_detail([HeldStep(step.run_id, step.seq, seconds) for step, seconds in held]),
        }

    def _queue_problem(self) -> ServerProblem | None:
        """Return why this process takes no jobs: its own Redis refuses, or its threads cannot read."""
        try:
            self._queue.check()
        except QueueUnavailableError as error:
            return problem_of(error)
        return next((thread.problem for thread in self._threads if thread.problem), None)

    def _stop(self) -> None:
        for thread in self._threads:
            thread.stop()
        give_up = monotonic() + STOP_LIMIT_SECONDS
        tick = threading.Event()
        while any(thread.is_busy for thread in self._threads) and monotonic() < give_up:
            tick.wait(0.05)
        for thread in self._threads:
            thread.deregister()
        self._process.end()


def main(_: Sequence[str]) -> int:
    """Run one worker process with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    context = build_step_context(settings)
    log_configuration(settings)
    record_start_soon(context.database, "worker", settings)
    WorkerProcess(settings, context).run()
    # Idle threads sit in a blocking read: nothing is left to wait for.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    run_command(main)
