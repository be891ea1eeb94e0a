"""Stored objects that no row names: one becomes a slot's picture, or is deleted."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.audit.changes import lock_name
from services.core.errors import RemedyRefusedError
from services.database.models import Asset, Attempt, OrphanedFile, Run
from services.references.part import lock_picture
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.subjects import UNDECIDED
from services.storage.base import ObjectInfo
from services.storage.keys import parse_key

YOUNG_HOURS = 1
UNKNOWN = "No stray object with this key is known (any more)."
NAMED = "A picture's row names this object, or one of the same content."
IN_WORK = "Work that has not ended yet counts on this object."
YOUNG = "It was written within the last hour, so its row may still follow."


class DeleteOrphan(RemedyTemplate[ObjectInfo | None]):
    """Deletes an object that nothing needs. The audit is committed before it goes."""

    kind = RemedyKind.DELETE_ORPHAN

    def ask(self, offer: RemedyOffer) -> ObjectInfo | None:
        """Whether it is still there; raises StorageError, for a text that is no key too."""
        return self._parts.storage.head(parse_key(offer.subject_id).text)

    def plan(self, session: Session, offer: RemedyOffer, known: ObjectInfo | None) -> DryRun:
        """Only where no row and no work in progress needs its content."""
        row = session.get(OrphanedFile, offer.subject_id, populate_existing=True)
        size = f"{known.byte_count:,} bytes" if known else "The object is gone already; its note"
        return DryRun(
            offer,
            f"{size} {'are' if known else 'is'} deleted for good.",
            {"is_orphan": row is not None, "is_there": known is not None},
            problem=UNKNOWN if row is None else orphan_problem(session, offer.subject_id, known),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The object's content, as uploads and erasures lock it."""
        lock_picture(session, parse_key(offer.subject_id).sha256)
        lock_name(session, f"stray:{offer.subject_id}")

    def do(self, session: Session, order: Order, known: ObjectInfo | None) -> Done:
        """The audit row alone."""
        return Done("It is deleted.", {"is_orphan": False, "is_there": False})

    def afterwards(self, order: Order, known: ObjectInfo | None) -> str:
        """The object, then the note of it: a death in between leaves a note that can be cleared.

        The network is used while the picture is locked, as every erasure does: nobody may store a
        row for this object meanwhile.
        """
        with self._parts.database.transaction() as session:
            self.lock(session, order.offer)
            problem = orphan_problem(session, order.subject_id, known)
            if problem is not None:
                raise RemedyRefusedError(problem=problem)
            self._parts.storage.delete(order.subject_id)
            forget_orphan(session, order.subject_id)
        return ""


def forget_orphan(session: Session, key: str) -> None:
    """It is a stray object no more."""
    session.execute(delete(OrphanedFile).where(OrphanedFile.storage_key == key))


def orphan_problem(session: Session, key: str, known: ObjectInfo | None) -> str | None:
    """Why this object is needed, or may be soon."""
    if is_named(session, key):
        return NAMED
    if _is_counted_on(session, key):
        return IN_WORK
    if known is None:
        return None
    limit = func.clock_timestamp() - timedelta(hours=YOUNG_HOURS)
    is_young = session.scalars(select(limit)).one() < known.modified_at
    return YOUNG if is_young else None


def is_named(session: Session, key: str) -> bool:
    """Whether a live row has this content; originals and their thumbnails share the hash."""
    named = select(Asset.id).where(
        Asset.sha256 == parse_key(key).sha256, Asset.deleted_at.is_(None)
    )
    return session.scalar(named.limit(1)) is not None


def _is_counted_on(session: Session, key: str) -> bool:
    """A synchronous answer is stored a moment before its row is written."""
    any_of: list[list[dict[str, Any]]] = [[{"storage_key": key}], [{"thumbnail_key": key}]]
    in_work = (
        select(Attempt.id)
        .join(Run, Run.id == Attempt.run_id)
        .where(
            Run.state.in_(UNDECIDED),
            Attempt.outputs.contains(any_of[0]) | Attempt.outputs.contains(any_of[1]),
        )
    )
    return session.scalar(in_work.limit(1)) is not None
