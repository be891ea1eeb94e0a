"""The gallery: everything made, newest first, and all there is to know of one picture."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import (
    Asset,
    AssetParent,
    Attempt,
    Generation,
    Mascot,
    Reference,
    Run,
    RunSlot,
    Slot,
)
from services.errors import NotFoundError
from services.generations.slot_cards import ROLE_LABELS
from services.statuses import Kind, Role, SlotRole, SlotState

MASCOT_CHOICES = 500


@dataclass(frozen=True)
class GalleryItem:
    """One picture in the grid."""

    slot_id: str
    asset_id: str
    kind: Kind
    role: SlotRole
    title: str
    mascot_name: str | None
    thumbnail_key: str
    placeholder: str
    width: int
    height: int
    created_at: datetime


@dataclass(frozen=True)
class GalleryPage:
    """One keyset page; `total` counts the whole filtered gallery."""

    items: tuple[GalleryItem, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class MascotChoice:
    """A mascot to filter by."""

    id: str
    label: str


@dataclass(frozen=True)
class RelatedPicture:
    """A picture that another one was made from, or became."""

    asset_id: str
    title: str
    thumbnail_key: str
    placeholder: str
    relation: str


@dataclass(frozen=True)
class PictureDetail:
    """Everything about one picture. What a reference has not is None; times are seconds."""

    asset_id: str
    slot_id: str | None
    generation_id: str | None
    run_id: str | None
    kind: Kind | None
    role: SlotRole | None
    title: str
    storage_key: str
    thumbnail_key: str
    placeholder: str
    width: int
    height: int
    byte_count: int
    content_type: str
    sha256: str
    prompt: str
    seed: int | None
    provider: str
    model: str
    model_version: str | None
    prediction_id: str | None
    web_url: str | None
    queue_seconds: float | None
    provider_seconds: float | None
    total_seconds: float | None
    created_at: datetime
    price_credits: int
    download_name: str
    parents: tuple[RelatedPicture, ...]
    children: tuple[RelatedPicture, ...]
    filename: str | None


class Gallery:
    """Reads pictures. A page costs two statements on an index, whatever is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        actor: Actor,
        *,
        kind: Kind | None = None,
        mascot_id: str | None = None,
        before: str | None = None,
        limit: int = 60,
    ) -> GalleryPage:
        """Filled slots of this kind and mascot, newest first, older than the cursor."""
        require(actor, Role.VIEWER)
        query = _filtered(
            select(Slot, Asset, Generation.title, Mascot.name)
            .join(Asset, Asset.id == Slot.asset_id)
            .join(Generation, Generation.id == Slot.generation_id)
            .outerjoin(Mascot, Mascot.id == Slot.mascot_id),
            kind,
            mascot_id,
        )
        query = (
            query.where(Asset.deleted_at.is_(None), *keyset_before(before, Slot.filled_at, Slot.id))
            .order_by(Slot.filled_at.desc(), Slot.id.desc())
            .limit(limit + 1)
        )
        with self._database.transaction() as session:
            rows = session.execute(query).all()
            total = session.scalar(
                _filtered(select(func.count()).select_from(Slot), kind, mascot_id)
            )
        items = tuple(_item(slot, asset, title, name) for slot, asset, title, name in rows[:limit])
        last: Slot | None = rows[limit - 1][0] if len(rows) > limit else None
        cursor = encode(last.filled_at, last.id) if last and last.filled_at else None
        return GalleryPage(items, cursor, int(total or 0))

    def mascot_choices(self, actor: Actor) -> list[MascotChoice]:
        """The newest mascots, for the filter."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.scalars(
                select(Mascot)
                .order_by(Mascot.created_at.desc(), Mascot.variation)
                .limit(MASCOT_CHOICES)
            )
            return [MascotChoice(row.id, f"{row.name} · variation {row.variation}") for row in rows]

    def picture(self, actor: Actor, asset_id: str) -> PictureDetail:
        """One picture, made or uploaded; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            asset = session.get(Asset, asset_id)
            if asset is None or asset.deleted_at is not None:
                raise NotFoundError(what="picture", id=asset_id)
            parents = _related(session, AssetParent.parent_id, AssetParent.child_id, asset_id)
            children = _related(session, AssetParent.child_id, AssetParent.parent_id, asset_id)
            slot = session.scalar(select(Slot).where(Slot.asset_id == asset_id))
            if slot is None:
                return _reference_detail(session, asset, children)
            return _made_detail(session, asset, slot, parents, children)


def _filtered(query: Any, kind: Kind | None, mascot_id: str | None) -> Any:
    query = query.where(Slot.state == SlotState.FILLED)
    if kind:
        query = query.where(Slot.kind == kind)
    if mascot_id:
        query = query.where(Slot.mascot_id == mascot_id)
    return query


