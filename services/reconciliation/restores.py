"""Notice that the database was restored from an older copy, and say what that means.

The storage holds a mark that a restore of the database does not take back: the newest event of the
timeline that was seen. Events are never removed or changed, so a database that lacks this one, or has
another in its place, is an older copy or another database.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from services.audit.changes import lock_name, reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, ObjectMissingError, StorageError
from services.core.states import ACTIVE_RUNS, Role
from services.database.engine import Database
from services.database.models import DatabaseRestore, Event, LedgerEntry, OrphanedFile, Run
from services.storage.base import Storage
from services.storage.keys import mark_key, parse_key

logger = logging.getLogger("atelier.restores")

MARK = mark_key("database")
MARK_SECONDS = 60.0
"""Between two marks: a restore to a younger copy than this may pass unnoticed."""
MAX_LISTED = 200
BLOCKED = (
    "The database was restored from an older copy: this file may belong to work that the copy does not"
    " know. ./run recovery lists it and ends the recovery."
)
UNKNOWABLE = (
    "Batches started after the copy: see the orphaned files, and the provider's own list.",
    "Credits that were granted, charged or refunded after the copy: balances are those of the copy.",
    "Changes of accounts, prices, budgets, poses, people and settings after the copy.",
    "Notes, consents and their withdrawals, uploads and deletions after the copy.",
    "Calls to Gemini and Hugging Face, which list none: queued work may be paid there twice.",
)

_NEWEST = select(Event.id, Event.at).order_by(Event.id.desc()).limit(1)


@dataclass(frozen=True)
class RestoreReport:
    """An open restore: what of the lost time can be found, and what cannot be known."""

    noticed_at: datetime
    copied_at: datetime
    lost_at: datetime
    open_runs: int
    """Work that the copy had begun or queued: it goes on, and what was sent meanwhile is adopted."""
    files: tuple[str, ...]
    """Keys of files without a row that were stored after the copy, newest first."""
    file_count: int
    ledger_entries: int
    """Entries since the restore; the copy's balances moved by these alone."""


class RestoreGuard:
    """Compares the storage's mark with the database, and writes it; call `check` often."""

    def __init__(self, database: Database, open_storage: Callable[[], Storage]) -> None:
        self._database = database
        self._open_storage = open_storage
        self._storage: Storage | None = None
        self._due_at = 0.0

    def check(self) -> None:
        """Compare and write the mark where it is due; a storage that is away is asked later.

        Raises DatabaseUnavailableError.
        """
        if monotonic() < self._due_at:
            return
        self._due_at = monotonic() + MARK_SECONDS
        try:
            self._storage = self._storage or self._open_storage()
            self._compare(self._storage)
        except StorageError as error:
            logger.warning("restores.no_mark %s", error.sentence)

    def _compare(self, storage: Storage) -> None:
        with self._database.transaction() as session:
            if open_restore(session) is not None:
                return
        # Read before the newest event: another process may write a younger mark meanwhile.
        mark = _read(storage)
        with self._database.transaction() as session:
            lock_name(session, "database_restore")
            newest = session.execute(_NEWEST).first()
            is_behind = mark is not None and not _has(session, mark)
            if mark is not None and is_behind and not _was_dealt_with(session, mark):
                _notice(session, mark, newest.at if newest else mark.at)
                return
        if newest is not None and (mark is None or is_behind or newest.id > mark.id):
            content = json.dumps({"event_id": newest.id, "at": newest.at.isoformat()})
            storage.put(MARK, content.encode(), parse_key(MARK).content_type)


@dataclass(frozen=True)
class _Mark:
    id: int
    at: datetime


def _read(storage: Storage) -> _Mark | None:
    """Read the mark; None without one, or where it is damaged."""
    try:
        found = json.loads(storage.get(MARK))
        return _Mark(int(found["event_id"]), datetime.fromisoformat(found["at"]))
    except ObjectMissingError:
        return None
    except (ValueError, KeyError, TypeError):
        logger.warning("restores.mark_damaged")
        return None


def _has(session: Session, mark: _Mark) -> bool:
    return session.scalar(select(Event.at).where(Event.id == mark.id)) == mark.at


def _was_dealt_with(session: Session, mark: _Mark) -> bool:
    ended = select(DatabaseRestore.id).where(
        DatabaseRestore.lost_at == mark.at, DatabaseRestore.ended_at.is_not(None)
    )
    return session.scalar(ended.limit(1)) is not None


def _notice(session: Session, mark: _Mark, copied_at: datetime) -> None:
    if open_restore(session) is not None:
        return
    # Another database altogether may be younger than the mark.
    copied_at = min(copied_at, mark.at)
    session.add(DatabaseRestore(copied_at=copied_at, lost_at=mark.at))
    logger.error("restores.noticed copied_at=%s lost_at=%s", copied_at, mark.at)


def open_restore(session: Session) -> DatabaseRestore | None:
    """Return the restore that nobody has dealt with yet."""
    return session.scalar(
        select(DatabaseRestore)
        .where(DatabaseRestore.ended_at.is_(None))
        .order_by(DatabaseRestore.id.desc())
        .limit(1)
    )


class Recovery:
    """What a person reads and decides after a restore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, actor: Actor) -> RestoreReport | None:
        """Return the open restore with what was found; None when there is none."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            found = open_restore(session)
            return None if found is None else _report(session, found)

    def end(self, actor: Actor, reason: str) -> None:
        """End it: the mark follows this database again, and orphaned files may be deleted.

        Raises InvalidRequestError when no restore is open.
        """
        require(actor, Role.ADMIN)
        reason = reason_of(reason)
        with self._database.transaction() as session:
            ended = session.scalar(
                update(DatabaseRestore)
                .where(DatabaseRestore.ended_at.is_(None))
                .values(ended_at=func.clock_timestamp())
                .returning(DatabaseRestore.id)
            )
            if ended is None:
                raise InvalidRequestError(problem="No restore of the database is open.")
            record_change(session, actor, "database.recover", str(ended), reason)


def _report(session: Session, found: DatabaseRestore) -> RestoreReport:
    later = OrphanedFile.modified_at >= found.copied_at
    keys = select(OrphanedFile.storage_key).where(later).order_by(OrphanedFile.modified_at.desc())
    return RestoreReport(
        noticed_at=found.noticed_at,
        copied_at=found.copied_at,
        lost_at=found.lost_at,
        open_runs=_count(
            session,
            select(func.count()).where(
                Run.state.in_(ACTIVE_RUNS), Run.created_at <= found.copied_at
            ),
        ),
        files=tuple(session.scalars(keys.limit(MAX_LISTED))),
        file_count=_count(session, select(func.count()).select_from(OrphanedFile).where(later)),
        ledger_entries=_count(
            session, select(func.count()).where(LedgerEntry.created_at > found.lost_at)
        ),
    )


def _count(session: Session, query: Select[int]) -> int:
    return session.scalars(query).one()
