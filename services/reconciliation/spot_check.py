"""SpotCheck: mark a picture as missing as soon as a request does not find it."""

import logging
from collections.abc import Callable
from itertools import islice
from threading import Lock
from time import monotonic

from services.core.errors import DatabaseUnavailableError, StorageError
from services.database.engine import Database
from services.reconciliation.object_checks import MIN_PROOF_ROWS, Sample, check_files, sample
from services.reconciliation.rows import rows_of_hash, write_verdicts
from services.storage.base import Storage
from services.storage.keys import parse_key

logger = logging.getLogger(__name__)

MAX_CHECKS = 20
WINDOW_SECONDS = 10.0
KNOWN_SECONDS = 300.0
SAMPLE_SECONDS = 60.0


class SpotCheck:
    """Thread-safe. At most 20 checks in ten seconds, and one of a key in five minutes."""

    def __init__(
        self, database: Database, storage: Storage, clock: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._storage = storage
        self._clock = clock
        self._lock = Lock()
        # In the order of their times, and few: 20 in ten seconds.
        self._checked: dict[str, float] = {}
        self._sample: tuple[float, Sample] | None = None

    def notice(self, storage_key: str) -> None:
        """Check a file that a request did not find; never raises, as the response must go out."""
        if not self._admits(storage_key):
            return
        try:
            self._check(storage_key)
        except (DatabaseUnavailableError, StorageError) as error:
            logger.warning("spot_check_failed %s", error.code)

    def _admits(self, storage_key: str) -> bool:
        now = self._clock()
        with self._lock:
            for key in [key for key, at in self._checked.items() if at <= now - KNOWN_SECONDS]:
                del self._checked[key]
            newest = list(islice(reversed(self._checked.values()), MAX_CHECKS))
            is_burst = len(newest) == MAX_CHECKS and newest[-1] > now - WINDOW_SECONDS
            if storage_key in self._checked or is_burst:
                return False
            self._checked[storage_key] = now
            return True

    def _check(self, storage_key: str) -> None:
        rows = rows_of_hash(self._database, parse_key(storage_key).sha256)
        found = check_files(self._storage, rows)
        changed = {row.id: found[row.id] for row in rows if found[row.id] != row.missing_cause}
        if changed and not self._is_storage_away():
            with self._database.transaction() as session:
                write_verdicts(session, changed)

    def _is_storage_away(self) -> bool:
        now = self._clock()
        if self._sample is None or self._sample[0] <= now - SAMPLE_SECONDS:
            self._sample = now, sample(self._database, self._storage)
        seen = self._sample[1]
        return seen.there + seen.gone >= MIN_PROOF_ROWS and seen.is_storage_away
