"""The stored files of slots: which of them the storage has lost, and what may take their place."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from services.core.errors import StorageError
from services.database.models import Asset, AssetParent, Slot, TrainedModel
from services.people.visibility import PRIVATE_KINDS
from services.pipeline.step_context import StepContext
from services.pipeline.transitions import empty_slot
from services.references.erase import is_shared
from services.references.part import lock_picture
from services.storage.base import Storage

logger = logging.getLogger("atelier.remedies")

ALL_THERE = "Its files are all in the storage: nothing is lost."
ERASED = "This picture was deleted on purpose."
MADE_FROM = (
    "Other batches have pictures made from this simulation, and they end with its consent: the lost"
    " picture keeps its place, so that they are found."
)


@dataclass(frozen=True)
class StoredFile:
    """One asset's objects, as its row names them."""

    asset_id: str
    sha256: str
    storage_key: str
    thumbnail_key: str


def stored_file(asset: Asset) -> StoredFile:
    """What its row names."""
    return StoredFile(asset.id, asset.sha256, asset.storage_key, asset.thumbnail_key)


def lost_files(storage: Storage, files: Iterable[StoredFile]) -> frozenset[str]:
    """The assets whose object the storage does not hold now; raises StorageError."""
    return frozenset(file.asset_id for file in files if storage.head(file.storage_key) is None)


def emptying_problem(session: Session, slot: Slot, asset: Asset) -> str | None:
    """Why the slot may not lose its picture, though the file is gone."""
    if asset.deleted_at is not None:
        return ERASED
    if slot.kind not in PRIVATE_KINDS:
        return None
    of_the_same = select(Slot.asset_id).where(
        Slot.generation_id == slot.generation_id, Slot.asset_id.is_not(None)
    )
    made_elsewhere = exists().where(
        AssetParent.parent_id == asset.id, AssetParent.child_id.not_in(of_the_same)
    )
    return MADE_FROM if session.scalar(select(made_elsewhere)) else None


def forget_lost(session: Session, slot: Slot) -> None:
    """Take the lost picture from the slot, and from the model whose weights it was."""
    session.execute(
        update(TrainedModel)
        .where(TrainedModel.weights_asset_id == slot.asset_id)
        .values(weights_asset_id=None)
    )
    empty_slot(session, slot)


def drop_thumbnail(parts: StepContext, file: StoredFile) -> None:
    """A small picture without its original shows nobody anything, so it goes, too.

    As with every erasure the object goes while the picture is locked. What the storage does not
    remove is a stray object, which its next comparison with the rows finds.
    """
    if not file.thumbnail_key:
        return
    with parts.database.transaction() as session:
        lock_picture(session, file.sha256)
        asset = session.get_one(Asset, file.asset_id)
        if asset.deleted_at is not None and not is_shared(session, asset, [asset.id]):
            try:
                parts.storage.delete(file.thumbnail_key)
            except StorageError as error:
                logger.warning("remedies.thumbnail_left asset=%s %s", file.asset_id, error)
