"""One picture in detail: how it was generated, its sources and the pictures derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import NotFoundError
from services.core.states import Kind, SlotRole
from services.database.models import (
    Asset,
    AssetParent,
    Attempt,
    Generation,
    Mascot,
    Pose,
    Reference,
    Run,
    RunSlot,
    Slot,
)
from services.people.visibility import visible_pictures
from services.providers.base import LOCAL
from services.providers.registry import SIMULATED_FINGERPRINTS
from services.recipes.labels import EDIT_ROLES, edit_words, file_name, slot_title


@dataclass(frozen=True)
class RelatedPicture:
    """A source or a derived picture; of an erased one the title alone."""

    asset_id: str
    title: str
    thumbnail_key: str
    placeholder: str
    relation: str
    is_erased: bool = False
    storage_key: str = ""
    """Empty for an erased picture, and for a file that is no picture."""


@dataclass(frozen=True)
class PictureDetail:
    """Everything about one picture; the defaults are those of an uploaded reference.

    `pose_name` is None for a pose described by words. An export has no seed and no model.
    `options`: the model's inputs beside the prompt, named as in `PictureRequest.options`.
    """

    asset_id: str
    account_id: str
    title: str
    storage_key: str
    thumbnail_key: str
    placeholder: str
    width: int
    height: int
    byte_count: int
    content_type: str
    sha256: str
    created_at: datetime
    download_name: str
    children: tuple[RelatedPicture, ...]
    is_missing: bool = False
    """The storage has lost its file."""
    parents: tuple[RelatedPicture, ...] = ()
    slot_id: str | None = None
    generation_id: str | None = None
    run_id: str | None = None
    kind: Kind | None = None
    role: SlotRole | None = None
    prompt: str = ""
    seed: int | None = None
    provider: str = ""
    model: str = ""
    model_version: str | None = None
    prediction_id: str | None = None
    web_url: str | None = None
    is_simulated: bool = False
    """The simulator drew it: it has no page at the provider and costs nothing there."""
    queue_seconds: float | None = None
    provider_seconds: float | None = None
    total_seconds: float | None = None
    price_credits: int = 0
    filename: str | None = None
    """Of an upload."""
    pose_name: str | None = None
    edit: str = ""
    """What an edit made: `Instagram story`; empty for any other picture."""
    scenario_name: str | None = None
    """Its name at the start."""
    options: Mapping[str, Any] = field(default_factory=dict)


def read_picture(session: Session, actor: Actor, asset_id: str) -> PictureDetail:
    """Read a generated or uploaded picture; raises NotFoundError, also without the right to see it."""
    asset = session.scalar(
        select(Asset).where(
            Asset.id == asset_id,
            Asset.deleted_at.is_(None),
            *visible_pictures(actor, Asset.id),
        )
    )
    if asset is None:
        raise NotFoundError(what="picture", id=asset_id)
    parents = _related(session, actor, AssetParent.parent_id, AssetParent.child_id, asset_id)
    children = _related(session, actor, AssetParent.child_id, AssetParent.parent_id, asset_id)
    slot = session.scalar(select(Slot).where(Slot.asset_id == asset_id))
    if slot is None:
        return _reference_detail(session, asset, children)
    return _generated_detail(session, asset, slot, parents, children)


def _related(
    session: Session, actor: Actor, related: Any, known: Any, asset_id: str
) -> tuple[RelatedPicture, ...]:
    """Read the pictures one step up or down the lineage, newest first."""
    rows = session.execute(
        select(
            Asset,
            AssetParent.relation,
            Slot,
            Generation.title,
            Mascot.name,
            Pose.name,
            Reference.filename,
        )
        .select_from(AssetParent)
        .join(Asset, Asset.id == related)
        .outerjoin(Slot, Slot.asset_id == Asset.id)
        .outerjoin(Generation, Generation.id == Slot.generation_id)
        .outerjoin(Mascot, Mascot.id == Slot.mascot_id)
        .outerjoin(Pose, Pose.id == Slot.pose_id)
        .outerjoin(Reference, Reference.asset_id == Asset.id)
        .where(known == asset_id, *visible_pictures(actor, Asset.id))
        .order_by(Asset.created_at.desc())
        .limit(60)
    )
    return tuple(
        RelatedPicture(
            asset_id=asset.id,
            title=slot_title(slot, title, mascot_name, pose_name)
            if slot
            else (filename or "Reference"),
            thumbnail_key=asset.thumbnail_key,
            placeholder=asset.placeholder,
            relation=relation,
            is_erased=asset.deleted_at is not None,
            storage_key="" if asset.deleted_at or not asset.thumbnail_key else asset.storage_key,
        )
        for asset, relation, slot, title, mascot_name, pose_name, filename in rows
    )


def _generated_detail(
    session: Session,
    asset: Asset,
    slot: Slot,
    parents: tuple[RelatedPicture, ...],
    children: tuple[RelatedPicture, ...],
) -> PictureDetail:
    generation = session.get_one(Generation, slot.generation_id)
    mascot = session.get(Mascot, slot.mascot_id) if slot.mascot_id else None
    pose = session.get(Pose, slot.pose_id) if slot.pose_id else None
    pose_name = pose.name if pose else None
    run, attempt = session.execute(
        select(Run, Attempt)
        .join(RunSlot, RunSlot.run_id == Run.id)
        .join(Attempt, Attempt.run_id == Run.id)
        .where(RunSlot.slot_id == slot.id)
        .order_by(Run.id.desc(), Attempt.number.desc())
        .limit(1)
    ).one()
    extension = asset.storage_key.rsplit(".", 1)[-1]
    title = slot_title(slot, generation.title, mascot.name if mascot else None, pose_name)
    is_edit, is_ours = slot.role in EDIT_ROLES, run.provider == LOCAL
    is_simulated = attempt.token_fingerprint in SIMULATED_FINGERPRINTS
    return PictureDetail(
        **_file_fields(asset),
        slot_id=slot.id,
        generation_id=generation.id,
        run_id=run.id,
        kind=slot.kind,
        role=slot.role,
        title=title,
        prompt=slot.prompt,
        seed=None if is_ours else attempt.seed,
        provider=run.provider,
        model="" if is_ours else attempt.model,
        model_version=attempt.version,
        prediction_id=attempt.prediction_id,
        web_url=None if is_simulated else attempt.web_url,
        is_simulated=is_simulated,
        queue_seconds=_between(run.created_at, attempt.created_at),
        provider_seconds=None if is_ours else attempt.predict_seconds,
        total_seconds=_between(run.created_at, slot.filled_at),
        created_at=slot.filled_at or asset.created_at,
        price_credits=slot.price_credits,
        download_name=file_name(title, extension)
        if is_edit
        else f"{slot.role.value}-{slot.id[-6:]}.{extension}",
        parents=parents,
        children=children,
        pose_name=pose_name,
        edit=edit_words(slot) if is_edit else "",
        scenario_name=generation.request.get("scenario_name"),
        options=slot.options,
    )


def _file_fields(asset: Asset) -> dict[str, Any]:
    """Return the fields that come from the file."""
    return {
        "asset_id": asset.id,
        "account_id": asset.account_id,
        "storage_key": asset.storage_key,
        "thumbnail_key": asset.thumbnail_key,
        "placeholder": asset.placeholder,
        "width": asset.width,
        "height": asset.height,
        "byte_count": asset.byte_count,
        "content_type": asset.content_type,
        "sha256": asset.sha256,
        "is_missing": asset.missing_at is not None,
    }


def _reference_detail(
    session: Session, asset: Asset, children: tuple[RelatedPicture, ...]
) -> PictureDetail:
    reference = session.scalar(select(Reference).where(Reference.asset_id == asset.id).limit(1))
    filename = reference.filename if reference else None
    extension = asset.storage_key.rsplit(".", 1)[-1]
    return PictureDetail(
        **_file_fields(asset),
        title=filename or "Reference",
        created_at=asset.created_at,
        download_name=f"reference-{asset.id[-6:]}.{extension}",
        children=children,
        filename=filename,
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
