"""Asks the storage for single files, and whether it holds anything of what it should."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool

from sqlalchemy import ARRAY, Text, collate, func, literal, select, true

from services.core.errors import StorageError
from services.core.states import MissingCause
from services.database.engine import Database
from services.database.models import Asset
from services.reconciliation.merge import judge
from services.reconciliation.rows import COLUMNS, AssetRow, Verdicts
from services.storage.base import Storage
from services.storage.keys import is_key, original_key

THREADS = 8
PROOF_ROWS = 20
"""So few rows prove nothing of the whole storage."""
_SAMPLED_PLACES = 100
_LOOKS_EMPTY = (
    "it lists almost nothing of what it should hold. See whether its disk is mounted, and"
    " whether the settings name the right bucket or folder"
)


@dataclass(frozen=True)
class Sample:
    """Of pictures from everywhere that were not missing before: how many are there."""

    there: int
    gone: int

    @property
    def is_storage_away(self) -> bool:
        """Whether it looks like an unmounted disk rather than lost pictures."""
        return self.there == 0 or self.gone > self.there


def look(storage: Storage, rows: Sequence[AssetRow]) -> dict[str, MissingCause | None]:
    """Ask for every file of these rows; raises StorageError."""
    keys = sorted({key for row in rows for key in (row.storage_key, row.thumbnail_key)})
    there = _existing(storage, [key for key in keys if is_key(key)])
    return {row.id: judge(row, there.__contains__, storage.uri) for row in rows}


def _existing(storage: Storage, keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    # Its threads are daemons: a storage that hangs keeps no process from ending.
    with ThreadPool(min(THREADS, len(keys))) as pool:
        return {found.key for found in pool.imap_unordered(storage.head, keys) if found}


def require_believable(
    database: Database, storage: Storage, rows: Iterable[AssetRow], verdicts: Verdicts
) -> None:
    """Raise StorageError when so much is newly gone that the storage itself must be in doubt.

    A hole in one place is believed when pictures from everywhere else are there.
    """
    fresh = [verdicts[row.id] for row in rows if row.missing_cause is None]
    here = [cause for cause in fresh if cause is not MissingCause.WRONG_BUCKET]
    gone = here.count(MissingCause.GONE)
    if len(here) < PROOF_ROWS or gone * 2 <= len(here):
        return
    if sample(database, storage).is_storage_away:
        raise StorageError(reason=_LOOKS_EMPTY)


def sample(database: Database, storage: Storage) -> Sample:
    """Look at the originals next to random places; their keys are hashes, so these are everywhere."""
    rows = [row for row in _random_rows(database) if row.missing_cause is None]
    found = list(look(storage, rows).values())
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
