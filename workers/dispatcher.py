"""The dispatcher process: ticks until it is told to stop."""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from time import monotonic

from services.container import build_dispatcher, build_reconciler
from services.core.errors import AtelierError, DatabaseUnavailableError
from services.core.settings import Settings, load_settings
from services.database.engine import Database
from services.monitoring.local_processes import resident_bytes
from services.monitoring.processes import delete_old_heartbeats, deregister, write_heartbeat
from services.pipeline.dispatcher import Dispatcher, Tick
from services.providers.registry import token_fingerprints
from workers.housekeeping import Housekeeping
from workers.start_log import configure_logging

logger = logging.getLogger("atelier.dispatcher")

HEARTBEAT_SECONDS = 1.0
AWAY_SECONDS = 1.0
FORGET_SECONDS = 3600.0


class DispatcherProcess:
    """One dispatcher and its signs of life."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, database: Database) -> None:
        self.name = f"dispatcher-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._dispatcher = dispatcher
        self._database = database
        self._fingerprints = token_fingerprints(settings)
        self._tick_seconds = settings.dispatch_tick_seconds
        self._stopping = threading.Event()
        self._heartbeat_at = -HEARTBEAT_SECONDS
        self._forgot_at = -FORGET_SECONDS
        self._is_registered = False
        self._was_queue_up = True

    def run(self) -> None:
        """Tick until SIGTERM or SIGINT; a part that is away is tried again every second."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                tick = self._one_tick()
                pause = self._tick_seconds if tick.is_queue_up else AWAY_SECONDS
            except DatabaseUnavailableError:
                logger.warning("dispatcher.no_database")
                pause = AWAY_SECONDS
            except Exception:
                # The process boundary: a lock that took too long must not stop all dispatching.
                logger.exception("dispatcher.tick_failed")
                pause = AWAY_SECONDS
        self._goodbye()

    def _one_tick(self) -> Tick:
        if not self._is_registered:
            self._dispatcher.register(self._fingerprints)
            self._is_registered = True
        tick = self._dispatcher.tick()
        self._log(tick)
        now = monotonic()
        if now - self._heartbeat_at >= HEARTBEAT_SECONDS:
            self._heartbeat_at = now
            self._heartbeat(tick, now)
        return tick

    def _log(self, tick: Tick) -> None:
        if tick.is_queue_up != self._was_queue_up:
            self._was_queue_up = tick.is_queue_up
            logger.warning("dispatcher.queue_%s", "back" if tick.is_queue_up else "away")
        if tick.enqueued or tick.recovered or tick.lost:
            logger.info(
                "dispatcher.tick rung=%s rescued=%s lost=%s waiting=%s",
                tick.enqueued,
                tick.recovered,
                tick.lost,
                tick.waiting,
            )

    def _heartbeat(self, tick: Tick, now: float) -> None:
        detail = {
            "queue": tick.is_queue_up,
            "waiting": tick.waiting,
            "memory_bytes": resident_bytes(),
        }
        with self._database.transaction() as session:
            write_heartbeat(session, self.name, "dispatcher", 1, detail)
            if now - self._forgot_at >= FORGET_SECONDS:
                self._forgot_at = now
                delete_old_heartbeats(session)

    def _goodbye(self) -> None:
        try:
            with self._database.transaction() as session:
                deregister(session, self.name)
        except DatabaseUnavailableError:
            logger.warning("dispatcher.no_database")


def main() -> int:
    """Run one dispatcher with the settings of the environment."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        dispatcher, database = build_dispatcher(settings)
        housekeeping = Housekeeping(*build_reconciler(settings))
    except AtelierError as error:
        print(error, file=sys.stderr)
        return 1
    housekeeping.start()
    DispatcherProcess(settings, dispatcher, database).run()
    housekeeping.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
