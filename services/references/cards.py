"""References as pages see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.database.models import Asset, Reference, ReferenceTag
from services.media.measures import SharpnessVerdict, sharpness_verdict
from services.references.alike import AlikeReference
from services.references.uses import ReferenceUse

NOT_MEASURED = -1.0


@dataclass(frozen=True)
class ReferenceCard:
    """One reference. `sharpness` is None for a plain surface, and where it was never measured."""

    id: str
    asset_id: str
    filename: str
    width: int
    height: int
    byte_count: int
    source_format: str
    created_at: datetime
    thumbnail_key: str
    storage_key: str
    placeholder: str
    sharpness: SharpnessVerdict | None = None
    tags: tuple[str, ...] = ()
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class UploadVerdict:
    """What became of one file; `reason` is the code of a refusal, `alike` only a warning."""

    filename: str
    is_accepted: bool
    reason: str | None
    sentence: str
    reference: ReferenceCard | None
    is_duplicate: bool
    alike: AlikeReference | None = None


@dataclass(frozen=True)
class ReferencePage:
    """One keyset page; `total` counts all that the query finds."""

    items: tuple[ReferenceCard, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class ReferenceDetail:
    """A reference with what it was used for and what looks like it."""

    account_id: str
    card: ReferenceCard
    uses: tuple[ReferenceUse, ...]
    alike: tuple[AlikeReference, ...]


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
) -> ReferenceCard:
    """The card of one row."""
    measure = None if reference.sharpness == NOT_MEASURED else reference.sharpness
    return ReferenceCard(
        id=reference.id,
        asset_id=asset.id,
        filename=reference.filename,
        width=asset.width,
        height=asset.height,
        byte_count=asset.byte_count,
        source_format=reference.source_format,
        created_at=reference.created_at,
        thumbnail_key=asset.thumbnail_key,
        storage_key=asset.storage_key,
        placeholder=asset.placeholder,
        sharpness=sharpness_verdict(measure),
        tags=(tags or {}).get(reference.id, ()),
        deleted_at=reference.deleted_at,
    )


def found_card(session: Session, *conditions: Any) -> ReferenceCard | None:
    """The one reference that meets the conditions, if any."""
    row = session.execute(references().where(*conditions)).first()
    return card(row[0], row[1]) if row else None
