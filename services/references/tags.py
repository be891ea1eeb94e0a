"""Tags on references: short words in lower case that people choose."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import Role
from services.core.text import clean
from services.database.models import Reference, ReferenceTag
from services.references.part import Part

MAX_TAG_CHARACTERS = 40
MAX_TAGS = 20
_MOST_SUGGESTED = 200


@dataclass(frozen=True)
class TagCount:
    """A tag and how many references have it."""

    tag: str
    count: int


class Tags(Part):
    """Adds, removes and suggests tags."""

    def tags(self, actor: Actor, account_id: str) -> list[TagCount]:
        """The account's tags in use, the most used first."""
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
        """Give these references tags and take tags from them; what is so already stays.

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
