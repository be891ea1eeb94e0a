"""One worker process: WORKER_CONCURRENCY threads that do steps, and a keeper of their leases."""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from time import monotonic
from typing import Any

from services.container import build_step_context
from services.core.errors import AtelierError, DatabaseUnavailableError
from services.core.settings import Settings, load_settings
from services.monitoring.processes import (
    HeldStep,
    deregister,
    held_detail,
    resident_bytes,
    write_heartbeat,
)
from services.pipeline.step_context import StepContext
from services.queue.rq_queue import connect
from workers import steps
from workers.start_log import configure_logging, log_configuration
from workers.thread_worker import WorkerThread

logger = logging.getLogger("atelier.worker")

STOP_LIMIT_SECONDS = 5.0
HEARTBEAT_SECONDS = 5.0


class WorkerProcess:
    """The threads of this process and their common signs of life."""

    def __init__(self, settings: Settings, parts: StepContext) -> None:
        self.name = f"worker-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._parts = parts
        self._renew_seconds = settings.lease_renew_seconds
        self._stopping = threading.Event()
        address = settings.redis_url
        redis_url = address.get_secret_value() if address else ""
        self._threads = [
            WorkerThread(
                f"t{number}",
                self.name,
                lambda: connect(redis_url),
                settings.queue_cleanup_interval,
            )
            for number in range(1, settings.worker_concurrency + 1)
        ]

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what runs, for a few seconds at most."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        steps.install(self._parts, self.name)
        self._heartbeat()
        for thread in self._threads:
            thread.start()
        self._keep_alive()
        self._stop()

    def _keep_alive(self) -> None:
        pause = min(self._renew_seconds, HEARTBEAT_SECONDS)
        while not self._stopping.wait(pause):
            self._heartbeat()

    def _heartbeat(self) -> None:
        """Renew the leases and the sign of life; without a database both wait."""
        try:
            self._parts.leases.renew(monotonic())
            with self._parts.database.transaction() as session:
                write_heartbeat(session, self.name, "worker", len(self._threads), self._detail())
        except DatabaseUnavailableError:
            logger.warning("worker.no_database")
        except Exception:
            # The process boundary: the threads are in the middle of paid work, so it goes on.
            logger.exception("worker.no_beat")

    def _detail(self) -> dict[str, Any]:
        held = self._parts.leases.held(monotonic()).items()
        return {
            "busy": sum(thread.is_busy for thread in self._threads),
            "memory_bytes": resident_bytes(),
            **held_detail([HeldStep(step.run_id, step.seq, seconds) for step, seconds in held]),
        }

    def _stop(self) -> None:
        for thread in self._threads:
            thread.stop()
        give_up = monotonic() + STOP_LIMIT_SECONDS
        tick = threading.Event()
        while any(thread.is_busy for thread in self._threads) and monotonic() < give_up:
            tick.wait(0.05)
        for thread in self._threads:
            thread.deregister()
        try:
            with self._parts.database.transaction() as session:
                deregister(session, self.name)
        except DatabaseUnavailableError:
            logger.warning("worker.no_database")


def main() -> int:
    """Run one worker process with the settings of the environment."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        parts = build_step_context(settings)
    except AtelierError as error:
        print(error, file=sys.stderr)
        return 1
    log_configuration(settings)
    WorkerProcess(settings, parts).run()
    # Idle threads sit in a blocking read; there is nothing left to wait for.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
