"""Check single files, and whether storage itself is plausible."""

import hashlib
import logging
import random
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing.pool import ThreadPool
from threading import Lock
from time import monotonic

from sqlalchemy import ARRAY, Text, collate, func, literal, select, true

from services.core.errors import (
    DatabaseUnavailableError,
    ObjectDamagedError,
    ObjectMissingError,
    StorageError,
)
from services.core.states import MissingCause
from services.database.engine import Database
from services.database.models import Asset
from services.reconciliation.rows import COLUMNS, AssetRow, Verdicts, rows_of_hash, write_verdicts
from services.storage.base import Storage
from services.storage.keys import is_key, original_key, parse_key

THREADS = 8
PIECE_BYTES = 1024 * 1024
HASHED = 3
"""Of each batch, so many files are read whole."""
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
    row: AssetRow, size_of: Callable[[str], int | None], uri: Callable[[str], str]
) -> MissingCause | None:
    """Return why the row's files cannot be shown; None when they can.

    `size_of` returns a file's bytes, None where there is none. A file that is in this storage is
    fine, whatever other address its row names.
    """
    if not is_key(row.storage_key):
        return MissingCause.GONE
    size = size_of(row.storage_key)
    if size is None:
        is_here = row.storage_uri == uri(row.storage_key)
        return MissingCause.GONE if is_here else MissingCause.WRONG_BUCKET
    if size != row.byte_count:
        return MissingCause.DAMAGED
    if row.thumbnail_key and not size_of(row.thumbnail_key):
        return MissingCause.THUMBNAIL_GONE
    return None


def check_files(storage: Storage, rows: Sequence[AssetRow]) -> dict[str, MissingCause | None]:
    """Check every file of these rows by its size, and a known damage by its content.

    Raises StorageError.
    """
    keys = sorted({key for row in rows for key in (row.storage_key, row.thumbnail_key)})
    sizes = _sizes(storage, [key for key in keys if is_key(key)])
    found = {row.id: missing_cause_of(row, sizes.get, storage.uri) for row in rows}
    # The size of a damaged file may be right.
    doubtful = [row for row in rows if row.missing_cause is MissingCause.DAMAGED]
    return found | check_contents(storage, [row for row in doubtful if found[row.id] is None])


def check_contents(storage: Storage, rows: Sequence[AssetRow]) -> dict[str, MissingCause | None]:
    """Read these files whole and compare them with the hash in their key; raises StorageError."""
    return {
        row.id: None if is_intact(storage, row.storage_key) else MissingCause.DAMAGED
        for row in rows
    }


def is_intact(storage: Storage, key: str) -> bool:
    """Whether the stored bytes are those that the key names; raises StorageError."""
    sha256 = hashlib.sha256()
    try:
        with storage.open(key) as stream:
            while piece := stream.read(PIECE_BYTES):
                sha256.update(piece)
    except (ObjectDamagedError, ObjectMissingError):
        return False
    return sha256.hexdigest() == parse_key(key).sha256


def sampled(rows: Sequence[AssetRow], verdicts: Verdicts) -> list[AssetRow]:
    """Return a few of the rows whose files are there, to be read whole."""
    sound = [row for row in rows if verdicts[row.id] is None]
    return random.sample(sound, min(HASHED, len(sound)))


def _sizes(storage: Storage, keys: Sequence[str]) -> dict[str, int]:
    if not keys:
        return {}
    # Daemon threads: a storage that hangs must not prevent the process from ending.
    with ThreadPool(min(THREADS, len(keys))) as pool:
        found = pool.imap_unordered(storage.head, keys)
        return {one.key: one.byte_count for one in found if one}


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
    rows = [row for row in random_rows(database) if row.missing_cause is None]
    found = list(check_files(storage, rows).values())
    gone = found.count(MissingCause.GONE)
    return Sample(len(found) - gone - found.count(MissingCause.WRONG_BUCKET), gone)


def random_rows(database: Database) -> list[AssetRow]:
    """Return the live rows next to random keys, each once."""
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
        found |= check_contents(self._storage, [row for row in rows if found[row.id] is None][:1])
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
