"""Stored files of slots: which are missing from storage, and how a slot gives one up."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from services.core.errors import StorageError
from services.core.states import PRIVATE_KINDS
from services.database.models import Asset, AssetParent, Slot, TrainedModel
from services.pipeline.step_context import StepContext
from services.pipeline.transitions import empty_slot
from services.references.erase import is_shared, lock_picture
from services.storage.base import Storage

logger = logging.getLogger("atelier.remedies")

ALL_THERE = "All its files are in storage: none is missing."
ERASED = "This picture was deleted on purpose."
DERIVED = (
    "Other batches have pictures derived from this simulation, and its consent covers them too: the"
    " slot keeps the missing picture, so that a withdrawal finds them."
)


@dataclass(frozen=True)
class StoredFile:
    """The files of one asset, as its row names them."""

    asset_id: str
    sha256: str
    storage_key: str
    thumbnail_key: str


def stored_file(asset: Asset) -> StoredFile:
    """Return what the row names."""
    return StoredFile(asset.id, asset.sha256, asset.storage_key, asset.thumbnail_key)


def missing_files(storage: Storage, files: Iterable[StoredFile]) -> frozenset[str]:
    """Return ids of the assets whose original is not in storage; raises StorageError."""
    return frozenset(file.asset_id for file in files if storage.head(file.storage_key) is None)


def emptying_problem(session: Session, slot: Slot, asset: Asset) -> str | None:
    """Return why the slot may not give up its picture, though the file is missing."""
    if asset.deleted_at is not None:
        return ERASED
    if slot.kind not in PRIVATE_KINDS:
        return None
    siblings = select(Slot.asset_id).where(
        Slot.generation_id == slot.generation_id, Slot.asset_id.is_not(None)
    )
    derived_elsewhere = exists().where(
        AssetParent.parent_id == asset.id, AssetParent.child_id.not_in(siblings)
    )
    return DERIVED if session.scalar(select(derived_elsewhere)) else None


def remove_missing(session: Session, slot: Slot) -> None:
    """Take the missing picture from the slot, and from the model whose weights it was."""
    session.execute(
        update(TrainedModel)
        .where(TrainedModel.weights_asset_id == slot.asset_id)
        .values(weights_asset_id=None)
    )
    empty_slot(session, slot)


def delete_thumbnail(context: StepContext, file: StoredFile) -> None:
    """Delete the thumbnail of a missing original.

    As in every erasure the content is locked meanwhile. What storage refuses to delete is an
    orphaned file, which the next reconciliation finds.
    """
    if not file.thumbnail_key:
        return
    with context.database.transaction() as session:
        lock_picture(session, file.sha256)
        asset = session.get_one(Asset, file.asset_id)
        if asset.deleted_at is not None and not is_shared(session, asset, [asset.id]):
            try:
                context.storage.delete(file.thumbnail_key)
            except StorageError as error:
                logger.warning("remedies.thumbnail_left asset=%s %s", file.asset_id, error)
