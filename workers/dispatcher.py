"""The dispatcher process: sleeps until something is due, ticks, and reconciles in a thread."""

import logging
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from services.container import build_dispatcher, build_reconciler
from services.core.errors import DatabaseUnavailableError
from services.core.server_problem import ServerProblem, problem_of
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.database.engine import Database
from services.database.notifications import Notifications
from services.monitoring.system_events import WorkerCount, record_start_soon
from services.pipeline.dispatcher import CHANNEL, Dispatcher, Tick
from services.providers.registry import token_fingerprints
from services.reconciliation.reconciler import Reconciler
from workers.heartbeat import HEARTBEAT_SECONDS, ProcessHeartbeat
from workers.start_log import configure_logging
from workers.terminal import run_command

logger = logging.getLogger("atelier.dispatcher")

STOP_SECONDS = 2.0


@dataclass(frozen=True)
class Pauses:
    """Seconds until the next check: while a comparison goes on, idle, and after failures."""

    busy: float = 2.0
    idle: float = 10.0
    no_database: float = 10.0
    failed: float = 60.0


class Housekeeping:
    """Runs the reconciler in a thread with a database of its own until it is stopped.

    Nothing waits for it: it may be slow, and it may be killed at any moment.
    """

    def __init__(
        self, reconciler: Reconciler, database: Database, pauses: Pauses | None = None
    ) -> None:
        self._reconciler = reconciler
        self._database = database
        self._pauses = pauses or Pauses()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Start the thread; it pauses first, so that the dispatcher starts faster."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the present batch, which is waited for briefly and lost otherwise."""
        self._stopping.set()
        self._thread.join(STOP_SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        pause = self._pauses.busy
        while not self._stopping.wait(pause):
            pause = self._tick()
        self._database.close()

    def _tick(self) -> float:
        """Do what is due; return the seconds to pause."""
        try:
            was_busy = self._reconciler.tick(self._stopping.is_set)
        except DatabaseUnavailableError as error:
            logger.warning("housekeeping.no_database %s", error.problem)
            return self._pauses.no_database
        except Exception:
            # The thread's boundary: an uncaught error would end it unnoticed.
            logger.exception("housekeeping.failed")
            return self._pauses.failed
        return self._pauses.busy if was_busy else self._pauses.idle


AWAY_SECONDS = 1.0
MIN_TICK_SECONDS = 0.08
"""Between two ticks: notifications that arrive together are served together."""
SLOW_TICK_SECONDS = 2.0
"""A tick that takes longer is behind: the machine or the database is overloaded."""
TICK_FAILED = "The dispatcher's last tick failed, so nothing was enqueued."


class DispatcherProcess:
    """Sleeps until something is due or PostgreSQL notifies it, or for the safety tick.

    The safety tick finds what a lost notification left: the loss costs latency alone.
    """

    def __init__(self, settings: Settings, dispatcher: Dispatcher, database: Database) -> None:
        self._dispatcher = dispatcher
        self._process = ProcessHeartbeat(database, "dispatcher", beside=WorkerCount())
        self._notifications = Notifications(database, CHANNEL)
        self._fingerprints = token_fingerprints(settings)
        self._safety_seconds = settings.dispatch_tick_seconds
        self._is_stopping = False
        self._heartbeat_at = monotonic()
        self._is_registered = False
        self._last = Tick()
        self._working_since: float | None = None
        self._problem: ServerProblem | None = None

    def run(self) -> None:
        """Tick until stopped; an unavailable database or Redis is retried each second."""
        while not self._is_stopping:
            now = monotonic()
            seconds, min_seconds = self._tick()
            self._sleep(now + min_seconds, now + seconds)
        self._notifications.close()
        self._process.end()

    def stop(self) -> None:
        """End `run` after the tick at hand; may be called by a signal handler."""
        self._is_stopping = True
        self._notifications.wake()

    def _tick(self) -> tuple[float, float]:
        """Return the seconds to the next tick, and the fewest if a notification comes first."""
        began = monotonic()
        try:
            if not self._is_registered:
                self._dispatcher.register(self._fingerprints)
                self._is_registered = True
            tick = self._dispatcher.tick()
        except DatabaseUnavailableError as error:
            logger.warning("dispatcher.no_database")
            self._note_failure(problem_of(error))
            return AWAY_SECONDS, AWAY_SECONDS
        except Exception as error:
            # The process boundary: a lock that took too long must not stop all dispatching.
            logger.exception("dispatcher.tick_failed")
            detail = str(error).partition("\n")[0]
            self._note_failure(
                problem_of(error)
                or ServerProblem("Dispatcher", "tick_failed", TICK_FAILED, detail=detail)
            )
            return AWAY_SECONDS, AWAY_SECONDS
        self._log(tick)
        self._last = tick
        if not tick.is_queue_up:
            self._note_failure(tick.problem)
            return AWAY_SECONDS, AWAY_SECONDS
        self._problem = None
        is_behind = tick.is_behind or monotonic() - began > SLOW_TICK_SECONDS
        self._working_since = None if is_behind else self._working_since or monotonic()
        next_seconds = self._safety_seconds if tick.next_seconds is None else tick.next_seconds
        min_seconds = min(MIN_TICK_SECONDS, self._safety_seconds)
        return max(min_seconds, min(self._safety_seconds, next_seconds)), min_seconds

    def _note_failure(self, problem: ServerProblem | None) -> None:
        """Remember for the heartbeat why nothing is dispatched now."""
        self._working_since = None
        self._problem = problem

    def _sleep(self, earliest: float, until: float) -> None:
        """Sleep until then, or until a notification brings the next tick forward."""
        while not self._is_stopping:
            now = monotonic()
            if now >= self._heartbeat_at:
                self._heartbeat_at = now + HEARTBEAT_SECONDS
                self._process.send(self._detail(now))
            if now >= until:
                return
            delays = self._notifications.wait(min(until, self._heartbeat_at) - now)
            for payload in ("0",) if delays is None else delays:
                seconds = int(payload) / 1000 if payload.isdigit() else 0.0
                until = min(until, max(earliest, monotonic() + seconds))

    def _detail(self, now: float) -> dict[str, object]:
        return {
            "queue": self._last.is_queue_up,
            "problem": self._problem.as_json() if self._problem else None,
            "working_seconds": now - self._working_since if self._working_since else 0.0,
            "waiting": self._last.waiting,
        }

    def _log(self, tick: Tick) -> None:
        if tick.is_queue_up != self._last.is_queue_up:
            state = "back" if tick.is_queue_up else "away"
            logger.warning("dispatcher.queue_%s %s", state, tick.problem or "")
        if tick.enqueued or tick.recovered or tick.lost:
            logger.info(
                "dispatcher.tick enqueued=%s recovered=%s lost=%s waiting=%s",
                tick.enqueued,
                tick.recovered,
                tick.lost,
                tick.waiting,
            )


def main(_: Sequence[str]) -> int:
    """Run one dispatcher with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    dispatcher, database = build_dispatcher(settings)
    housekeeping = Housekeeping(*build_reconciler(settings))
    record_start_soon(database, "dispatcher", settings)
    process = DispatcherProcess(settings, dispatcher, database)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stop())
    housekeeping.start()
    process.run()
    housekeeping.stop()
    return 0


if __name__ == "__main__":
    run_command(main)
