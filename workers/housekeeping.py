"""Compare the storage with the rows beside the dispatcher, in a thread with its own database.

Nothing waits for it: it may be slow, and it may be killed at any moment.
"""

import logging
import threading
from dataclasses import dataclass

from services.core.errors import DatabaseUnavailableError
from services.database.engine import Database
from services.reconciliation.reconciler import Reconciler

logger = logging.getLogger("atelier.housekeeping")

STOP_SECONDS = 2.0


@dataclass(frozen=True)
class Pauses:
    """Seconds until the next check: while a comparison goes on, idle, and after failures."""

    busy: float = 2.0
    idle: float = 10.0
    no_database: float = 10.0
    failed: float = 60.0


class Housekeeping:
    """Runs the reconciler until it is stopped."""

    def __init__(
        self, reconciler: Reconciler, database: Database, pauses: Pauses | None = None
    ) -> None:
        self._reconciler = reconciler
        self._database = database
        self._pauses = pauses or Pauses()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Start the thread; it pauses first, since the start belongs to the dispatcher."""
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
        except DatabaseUnavailableError:
            logger.warning("housekeeping.no_database")
            return self._pauses.no_database
        except Exception:
            # The thread's boundary: an uncaught error would end it unnoticed.
            logger.exception("housekeeping.failed")
            return self._pauses.failed
        return self._pauses.busy if was_busy else self._pauses.idle