def _title(role: SlotRole, title: str) -> str:
    return title if role is SlotRole.POSE else f"{title} · {ROLE_LABELS[role]}"


def _item(slot: Slot, asset: Asset, title: str, mascot_name: str | None) -> GalleryItem:
    return GalleryItem(
        slot_id=slot.id,
        asset_id=asset.id,
        kind=slot.kind,
        role=slot.role,
        title=_title(slot.role, title),
        mascot_name=mascot_name,
        thumbnail_key=asset.thumbnail_key,
        placeholder=asset.placeholder,
        width=asset.width,
        height=asset.height,
        created_at=slot.filled_at or asset.created_at,
    )


def _related(
    session: Session, wanted: Any, known: Any, asset_id: str
) -> tuple[RelatedPicture, ...]:
    """Pictures one step up or down the lineage, newest first, with a title of their own."""
    rows = session.execute(
        select(Asset, AssetParent.relation, Slot.role, Generation.title, Reference.filename)
        .select_from(AssetParent)
        .join(Asset, Asset.id == wanted)
        .outerjoin(Slot, Slot.asset_id == Asset.id)
        .outerjoin(Generation, Generation.id == Slot.generation_id)
        .outerjoin(Reference, Reference.asset_id == Asset.id)
        .where(known == asset_id, Asset.deleted_at.is_(None))
        .order_by(Asset.created_at.desc())
        .limit(60)
    )
    return tuple(
        RelatedPicture(
            asset_id=asset.id,
            title=_title(role, title) if role else (filename or "Reference"),
            thumbnail_key=asset.thumbnail_key,
            placeholder=asset.placeholder,
            relation=relation,
        )
        for asset, relation, role, title, filename in rows
    )


def _made_detail(
    session: Session,
    asset: Asset,
    slot: Slot,
    parents: tuple[RelatedPicture, ...],
    children: tuple[RelatedPicture, ...],
) -> PictureDetail:
    generation = session.get_one(Generation, slot.generation_id)
    run, attempt = session.execute(
        select(Run, Attempt)
        .join(RunSlot, RunSlot.run_id == Run.id)
        .join(Attempt, Attempt.run_id == Run.id)
        .where(RunSlot.slot_id == slot.id)
        .order_by(Run.id.desc(), Attempt.number.desc())
        .limit(1)
    ).one()
    extension = asset.storage_key.rsplit(".", 1)[-1]
    return PictureDetail(
        asset_id=asset.id,
        slot_id=slot.id,
        generation_id=generation.id,
        run_id=run.id,
        kind=slot.kind,
        role=slot.role,
        title=_title(slot.role, generation.title),
        storage_key=asset.storage_key,
        thumbnail_key=asset.thumbnail_key,
        placeholder=asset.placeholder,
        width=asset.width,
        height=asset.height,
        byte_count=asset.byte_count,
        content_type=asset.content_type,
        sha256=asset.sha256,
        prompt=slot.prompt,
        seed=attempt.seed,
        provider=run.provider,
        model=attempt.model,
        model_version=attempt.version,
        prediction_id=attempt.prediction_id,
        web_url=attempt.web_url,
        queue_seconds=_between(run.created_at, attempt.created_at),
        provider_seconds=attempt.predict_seconds,
        total_seconds=_between(run.created_at, slot.filled_at),
        created_at=slot.filled_at or asset.created_at,
        price_credits=slot.price_credits,
        download_name=f"{slot.role.value}-{slot.id[-6:]}.{extension}",
        parents=parents,
        children=children,
        filename=None,
    )


def _reference_detail(
    session: Session, asset: Asset, children: tuple[RelatedPicture, ...]
) -> PictureDetail:
    reference = session.scalar(select(Reference).where(Reference.asset_id == asset.id).limit(1))
    filename = reference.filename if reference else None
    extension = asset.storage_key.rsplit(".", 1)[-1]
    return PictureDetail(
        asset_id=asset.id,
        slot_id=None,
        generation_id=None,
        run_id=None,
        kind=None,
        role=None,
        title=filename or "Reference",
        storage_key=asset.storage_key,
        thumbnail_key=asset.thumbnail_key,
        placeholder=asset.placeholder,
        width=asset.width,
        height=asset.height,
        byte_count=asset.byte_count,
        content_type=asset.content_type,
        sha256=asset.sha256,
        prompt="",
        seed=None,
        provider="",
        model="",
        model_version=None,
        prediction_id=None,
        web_url=None,
        queue_seconds=None,
        provider_seconds=None,
        total_seconds=None,
        created_at=asset.created_at,
        price_credits=0,
        download_name=f"reference-{asset.id[-6:]}.{extension}",
        parents=(),
        children=children,
        filename=filename,
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
