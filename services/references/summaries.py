"""References as pages show them: the query of a list, cards, and the batches made from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import OPEN_SLOTS, GenerationState, SlotState
from services.core.text import clean
from services.database.models import Asset, Generation, Reference, ReferenceTag, Slot
from services.database.models.generations import FROM_UPLOADS
from services.media.measures import SharpnessVerdict, sharpness_verdict
from services.people.visibility import visible_generations
from services.references.similar import SimilarReference


class Sort(StrEnum):
    """The order of a list; each has an index."""

    NEWEST = "newest"
    SHARPEST = "sharpest"
    LARGEST = "largest"


class Use(StrEnum):
    """Whether any batch began from a reference."""

    ANY = "any"
    USED = "used"
    UNUSED = "unused"


_ORDERS: dict[Sort, Any] = {
    Sort.NEWEST: Reference.created_at,
    Sort.SHARPEST: Reference.sharpness,
    Sort.LARGEST: Reference.pixel_count,
}


@dataclass(frozen=True)
class ReferenceQuery:
    """Filters and order of a list. `name`: a substring of the file's name; `tag`: one tag.

    `is_deleted`: what was deleted and not erased, the latest first; `sort` is ignored.
    """

    sort: Sort = Sort.NEWEST
    name: str = ""
    tag: str = ""
    use: Use = Use.ANY
    is_deleted: bool = False

    @property
    def order(self) -> Any:
        """The column that the list is ordered by, descending."""
        return Reference.deleted_at if self.is_deleted else _ORDERS[self.sort]

    def conditions(self, account_id: str) -> list[ColumnElement[bool]]:
        """What a row must meet. A search for a name reads the account's references one by one."""
        found = [Reference.account_id == account_id]
        if self.is_deleted:
            found += [Reference.deleted_at.is_not(None), Reference.erased_at.is_(None)]
        else:
            found.append(Reference.deleted_at.is_(None))
        name = clean(self.name).strip()
        if name:
            found.append(Reference.filename.icontains(name, autoescape=True))
        if self.tag:
            tagged = select(ReferenceTag.reference_id).where(
                ReferenceTag.account_id == account_id, ReferenceTag.tag == self.tag
            )
            found.append(Reference.id.in_(tagged))
        if self.use is not Use.ANY:
            is_used = Reference.used_at.is_not(None)
            found.append(is_used if self.use is Use.USED else ~is_used)
        return found


NOT_MEASURED = -1.0
MAX_USES_SHOWN = 24


@dataclass(frozen=True)
class ReferenceSummary:
    """One reference. `sharpness` is None for a plain surface, and where it was never measured."""

    id: str
    asset_id: str
    filename: str
    width: int
    height: int
    byte_count: int
    created_at: datetime
    thumbnail_key: str
    storage_key: str
    placeholder: str
    sharpness: SharpnessVerdict | None = None
    tags: tuple[str, ...] = ()
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class UploadVerdict:
    """The result of one upload; `reason` is the code of what prevented it, `similar` only a warning."""

    filename: str
    is_accepted: bool
    reason: str | None
    sentence: str
    reference: ReferenceSummary | None
    is_duplicate: bool
    similar: SimilarReference | None = None


@dataclass(frozen=True)
class ReferencePage:
    """One keyset page; `total` counts all that the query finds."""

    items: tuple[ReferenceSummary, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class ReferenceUse:
    """A batch that was made from a reference, with its first picture once there is one."""

    generation_id: str
    title: str
    state: GenerationState
    asset_id: str | None
    thumbnail_key: str | None
    placeholder: str | None


@dataclass(frozen=True)
class ReferenceDetail:
    """A reference with the batches made from it and similar references."""

    account_id: str
    card: ReferenceSummary
    uses: tuple[ReferenceUse, ...]
    similar: tuple[SimilarReference, ...]


def references() -> Select[Reference, Asset]:
    """References with their pictures."""
    return select(Reference, Asset).join(Asset, Asset.id == Reference.asset_id)


def tags_of(session: Session, reference_ids: list[str]) -> dict[str, tuple[str, ...]]:
    """The tags of each reference that has any, by its id."""
    found: dict[str, tuple[str, ...]] = {}
    for reference_id, tag in session.execute(
        select(ReferenceTag.reference_id, ReferenceTag.tag)
        .where(ReferenceTag.reference_id.in_(reference_ids))
        .order_by(ReferenceTag.tag)
    ):
        found[reference_id] = (*found.get(reference_id, ()), tag)
    return found


def card(
    reference: Reference, asset: Asset, tags: Mapping[str, tuple[str, ...]] | None = None
) -> ReferenceSummary:
    """The card of one row."""
    measure = None if reference.sharpness == NOT_MEASURED else reference.sharpness
    return ReferenceSummary(
        id=reference.id,
        asset_id=asset.id,
        filename=reference.filename,
        width=asset.width,
        height=asset.height,
        byte_count=asset.byte_count,
        created_at=reference.created_at,
        thumbnail_key=asset.thumbnail_key,
        storage_key=asset.storage_key,
        placeholder=asset.placeholder,
        sharpness=sharpness_verdict(measure),
        tags=(tags or {}).get(reference.id, ()),
        deleted_at=reference.deleted_at,
    )


def uses_of(
    session: Session, actor: Actor, account_id: str, asset_id: str
) -> tuple[ReferenceUse, ...]:
    """The newest batches that began from this picture and that the actor may see."""
    generations = session.scalars(
        select(Generation)
        .where(
            Generation.id.in_(select(Slot.generation_id).where(*_began(account_id, asset_id))),
            *visible_generations(actor),
        )
        .order_by(Generation.created_at.desc())
        .limit(MAX_USES_SHOWN)
    ).all()
    pictures = _first_pictures(session, [generation.id for generation in generations])
    return tuple(_use(generation, pictures.get(generation.id)) for generation in generations)


def unfinished_use(session: Session, account_id: str, asset_id: str) -> str | None:
    """The id of a batch that still needs this picture, if any."""
    return session.scalar(
        select(Slot.generation_id)
        .where(*_began(account_id, asset_id), Slot.state.in_(OPEN_SLOTS))
        .limit(1)
    )


def _began(account_id: str, asset_id: str) -> tuple[ColumnElement[bool], ...]:
    holds = Slot.input_asset_ids.cast(JSONB).contains([asset_id])
    return Slot.account_id == account_id, FROM_UPLOADS, holds  # type: ignore[return-value]


def _first_pictures(session: Session, generation_ids: list[str]) -> dict[str, Asset]:
    rows = session.execute(
        select(Slot.generation_id, Asset)
        .join(Asset, Asset.id == Slot.asset_id)
        .where(
            Slot.generation_id.in_(generation_ids),
            Slot.state == SlotState.FILLED,
            Asset.deleted_at.is_(None),
        )
        .order_by(Slot.generation_id, Slot.position)
        .ext(distinct_on(Slot.generation_id))
    )
    return {generation_id: asset for generation_id, asset in rows}


def _use(generation: Generation, picture: Asset | None) -> ReferenceUse:
    return ReferenceUse(
        generation_id=generation.id,
        title=generation.title,
        state=generation.state,
        asset_id=picture.id if picture else None,
        thumbnail_key=picture.thumbnail_key if picture else None,
        placeholder=picture.placeholder if picture else None,
    )
