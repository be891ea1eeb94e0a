"""Lists references, and tells all there is to know of one."""

from sqlalchemy import func, select

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import Role
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Reference
from services.references.alike import alike, hash_of
from services.references.cards import (
    ReferenceDetail,
    ReferencePage,
    card,
    references,
    tags_of,
)
from services.references.part import Part
from services.references.query import ReferenceQuery
from services.references.uses import uses_of

_EVERYTHING = ReferenceQuery()


class Library(Part):
    """Reads references. A page costs three statements, whatever is stored."""

    def page(
        self,
        actor: Actor,
        account_id: str,
        *,
        query: ReferenceQuery = _EVERYTHING,
        before: str | None = None,
        limit: int = 60,
    ) -> ReferencePage:
        """The account's references that the query finds, below the cursor."""
        require(actor, Role.VIEWER)
        conditions, order = query.conditions(account_id), query.order
        with self._database.transaction() as session:
            rows = session.execute(
                references()
                .where(*conditions, *keyset_before(before, order, Reference.id))
                .order_by(order.desc(), Reference.id.desc())
                .limit(limit + 1)
            ).all()
            total = session.scalar(select(func.count()).select_from(Reference).where(*conditions))
            tags = tags_of(session, [reference.id for reference, _ in rows[:limit]])
        items = tuple(card(reference, asset, tags) for reference, asset in rows[:limit])
        last: Reference | None = rows[limit - 1][0] if len(rows) > limit else None
        cursor = encode(getattr(last, order.key), last.id) if last else None
        return ReferencePage(items, cursor, int(total or 0))

    def detail(self, actor: Actor, asset_id: str) -> ReferenceDetail:
        """The reference with this picture, deleted or not; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            row = session.execute(
                references().where(Reference.asset_id == asset_id, Reference.erased_at.is_(None))
            ).first()
            if row is None:
                raise NotFoundError(what="reference", id=asset_id)
            reference, asset = row
            return ReferenceDetail(
                reference.account_id,
                card(reference, asset, tags_of(session, [reference.id])),
                uses_of(session, actor, reference.account_id, asset.id),
                alike(session, reference.account_id, hash_of(reference), but_not=reference.id),
            )
