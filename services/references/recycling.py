"""Takes references out of the lists and puts them back."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Role
from services.database.models import Reference
from services.references.part import Part, lock_picture


@dataclass(frozen=True)
class Restored:
    """How many are back, and how many were uploaded again meanwhile and stay deleted."""

    restored: int
    uploaded_again: int


class Recycling(Part):
    """Deletes and restores; nothing is lost until somebody erases it for good."""

    def delete(self, actor: Actor, reference_id: str) -> None:
        """Take one out of the lists; raises NotFoundError when it is gone already."""
        if not self.delete_many(actor, [reference_id]):
            raise NotFoundError(what="reference", id=reference_id)

    def delete_many(self, actor: Actor, reference_ids: Iterable[str]) -> tuple[str, ...]:
        """Take them out of the lists; the ids of those that were still there.

        Pictures made from them keep their lineage; the files stay.
        """
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return tuple(
                session.scalars(
                    update(Reference)
                    .where(Reference.id.in_(list(reference_ids)), Reference.deleted_at.is_(None))
                    .values(deleted_at=func.clock_timestamp())
                    .returning(Reference.id)
                )
            )

    def restore(self, actor: Actor, reference_ids: Iterable[str]) -> Restored:
        """Put deleted ones back, but not beside a newer upload of the same picture."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            waiting = session.execute(
                select(Reference.id, Reference.sha256)
                .where(
                    Reference.id.in_(list(reference_ids)),
                    Reference.deleted_at.is_not(None),
                    Reference.erased_at.is_(None),
                )
                # The newest of several uploads of one picture; locks in one order.
                .order_by(Reference.sha256, Reference.created_at.desc())
            ).all()
            back = sum(_restore(session, *row) for row in waiting)
        return Restored(back, len(waiting) - back)


def _restore(session: Session, reference_id: str, sha256: str) -> bool:
    lock_picture(session, sha256)
    newer = aliased(Reference)
    changed = session.execute(
        update(Reference)
        .where(
            Reference.id == reference_id,
            Reference.erased_at.is_(None),
            ~exists().where(
                newer.account_id == Reference.account_id,
                newer.sha256 == sha256,
                newer.deleted_at.is_(None),
            ),
        )
        .values(deleted_at=None)
        .returning(Reference.id)
    ).first()
    return changed is not None
