"""References: uploaded pictures. A file is stored only after it was decoded and found sound."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Asset, Reference, new_id
from services.errors import NotFoundError, PictureRefusedError
from services.images.decode import DecodedUpload, decode_upload
from services.recipes.text import clean
from services.statuses import Role
from services.storage.base import Storage
from services.storage.keys import original_key, thumbnail_key

MAX_FILENAME_CHARACTERS = 200
DUPLICATE = "You have this picture already; it was not stored again."


@dataclass(frozen=True)
class ReferenceCard:
    """One reference as pages see it."""

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


@dataclass(frozen=True)
class UploadVerdict:
    """What became of one file; `reason` is the code of a refusal."""

    filename: str
    is_accepted: bool
    reason: str | None
    sentence: str
    reference: ReferenceCard | None
    is_duplicate: bool


@dataclass(frozen=True)
class ReferencePage:
    """One keyset page, newest first."""

    items: tuple[ReferenceCard, ...]
    next_cursor: str | None
    total: int


class References:
    """Uploads, lists and deletes."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def upload(self, actor: Actor, account_id: str, filename: str, content: bytes) -> UploadVerdict:
        """Decode in a child process and store; a refusal is a verdict, not an error.

        Raises StorageError, and then no row exists.
        """
        require(actor, Role.OPERATOR)
        name = clean(filename)[:MAX_FILENAME_CHARACTERS] or "unnamed"
        try:
            picture = decode_upload(content, name)
        except PictureRefusedError as refusal:
            return UploadVerdict(name, False, refusal.reason, refusal.sentence, None, False)
        with self._database.transaction() as session:
            known = _find(session, account_id, picture.sha256)
        if known:
            return UploadVerdict(name, True, None, DUPLICATE, known, True)
        key = original_key(picture.sha256, picture.extension)
        self._storage.put(key, picture.content, picture.content_type)
        self._storage.put(thumbnail_key(picture.sha256), picture.thumbnail, "image/webp")
        return self._add(actor, account_id, name, len(content), key, picture)

    def _add(
        self,
        actor: Actor,
        account_id: str,
        name: str,
        source_bytes: int,
        key: str,
        picture: DecodedUpload,
    ) -> UploadVerdict:
        try:
            with self._database.transaction() as session:
                asset = _asset(account_id, key, self._storage.uri(key), picture)
                session.add(asset)
                session.flush()
                reference = Reference(
                    id=new_id("ref"),
                    account_id=account_id,
                    asset_id=asset.id,
                    sha256=picture.sha256,
                    filename=name,
                    source_format=picture.source_format,
                    source_bytes=source_bytes,
                    uploaded_by=actor.id,
                )
                session.add(reference)
                session.flush()
                session.refresh(reference)
                card = _card(reference, asset)
        except IntegrityError:
            # The same picture came twice at the same moment; the database kept one.
            with self._database.transaction() as session:
                known = _find(session, account_id, picture.sha256)
            return UploadVerdict(name, True, None, DUPLICATE, known, True)
        return UploadVerdict(name, True, None, _sentence(picture), card, False)

    def page(
        self, actor: Actor, account_id: str, *, before: str | None = None, limit: int = 60
    ) -> ReferencePage:
        """The account's references older than the cursor."""
        require(actor, Role.VIEWER)
        is_live = (Reference.account_id == account_id, Reference.deleted_at.is_(None))
        with self._database.transaction() as session:
            rows = session.execute(
                select(Reference, Asset)
                .join(Asset, Asset.id == Reference.asset_id)
                .where(*is_live, *keyset_before(before, Reference.created_at, Reference.id))
                .order_by(Reference.created_at.desc(), Reference.id.desc())
                .limit(limit + 1)
            ).all()
            total = session.scalar(select(func.count()).select_from(Reference).where(*is_live))
        items = tuple(_card(reference, asset) for reference, asset in rows[:limit])
        cursor = encode(items[-1].created_at, items[-1].id) if len(rows) > limit else None
        return ReferencePage(items, cursor, int(total or 0))

    def delete(self, actor: Actor, reference_id: str) -> None:
        """Take it out of the lists; pictures made from it keep their lineage.

        Raises NotFoundError when it is gone already.
        """
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            changed = session.execute(
                update(Reference)
                .where(Reference.id == reference_id, Reference.deleted_at.is_(None))
                .values(deleted_at=func.clock_timestamp())
                .returning(Reference.id)
            ).first()
        if changed is None:
            raise NotFoundError(what="reference", id=reference_id)


def _find(session: Session, account_id: str, sha256: str) -> ReferenceCard | None:
    row = session.execute(
        select(Reference, Asset)
        .join(Asset, Asset.id == Reference.asset_id)
        .where(
            Reference.account_id == account_id,
            Reference.sha256 == sha256,
            Reference.deleted_at.is_(None),
        )
    ).first()
    return _card(row[0], row[1]) if row else None


def _asset(account_id: str, key: str, uri: str, picture: DecodedUpload) -> Asset:
    return Asset(
        id=new_id("ast"),
        account_id=account_id,
        sha256=picture.sha256,
        storage_key=key,
        storage_uri=uri,
        thumbnail_key=thumbnail_key(picture.sha256),
        content_type=picture.content_type,
        byte_count=len(picture.content),
        width=picture.width,
        height=picture.height,
        placeholder=picture.placeholder,
    )


def _card(reference: Reference, asset: Asset) -> ReferenceCard:
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
    )


def _sentence(picture: DecodedUpload) -> str:
    size = f"{picture.width} × {picture.height}"
    if picture.was_resized:
        return f"Stored at {size}; it was {picture.original_width} × {picture.original_height}."
    return f"Stored at {size}."
