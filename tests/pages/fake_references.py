"""The made-up references: a list that is changed in place."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.references.erase import Erasure
from services.references.library import Restored, TagCount
from services.references.summaries import (
    ReferenceDetail,
    ReferencePage,
    ReferenceQuery,
    ReferenceSummary,
    UploadVerdict,
)

ALL = ReferenceQuery()


@dataclass
class FakeReferences:
    """`items` are kept, `deleted` are not; `asked` holds every query of a page."""

    items: list[ReferenceSummary]
    deleted: list[ReferenceSummary] = field(default_factory=list)
    asked: list[ReferenceQuery] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def upload(self, actor: Actor, account_id: str, filename: str, content: bytes) -> UploadVerdict:
        require(actor, Role.OPERATOR)
        if content[:4] == b"%PDF":
            return UploadVerdict(filename, False, "format", "This is not a picture.", None, False)
        card = replace(self.items[0], id=f"ref_new_{len(self.items)}", filename=filename)
        self.items.insert(0, card)
        return UploadVerdict(filename, True, None, "Kept, 3024 × 4032.", card, False)

    def page(
        self,
        actor: Actor,
        account_id: str,
        *,
        query: ReferenceQuery = ALL,
        before: str | None = None,
        limit: int = 60,
    ) -> ReferencePage:
        self.asked.append(query)
        found = self.deleted if query.is_deleted else self.items
        found = [card for card in found if query.name.lower() in card.filename.lower()]
        return ReferencePage(tuple(found[:limit]), None, len(found))

    def detail(self, actor: Actor, asset_id: str) -> ReferenceDetail:
        for card in self.items:
            if card.asset_id == asset_id:
                return ReferenceDetail("acc_1", card, (), ())
        raise NotFoundError(what="reference", id=asset_id)

    def tags(self, actor: Actor, account_id: str) -> list[TagCount]:
        found = [tag for card in self.items for tag in card.tags]
        return [TagCount(tag, found.count(tag)) for tag in sorted(set(found))]

    def change_tags(
        self,
        actor: Actor,
        reference_ids: Iterable[str],
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> None:
        require(actor, Role.OPERATOR)
        ids = set(reference_ids)
        self.items = [
            replace(card, tags=tuple(sorted({*card.tags, *add} - {*remove})))
            if card.id in ids
            else card
            for card in self.items
        ]

    def delete_many(self, actor: Actor, reference_ids: Iterable[str]) -> tuple[str, ...]:
        require(actor, Role.OPERATOR)
        ids = set(reference_ids)
        gone = [
            replace(card, deleted_at=datetime.now(UTC)) for card in self.items if card.id in ids
        ]
        self.items = [card for card in self.items if card.id not in ids]
        self.deleted = [*gone, *self.deleted]
        return tuple(card.id for card in gone)

    def restore(self, actor: Actor, reference_ids: Iterable[str]) -> Restored:
        require(actor, Role.OPERATOR)
        ids = set(reference_ids)
        back = [replace(card, deleted_at=None) for card in self.deleted if card.id in ids]
        self.deleted = [card for card in self.deleted if card.id not in ids]
        self.items = [*back, *self.items]
        return Restored(len(back), 0)

    def erasure(self, actor: Actor, reference_ids: Iterable[str]) -> Erasure:
        require(actor, Role.OPERATOR)
        count = len(list(reference_ids))
        return Erasure(count, count, 1_200_000 * count, 0, 3)

    def erase(self, actor: Actor, reference_ids: Iterable[str], reason: str) -> int:
        require(actor, Role.OPERATOR)
        if not reason.strip():
            raise InvalidRequestError(problem="Give a reason: it is stored with the erasure.")
        ids = set(reference_ids)
        self.reasons.append(reason)
        self.deleted = [card for card in self.deleted if card.id not in ids]
        return len(ids)
