"""Store uploads, each only after it was decoded in full and found sound."""

import logging

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import (
    DatabaseUnavailableError,
    ObjectDamagedError,
    ObjectMissingError,
    PictureRefusedError,
    StorageError,
)
from services.core.server_problem import problem_of
from services.core.states import Role
from services.core.text import clean, printable
from services.database.engine import Database
from services.database.models import Asset, Reference, new_id
from services.media.decode import DecodedPicture, decode_picture
from services.media.decode_child import DecodeLimits
from services.media.formats import MEGABYTE
from services.references.erase import lock_picture
from services.references.similar import similar_references
from services.references.summaries import (
    NOT_MEASURED,
    ReferenceSummary,
    UploadVerdict,
    card,
    references,
)
from services.storage.base import Storage
from services.storage.keys import original_key, thumbnail_key

logger = logging.getLogger(__name__)

MAX_FILENAME_CHARACTERS = 200
MAX_MEGABYTES = DecodeLimits().max_bytes // MEGABYTE
NOT_STORED = "not_stored"
SEND_AGAIN = "Send it again."
RESTORED = "You have this picture already; its file was lost and is stored again."
DUPLICATE = "You have this picture already; it was not stored again."


class ReferenceUploads:
    """Stores uploaded pictures as references."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def upload(self, actor: Actor, account_id: str, filename: str, content: bytes) -> UploadVerdict:
        """Decode in a child process and store; whatever prevents it is a verdict, not an error.

        Where storage or database fail, no row exists and the file can be sent again.
        """
        require(actor, Role.OPERATOR)
        name = _name(filename)
        try:
            return self._upload(actor, account_id, name, content)
        except PictureRefusedError as refusal:
            return UploadVerdict(name, False, refusal.reason, refusal.sentence, None, False)
        except (StorageError, DatabaseUnavailableError) as failure:
            logger.warning("references.not_stored %s", failure.sentence)
            sentence = f"Not stored: {_why(failure)} {SEND_AGAIN}"
            return UploadVerdict(name, False, NOT_STORED, sentence, None, False)

    def _upload(self, actor: Actor, account_id: str, name: str, content: bytes) -> UploadVerdict:
        picture = decode_picture(content, name)
        with self._database.transaction() as session:
            known = _known(session, account_id, picture.sha256)
        if known:
            return self._restored(name, known, picture)
        # Outside the transaction: a storage that is slow holds no connection and no lock.
        self._store(picture)
        return self._add(actor, account_id, name, len(content), picture)

    def _restored(
        self, name: str, known: ReferenceSummary, picture: DecodedPicture
    ) -> UploadVerdict:
        """Answer for a picture that is there already; a file that is lost or damaged is stored anew."""
        if self._has_files(picture):
            return UploadVerdict(name, True, None, DUPLICATE, known, True)
        self._store(picture)
        with self._database.transaction() as session:
            session.execute(
                update(Asset)
                .where(Asset.sha256 == picture.sha256, Asset.deleted_at.is_(None))
                .values(missing_at=None, missing_cause=None, checked_at=func.clock_timestamp())
            )
        return UploadVerdict(name, True, None, RESTORED, known, True)

    def _has_files(self, picture: DecodedPicture) -> bool:
        try:
            is_same = self._storage.get(_key(picture)) == picture.content
        except (ObjectMissingError, ObjectDamagedError):
            return False
        thumbnail = self._storage.head(thumbnail_key(picture.sha256))
        return is_same and bool(thumbnail and thumbnail.byte_count)

    def _add(
        self, actor: Actor, account_id: str, name: str, source_bytes: int, picture: DecodedPicture
    ) -> UploadVerdict:
        with self._database.transaction() as session:
            lock_picture(session, picture.sha256)
            known = _known(session, account_id, picture.sha256)
            if known:
                # The same picture came twice at the same moment.
                return UploadVerdict(name, True, None, DUPLICATE, known, True)
            if self._storage.head(_key(picture)) is None:
                # The last other row of this file was erased between storing and now.
                self._store(picture)
            similar = similar_references(session, account_id, picture.fingerprint, limit=1)
            asset = self._asset(account_id, picture)
            session.add(asset)
            session.flush()
            reference = _reference(actor, asset, name, source_bytes, picture)
            session.add(reference)
            session.flush()
            session.refresh(reference)
            stored = card(reference, asset)
        nearest = similar[0] if similar else None
        return UploadVerdict(name, True, None, _sentence(picture), stored, False, nearest)

    def _store(self, picture: DecodedPicture) -> None:
        self._storage.put(_key(picture), picture.content, picture.content_type)
        self._storage.put(thumbnail_key(picture.sha256), picture.thumbnail, "image/webp")

    def _asset(self, account_id: str, picture: DecodedPicture) -> Asset:
        return Asset(
            id=new_id("ast"),
            account_id=account_id,
            sha256=picture.sha256,
            storage_key=_key(picture),
            storage_uri=self._storage.uri(_key(picture)),
            thumbnail_key=thumbnail_key(picture.sha256),
            content_type=picture.content_type,
            byte_count=len(picture.content),
            width=picture.width,
            height=picture.height,
            placeholder=picture.placeholder,
        )


def _key(picture: DecodedPicture) -> str:
    return original_key(picture.sha256, picture.extension)


def _name(filename: str) -> str:
    """The file's own name: a folder's upload brings its path along."""
    last = printable(clean(filename)).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return last[-MAX_FILENAME_CHARACTERS:] or "unnamed"


def _why(failure: StorageError | DatabaseUnavailableError) -> str:
    known = problem_of(failure)
    if known:
        return str(known)
    if isinstance(failure, StorageError):
        return f"the storage did not take it ({failure.reason})."
    return "the database does not answer."


def _known(session: Session, account_id: str, sha256: str) -> ReferenceSummary | None:
    query = references().where(
        Reference.account_id == account_id,
        Reference.sha256 == sha256,
        Reference.deleted_at.is_(None),
    )
    row = session.execute(query).first()
    return card(*row) if row else None


def _reference(
    actor: Actor, asset: Asset, name: str, source_bytes: int, picture: DecodedPicture
) -> Reference:
    found = picture.fingerprint
    return Reference(
        id=new_id("ref"),
        account_id=asset.account_id,
        asset_id=asset.id,
        sha256=picture.sha256,
        filename=name,
        source_format=picture.source_format,
        source_bytes=source_bytes,
        uploaded_by=actor.id,
        sharpness=NOT_MEASURED if picture.sharpness is None else picture.sharpness,
        pixel_count=picture.width * picture.height,
        phash=found.straight if found else None,
        phash_mirrored=found.mirrored if found else None,
    )


def _sentence(picture: DecodedPicture) -> str:
    size = f"{picture.width} × {picture.height}"
    if picture.was_resized:
        return f"Stored at {size}; it was {picture.original_width} × {picture.original_height}."
    return f"Stored at {size}."
