"""Orphaned files: find those that no row or open run names, and store their list."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.states import RunState
from services.database.models import Asset, Attempt, OrphanedFile, Run
from services.storage.base import ObjectInfo
from services.storage.keys import parse_key

YOUNG = timedelta(hours=1)
"""A younger file may still get its row from a run or an upload."""
_HOLDING = (RunState.SUBMITTING, RunState.INGESTING)
_KEY_FIELDS = ("storage_key", "thumbnail_key")

KeyRange = tuple[str, str]
"""Keys after the first, up to the second."""


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
