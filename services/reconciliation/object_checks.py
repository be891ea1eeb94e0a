"""Check single files, and whether storage itself is plausible."""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing.pool import ThreadPool
from threading import Lock
from time import monotonic

from sqlalchemy import ARRAY, Text, collate, func, literal, select, true

from services.core.errors import DatabaseUnavailableError, StorageError
from services.core.states import MissingCause
from services.database.engine import Database
from services.database.models import Asset
from services.reconciliation.rows import COLUMNS, AssetRow, Verdicts, rows_of_hash, write_verdicts
from services.storage.base import Storage
from services.storage.keys import is_key, original_key, parse_key

THREADS = 8
MIN_PROOF_ROWS = 20
"""Fewer rows prove nothing about storage itself."""
_SAMPLED_PLACES = 100
_SEEMS_EMPTY = (
    "almost none of its files are there. Check whether its disk is mounted and"
    " whether the settings name the right bucket or folder"
)
logger = logging.getLogger(__name__)
MAX_CHECKS = 20
WINDOW_SECONDS = 10.0
KNOWN_SECONDS = 300.0
SAMPLE_SECONDS = 60.0


@dataclass(frozen=True)
class Sample:
    """Counts of random pictures, not missing before, that are there or gone."""

    there: int
    gone: int

    @property
    def is_storage_away(self) -> bool:
        """Whether a disk is unmounted rather than pictures lost."""
        return self.there == 0 or self.gone > self.there


def missing_cause_of(
    row: AssetRow, has: Callable[[str], bool], uri: Callable[[str], str]
) -> MissingCause | None:
    """Return why the row's files cannot be shown; None when they can.

    A file that is in this storage is fine, whatever other address its row names.
    """
    if not is_key(row.storage_key):
        return MissingCause.GONE
    if not has(row.storage_key):
        is_here = row.storage_uri == uri(row.storage_key)
        return MissingCause.GONE if is_here else MissingCause.WRONG_BUCKET
    if row.thumbnail_key and not has(row.thumbnail_key):
        return MissingCause.THUMBNAIL_GONE
    return None


def check_files(storage: Storage, rows: Sequence[AssetRow]) -> dict[str, MissingCause | None]:
    """Check every file of these rows; raises StorageError."""
    keys = sorted({key for row in rows for key in (row.storage_key, row.thumbnail_key)})
    there = _existing(storage, [key for key in keys if is_key(key)])
    return {row.id: missing_cause_of(row, there.__contains__, storage.uri) for row in rows}


def _existing(storage: Storage, keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    # Daemon threads: a storage that hangs must not prevent the process from ending.
    with ThreadPool(min(THREADS, len(keys))) as pool:
        return {found.key for found in pool.imap_unordered(storage.head, keys) if found}


def refuse_implausible(
    database: Database, storage: Storage, rows: Iterable[AssetRow], verdicts: Verdicts
) -> None:
    """Raise StorageError when so much is newly gone that storage itself is in doubt.

    A gap in one place is plausible when random pictures elsewhere are there.
    """
    unmarked = [verdicts[row.id] for row in rows if row.missing_cause is None]
    here = [cause for cause in unmarked if cause is not MissingCause.WRONG_BUCKET]
    gone = here.count(MissingCause.GONE)
    if len(here) < MIN_PROOF_ROWS or gone * 2 <= len(here):
        return
    if sample(database, storage).is_storage_away:
        raise StorageError(reason=_SEEMS_EMPTY)


def sample(database: Database, storage: Storage) -> Sample:
    """Check originals at random keys; keys are hashes, so these spread over all of storage."""
    rows = [row for row in _random_rows(database) if row.missing_cause is None]
    found = list(check_files(storage, rows).values())
    gone = found.count(MissingCause.GONE)
    return Sample(len(found) - gone - found.count(MissingCause.WRONG_BUCKET), gone)


def _random_rows(database: Database) -> list[AssetRow]:
    keys = [original_key(secrets.token_hex(32), "png") for _ in range(_SAMPLED_PLACES)]
    places = func.unnest(literal(keys, ARRAY(Text))).table_valued("key").render_derived()
    nearest = (
        select(*COLUMNS)
        .where(Asset.deleted_at.is_(None), Asset.storage_key > collate(places.c.key, "C"))
        .order_by(Asset.storage_key)
        .limit(1)
        .lateral()
    )
    query = select(nearest).distinct().select_from(places).join(nearest, true())
    with database.transaction() as session:
        return [AssetRow(*row) for row in session.execute(query)]


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
