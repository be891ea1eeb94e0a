"""References: list, tag, delete and restore them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.core.text import clean
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Reference, ReferenceTag
from services.references.erase import lock_picture
from services.references.similar import hash_of, similar_references
from services.references.summaries import (
    ReferenceDetail,
    ReferencePage,
    ReferenceQuery,
    card,
    references,
    tags_of,
    uses_of,
)

_EVERYTHING = ReferenceQuery()


MAX_TAG_CHARACTERS = 40
MAX_TAGS = 20
_MOST_SUGGESTED = 200


@dataclass(frozen=True)
class TagCount:
    """A tag and how many references have it."""

    tag: str
    count: int


@dataclass(frozen=True)
class Restored:
    """How many were restored, and how many stay deleted since they were uploaded once more."""

    restored: int
    uploaded_again: int


class References:
    """Lists, tags, deletes and restores references. A page costs three statements.

    Nothing is lost by a deletion until somebody erases the reference.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        actor: Actor,
        account_id: str,
        *,
        query: ReferenceQuery = _EVERYTHING,
        before: str | None = None,
        limit: int = 60,
    ) -> ReferencePage:
        """Return the account's references that the query finds, below the cursor."""
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
        """Return the reference with this picture, deleted or not; raises NotFoundError."""
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
                similar_references(
                    session, reference.account_id, hash_of(reference), except_id=reference.id
                ),
            )

    def tags(self, actor: Actor, account_id: str) -> list[TagCount]:
        """Return the account's tags in use, the most used first."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.execute(
                select(ReferenceTag.tag, func.count())
                .join(Reference, Reference.id == ReferenceTag.reference_id)
                .where(ReferenceTag.account_id == account_id, Reference.deleted_at.is_(None))
                .group_by(ReferenceTag.tag)
                .order_by(func.count().desc(), ReferenceTag.tag)
                .limit(_MOST_SUGGESTED)
            )
            return [TagCount(tag, count) for tag, count in rows]

    def change_tags(
        self,
        actor: Actor,
        reference_ids: Iterable[str],
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> None:
        """Add tags to these references and remove tags; existing ones stay.

        Raises InvalidRequestError for a tag that is too long and for too many at once.
        """
        require(actor, Role.OPERATOR)
        added, removed, ids = _cleaned(add), _cleaned(remove), list(reference_ids)
        _check(added)
        with self._database.transaction() as session:
            session.execute(
                delete(ReferenceTag).where(
                    ReferenceTag.reference_id.in_(ids), ReferenceTag.tag.in_(removed)
                )
            )
            owners = session.execute(
                select(Reference.id, Reference.account_id)
                .where(Reference.id.in_(ids), Reference.erased_at.is_(None))
                .order_by(Reference.id)
                .with_for_update()
            ).all()
            rows = [
                {"reference_id": reference_id, "account_id": account_id, "tag": tag}
                for reference_id, account_id in owners
                for tag in added
            ]
            if rows:
                session.execute(insert(ReferenceTag).values(rows).on_conflict_do_nothing())

    def delete_many(self, actor: Actor, reference_ids: Iterable[str]) -> tuple[str, ...]:
        """Remove them from the lists; returns the ids of those that were still there.

        Pictures made from them retain their lineage; the files stay.
        """
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            deleted = session.scalars(
                update(Reference)
                .where(Reference.id.in_(list(reference_ids)), Reference.deleted_at.is_(None))
                .values(deleted_at=func.clock_timestamp())
                .returning(Reference.id)
            ).all()
            # Without the file's name: the trail outlives an erasure.
            for reference_id in deleted:
                record_change(session, actor, "reference.delete", reference_id, "Deleted")
        return tuple(deleted)

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
            back = [row.id for row in waiting if _restore(session, row.id, row.sha256)]
            for reference_id in back:
                record_change(session, actor, "reference.restore", reference_id, "Restored")
        return Restored(len(back), len(waiting) - len(back))


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


def _cleaned(tags: Iterable[str]) -> list[str]:
    words = (" ".join(clean(tag).lower().split()) for tag in tags)
    return list(dict.fromkeys(word for word in words if word))


def _check(tags: list[str]) -> None:
    if len(tags) > MAX_TAGS:
        raise InvalidRequestError(problem=f"Add {MAX_TAGS} tags at most at once.")
    longest = max(tags, key=len, default="")
    if len(longest) > MAX_TAG_CHARACTERS:
        raise InvalidRequestError(
            problem=f"A tag has {MAX_TAG_CHARACTERS} characters at most. Shorten “{longest[:20]}…”."
        )
