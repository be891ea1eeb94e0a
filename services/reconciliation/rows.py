"""Read and write what a comparison concerns: live assets, verdicts, orphaned files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.states import MissingCause, RunState
from services.database.engine import Database
from services.database.models import Asset, Attempt, OrphanedFile, Run
from services.storage.base import ObjectInfo
from services.storage.keys import parse_key

PAGE_ROWS = 1000

Verdicts = Mapping[str, MissingCause | None]
"""Missing causes by asset id; None when the files are there."""
COLUMNS = (
    Asset.id,
    Asset.storage_key,
    Asset.thumbnail_key,
    Asset.storage_uri,
    Asset.byte_count,
    Asset.missing_cause,
)
_LIVE = select(*COLUMNS).where(Asset.deleted_at.is_(None))
YOUNG = timedelta(hours=1)
"""A younger file may still get its row from a run or an upload."""
_HOLDING = (RunState.SUBMITTING, RunState.INGESTING)
_KEY_FIELDS = ("storage_key", "thumbnail_key")
KeyRange = tuple[str, str]
"""Keys after the first, up to the second."""


@dataclass(frozen=True)
class AssetRow:
    """A live asset; `missing_cause` is the verdict before this comparison."""

    id: str
    storage_key: str
    thumbnail_key: str
    storage_uri: str
    byte_count: int
    missing_cause: MissingCause | None


def rows_in_key_order(database: Database, prefix: str, after: str) -> Iterator[AssetRow]:
    """Yield rows whose key has the prefix (which ends with a slash) and sorts after `after`.

    Each page has its own transaction: the caller may take long in between.
    """
    last: tuple[str, str] = (after, "")
    query = _LIVE.where(Asset.storage_key < prefix + "~").limit(PAGE_ROWS)
    query = query.order_by(Asset.storage_key, Asset.id)
    while True:
        beyond = tuple_(Asset.storage_key, Asset.id) > tuple_(*last)
        page = _read(database, query.where(beyond))
        yield from page
        if len(page) < PAGE_ROWS:
            return
        last = (page[-1].storage_key, page[-1].id)


def _read(
    database: Database, query: Select[str, str, str, str, int, MissingCause | None]
) -> list[AssetRow]:
    with database.transaction() as session:
        return [AssetRow(*row) for row in session.execute(query)]


def rows_made_since(database: Database, since: datetime) -> Iterator[list[AssetRow]]:
    """Yield pages of the assets created after `since`, the oldest first."""
    last: tuple[datetime, str] = (since, "")
    while True:
        query = (
            select(Asset.created_at, *COLUMNS)
            .where(Asset.deleted_at.is_(None), tuple_(Asset.created_at, Asset.id) > tuple_(*last))
            .order_by(Asset.created_at, Asset.id)
            .limit(PAGE_ROWS)
        )
        with database.transaction() as session:
            found = session.execute(query).all()
        if found:
            last = (found[-1].created_at, found[-1].id)
            yield [AssetRow(*row[1:]) for row in found]
        if len(found) < PAGE_ROWS:
            return


def newest_missing(database: Database, limit: int) -> list[AssetRow]:
    """Read the rows that were marked as missing last."""
    newest_first = (Asset.missing_at.desc(), Asset.id.desc())
    query = _LIVE.where(Asset.missing_at.is_not(None)).order_by(*newest_first)
    return _read(database, query.limit(limit))


def rows_of_hash(database: Database, sha256: str) -> list[AssetRow]:
    """Read the rows that share this content."""
    return _read(database, _LIVE.where(Asset.sha256 == sha256))


def write_verdicts(session: Session, verdicts: Verdicts) -> None:
    """Write the verdicts, in one statement for each cause."""
    for cause in sorted({*verdicts.values()}, key=str):
        _write(session, [row_id for row_id, found in verdicts.items() if found is cause], cause)


def _write(session: Session, ids: list[str], cause: MissingCause | None) -> None:
    # Skip rows that an erasure holds: waiting for them could deadlock.
    free = (
        select(Asset.id)
        .where(Asset.id.in_(ids), Asset.deleted_at.is_(None))
        .with_for_update(skip_locked=True, key_share=True)
        .cte("free")
    )
    missing_at = func.coalesce(Asset.missing_at, func.clock_timestamp()) if cause else None
    session.execute(
        update(Asset)
        .where(Asset.id.in_(select(free.c.id)))
        .values(checked_at=func.clock_timestamp(), missing_at=missing_at, missing_cause=cause)
        .execution_options(synchronize_session=False)
    )


def unnamed(
    session: Session, objects: Iterable[ObjectInfo], now: datetime
) -> dict[str, ObjectInfo]:
    """Return files that are old enough and named by no live row and no open attempt."""
    old = {found.key: found for found in objects if found.modified_at < now - YOUNG}
    if not old:
        return {}
    named = _named_by_rows(session, old) | _named_by_attempts(session)
    return {key: found for key, found in old.items() if key not in named}


def record_orphans(
    session: Session, ranges: Sequence[KeyRange], orphans: dict[str, ObjectInfo]
) -> None:
    """Replace the stored list within the compared key ranges."""
    inside = [
        (OrphanedFile.storage_key > first) & (OrphanedFile.storage_key <= last)
        for first, last in ranges
    ]
    session.execute(
        delete(OrphanedFile)
        .where(or_(*inside), OrphanedFile.storage_key.not_in(list(orphans)))
        .execution_options(synchronize_session=False)
    )
    if orphans:
        rows = [
            {
                "storage_key": found.key,
                "byte_count": found.byte_count,
                "modified_at": found.modified_at,
            }
            for found in orphans.values()
        ]
        session.execute(insert(OrphanedFile).values(rows).on_conflict_do_nothing())


def _named_by_rows(session: Session, keys: Iterable[str]) -> set[str]:
    hashes = {parse_key(key).sha256 for key in keys}
    rows = session.execute(
        select(Asset.storage_key, Asset.thumbnail_key).where(
            Asset.sha256.in_(hashes), Asset.deleted_at.is_(None)
        )
    )
    return {key for row in rows for key in row}


def _named_by_attempts(session: Session) -> set[str]:
    """Return keys of open attempts: synchronous answers are stored before they have rows."""
    output = func.jsonb_array_elements(Attempt.outputs).table_valued("value").lateral()
    fields = [func.jsonb_extract_path_text(output.c.value, name) for name in _KEY_FIELDS]
    rows = session.execute(
        select(*fields)
        .select_from(Run)
        .join(Attempt, Attempt.run_id == Run.id)
        .join(output, fields[0].is_not(None))
        .where(Run.state.in_(_HOLDING))
    )
    return {key for row in rows for key in row if key}
