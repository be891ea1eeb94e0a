"""Erase references for good: their files, and everything in their rows that shows or names them."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError, StorageError
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Asset, AssetParent, Reference, ReferenceTag
from services.references.summaries import unfinished_use
from services.storage.base import Storage

logger = logging.getLogger(__name__)

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:sha256, 0))")
ERASED_NAME = "Erased reference"


@dataclass(frozen=True)
class Erasure:
    """The extent of an erasure: removed and shared files, and pictures made from them."""

    references: int
    files: int
    file_bytes: int
    shared_files: int
    made_pictures: int


class ReferenceEraser:
    """Erases references that were deleted before."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def erasure(self, actor: Actor, reference_ids: Iterable[str]) -> Erasure:
        """Preview the erasure of these; nothing is changed."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            assets = session.scalars(
                select(Asset)
                .join(Reference, Reference.asset_id == Asset.id)
                .where(Reference.id.in_(list(reference_ids)), Reference.erased_at.is_(None))
            ).all()
            ids = [asset.id for asset in assets]
            single = [asset for asset in assets if not is_shared(session, asset, ids)]
            made = session.scalar(
                select(func.count(func.distinct(AssetParent.child_id))).where(
                    AssetParent.parent_id.in_(ids)
                )
            )
        # Several of the chosen rows may be uploads of one picture: one file.
        files = {asset.storage_key: asset.byte_count for asset in single}
        return Erasure(
            len(assets), len(files), sum(files.values()), len(assets) - len(single), int(made or 0)
        )

    def erase(self, actor: Actor, reference_ids: Iterable[str], reason: str) -> int:
        """Erase deleted references, each in a transaction of its own; returns how many.

        The object and its thumbnail go unless another row shares them; pictures made from it retain
        their lineage. Each erasure is audited. Raises InvalidRequestError without a reason, for a
        reference that is not deleted or still needed, and when the storage does not remove a file;
        NotFoundError for one that is erased already.
        """
        require(actor, Role.OPERATOR)
        words = reason_of(reason)
        ids = list(dict.fromkeys(reference_ids))
        for reference_id in ids:
            with self._database.transaction() as session:
                self._erase(session, actor, reference_id, words)
        return len(ids)

    def _erase(self, session: Session, actor: Actor, reference_id: str, reason: str) -> None:
        # The picture before the row: every caller locks them in this order.
        sha256 = session.scalar(select(Reference.sha256).where(Reference.id == reference_id))
        lock_picture(session, sha256 or "")
        reference = _erasable(session, reference_id)
        asset = session.get_one(Asset, reference.asset_id)
        running = unfinished_use(session, reference.account_id, asset.id)
        if running:
            raise InvalidRequestError(
                problem=f"{reference.filename} is still needed by the batch {running}."
                " Erase it when that has ended."
            )
        is_file_shared = is_shared(session, asset, [asset.id])
        # The file's name may name what is erased: it is not stored here either.
        record_change(
            session,
            actor,
            "reference.erase",
            reference.id,
            reason,
            before={"asset_id": asset.id, "sha256": asset.sha256, "byte_count": asset.byte_count},
            after={"is_file_removed": not is_file_shared},
        )
        _forget(session, reference, asset)
        session.flush()
        if not is_file_shared:
            self._remove_files(asset)

    def _remove_files(self, asset: Asset) -> None:
        try:
            remove_files(self._storage, asset)
        except StorageError as failure:
            raise InvalidRequestError(
                problem=f"The storage did not remove the file ({failure.reason})."
                " The reference is still under Recently deleted: erase it again."
            ) from failure


def lock_picture(session: Session, sha256: str) -> None:
    """Until the transaction ends, nobody else stores or erases the picture with this hash.

    An erase between the storing of an object and of its row would leave a row without its object.
    """
    session.execute(_LOCK, {"sha256": sha256})


def remove_files(storage: Storage, asset: Asset) -> None:
    """Remove the picture and its thumbnail from the storage; raises StorageError.

    Call it before the commit: a crash in between leaves a row whose erasure can be repeated,
    never a file that no row knows of.
    """
    try:
        storage.delete(asset.thumbnail_key)
        storage.delete(asset.storage_key)
    except StorageError:
        logger.warning("references.erase_failed key=%s", asset.storage_key)
        raise


def forget_picture(asset: Asset) -> None:
    """Take from the row what still shows the picture; the row stays, for the lineage."""
    asset.placeholder = ""
    asset.deleted_at = func.clock_timestamp()


def _erasable(session: Session, reference_id: str) -> Reference:
    reference = session.scalar(
        select(Reference).where(Reference.id == reference_id).with_for_update()
    )
    if reference is None or reference.erased_at is not None:
        raise NotFoundError(what="reference", id=reference_id)
    if reference.deleted_at is None:
        raise InvalidRequestError(
            problem=f"{reference.filename} is not deleted. Delete it first, then erase it."
        )
    return reference


def is_shared(session: Session, asset: Asset, except_ids: list[str]) -> bool:
    """Whether a row outside these has the same file, in any account, deleted or not."""
    other = exists().where(
        Asset.sha256 == asset.sha256, Asset.id.not_in(except_ids), Asset.deleted_at.is_(None)
    )
    return bool(session.scalar(select(other)))


def _forget(session: Session, reference: Reference, asset: Asset) -> None:
    session.execute(delete(ReferenceTag).where(ReferenceTag.reference_id == reference.id))
    reference.filename = ERASED_NAME
    reference.phash = reference.phash_mirrored = None
    reference.erased_at = func.clock_timestamp()
    forget_picture(asset)
