"""Check single files, and whether storage as a whole is plausible."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool

from sqlalchemy import ARRAY, Text, collate, func, literal, select, true

from services.core.errors import StorageError
from services.core.states import MissingCause
from services.database.engine import Database
from services.database.models import Asset
from services.reconciliation.rows import COLUMNS, AssetRow, Verdicts
from services.storage.base import Storage
from services.storage.keys import is_key, original_key

THREADS = 8
MIN_PROOF_ROWS = 20
"""Fewer rows prove nothing about storage as a whole."""
_SAMPLED_PLACES = 100
_SEEMS_EMPTY = (
    "almost none of its files are there. Check whether its disk is mounted and"
    " whether the settings name the right bucket or folder"
)


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
    # Daemon threads: a storage that hangs does not keep the process from ending.
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
