"""DeleteOrphan: delete a stored file that no row names."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.audit.changes import lock_name
from services.core.errors import RemedyRefusedError
from services.core.states import Role
from services.database.models import Asset, Attempt, OrphanedFile, Run
from services.references.erase import lock_picture
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import UNDECIDED, SubjectKind
from services.storage.base import ObjectInfo
from services.storage.keys import parse_key

YOUNG_HOURS = 1
UNKNOWN = "No orphaned file with this key is known (any more)."
NAMED = "A picture's row names this file, or one of the same content."
IN_WORK = "A run that has not ended uses this file."
YOUNG = "It was written within the last hour, so its row may still follow."


class DeleteOrphan(Remedy[ObjectInfo | None]):
    """Delete a file that nothing needs; the audit row is committed before it goes."""

    id = "delete_orphan"
    label = "Delete file"
    icon = "delete"
    consequence = "Deletes a stored file that no row names. It cannot be restored."
    audit_label = "Deleted an orphaned file"
    subject = SubjectKind.OBJECT
    role = Role.ADMIN

    def inspect(self, offer: RemedyOffer) -> ObjectInfo | None:
        """Read whether it still exists; raises StorageError, also for a malformed key."""
        return self._context.storage.head(parse_key(offer.subject_id).text)

    def plan(self, session: Session, offer: RemedyOffer, facts: ObjectInfo | None) -> DryRun:
        """Refuse it while a row or an open run needs the content."""
        row = session.get(OrphanedFile, offer.subject_id, populate_existing=True)
        size = f"{facts.byte_count:,} bytes are deleted" if facts else ""
        return DryRun(
            offer,
            f"{size or 'The file is gone already; its entry is removed'}. This is final.",
            {"is_orphan": row is not None, "is_there": facts is not None},
            problem=UNKNOWN if row is None else orphan_problem(session, offer.subject_id, facts),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the file's content, as uploads and erasures do."""
        lock_picture(session, parse_key(offer.subject_id).sha256)
        lock_name(session, f"orphan:{offer.subject_id}")

    def change(self, session: Session, request: RemedyRequest, facts: ObjectInfo | None) -> Change:
        """Write the audit row only."""
        return Change("It is deleted.", {"is_orphan": False, "is_there": False})

    def finish(self, request: RemedyRequest, facts: ObjectInfo | None) -> str:
        """Delete the file, then its entry: a crash in between leaves an entry to delete later.

        The storage is called while the content is locked, as in every erasure: nobody may store
        a row for this file meanwhile.
        """
        with self._context.database.transaction() as session:
            self.lock(session, request.offer)
            problem = orphan_problem(session, request.subject_id, facts)
            if problem is not None:
                raise RemedyRefusedError(problem=problem)
            self._context.storage.delete(request.subject_id)
            forget_orphan(session, request.subject_id)
        return ""


def forget_orphan(session: Session, key: str) -> None:
    """Remove the entry of an orphaned file."""
    session.execute(delete(OrphanedFile).where(OrphanedFile.storage_key == key))


def orphan_problem(session: Session, key: str, info: ObjectInfo | None) -> str | None:
    """Return why this file is needed, or may be soon."""
    if is_named(session, key):
        return NAMED
    if _is_used_by_run(session, key):
        return IN_WORK
    if info is None:
        return None
    limit = func.clock_timestamp() - timedelta(hours=YOUNG_HOURS)
    is_young = session.scalars(select(limit)).one() < info.modified_at
    return YOUNG if is_young else None


def is_named(session: Session, key: str) -> bool:
    """Whether a live row has this content; originals and their thumbnails share the hash."""
    named = select(Asset.id).where(
        Asset.sha256 == parse_key(key).sha256, Asset.deleted_at.is_(None)
    )
    return session.scalar(named.limit(1)) is not None


def _is_used_by_run(session: Session, key: str) -> bool:
    """Whether an open attempt names it: a synchronous answer is stored before its row."""
    original: list[dict[str, Any]] = [{"storage_key": key}]
    thumbnail: list[dict[str, Any]] = [{"thumbnail_key": key}]
    in_work = (
        select(Attempt.id)
        .join(Run, Run.id == Attempt.run_id)
        .where(
            Run.state.in_(UNDECIDED),
            Attempt.outputs.contains(original) | Attempt.outputs.contains(thumbnail),
        )
    )
    return session.scalar(in_work.limit(1)) is not None
