"""What runs beside the dispatcher's ticks, in a thread and on a database of its own.

Nothing waits for it: it may be slow, and it may be killed at any moment.
"""

import logging
import threading
from dataclasses import dataclass

from services.core.errors import DatabaseUnavailableError
from services.database.engine import Database
from services.reconciliation.reconciler import Reconciler

logger = logging.getLogger("atelier.housekeeping")

GOODBYE_SECONDS = 2.0


@dataclass(frozen=True)
class Pauses:
    """Seconds between two looks: as usual, without a database, and after an error of ours."""

    durations: float = 2.0
    away: float = 10.0
    failed: float = 60.0


class Housekeeping:
    """Compares the storage with the rows until it is stopped."""

    def __init__(
        self, keeper: Reconciler, database: Database, pauses: Pauses | None = None
    ) -> None:
        self._keeper = keeper
        self._database = database
        self._pauses = pauses or Pauses()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin to look, after a pause: the start belongs to the dispatcher."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand, which is waited for briefly and lost otherwise."""
        self._stopping.set()
        self._thread.join(GOODBYE_SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        pause = self._pauses.durations
        while not self._stopping.wait(pause):
            pause = self._turn()
        self._database.close()

    def _turn(self) -> float:
        """Do what is due; how long to wait then."""
        try:
            self._keeper.tick(self._stopping.is_set)
        except DatabaseUnavailableError:
            logger.warning("housekeeping.no_database")
            return self._pauses.away
        except Exception:
            # The thread's boundary: it would else be silent for ever.
            logger.exception("housekeeping.failed")
            return self._pauses.failed
        return self._pauses.durations
