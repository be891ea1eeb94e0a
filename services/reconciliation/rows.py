"""Read live assets for a comparison, and write its verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.orm import Session

from services.core.states import MissingCause
from services.database.engine import Database
from services.database.models import Asset

PAGE_ROWS = 1000

Verdicts = Mapping[str, MissingCause | None]
"""Missing causes by asset id; None when the files are there."""


@dataclass(frozen=True)
class AssetRow:
    """A live asset; `missing_cause` is the verdict before this comparison."""

    id: str
    storage_key: str
    thumbnail_key: str
    storage_uri: str
    missing_cause: MissingCause | None


COLUMNS = (
    Asset.id,
    Asset.storage_key,
    Asset.thumbnail_key,
    Asset.storage_uri,
    Asset.missing_cause,
)


def rows_in_key_order(database: Database, prefix: str, after: str) -> Iterator[AssetRow]:
    """Yield rows whose key has the prefix (which ends with a slash) and sorts after `after`.

    Each page has its own transaction: the caller may take long in between.
    """
    last: tuple[str, str] = (after, "")
    is_of_kind = Asset.storage_key < prefix + "~"
    while True:
        beyond = tuple_(Asset.storage_key, Asset.id) > tuple_(*last)
        page = _page(database, beyond, is_of_kind)
        yield from page
        if len(page) < PAGE_ROWS:
            return
        last = (page[-1].storage_key, page[-1].id)


def _page(database: Database, *conditions: ColumnElement[bool]) -> list[AssetRow]:
    query = (
        select(*COLUMNS)
        .where(Asset.deleted_at.is_(None), *conditions)
        .order_by(Asset.storage_key, Asset.id)
        .limit(PAGE_ROWS)
    )
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
    query = (
        select(*COLUMNS)
        .where(Asset.deleted_at.is_(None), Asset.missing_at.is_not(None))
        .order_by(Asset.missing_at.desc(), Asset.id.desc())
        .limit(limit)
    )
    with database.transaction() as session:
        return [AssetRow(*row) for row in session.execute(query)]


def rows_of_hash(database: Database, sha256: str) -> list[AssetRow]:
    """Read the rows that share this content."""
    query = select(*COLUMNS).where(Asset.deleted_at.is_(None), Asset.sha256 == sha256)
    with database.transaction() as session:
        return [AssetRow(*row) for row in session.execute(query)]


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
