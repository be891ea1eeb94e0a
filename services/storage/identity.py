"""The mark by which a storage is recognized: a small object that names the installation.

A disk that is not mounted leaves an empty folder, and a wrong setting names another bucket. New
files stored there would be hidden or mixed with others.
"""

import json
from typing import Protocol

from services.storage.keys import mark_key
from services.storage.problems import Reason, storage_error

MARK = mark_key("installation")

NO_MARK = Reason(
    "no_mark",
    "{place} has no mark of this installation, and its pictures are not there",
    "Mount the disk, or correct ATELIER_HOME, USE_S3, S3_BUCKET or S3_ENDPOINT_URL. If the files are"
    " lost for good, run ./run migrate --accept-storage.",
)
OTHER_MARK = Reason(
    "other_mark",
    "{place} belongs to another installation ({found})",
    "Correct ATELIER_HOME, USE_S3, S3_BUCKET, S3_ENDPOINT_URL or DATABASE_URL. If this storage is"
    " to belong to this database from now on, run ./run migrate --accept-storage.",
)


class Marked(Protocol):
    """A storage that can be marked."""

    def mark(self) -> str | None: ...

    def set_mark(self, installation_id: str) -> None: ...


class Owner(Protocol):
    """The installation that writes to a storage."""

    def id(self) -> str | None:
        """Its id; None while it is not known."""

    def owns(self, storage: Marked) -> bool:
        """Whether a storage without a mark is certainly its own, as a new or an older one's."""


def mark_id(content: bytes) -> str | None:
    """The id that a mark's bytes hold."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    has_id = isinstance(found, dict) and "installation" in found
    return str(found["installation"]) if has_id else None


def mark_content(installation_id: str) -> bytes:
    """The bytes of a mark."""
    about = "The pictures beside this file belong to this installation of Atelier. Keep it."
    return json.dumps({"installation": installation_id, "about": about}).encode()


def require_mark(
    storage: Marked, owner: Owner | None, place: str, key: str, *, may_set: bool = True
) -> bool:
    """Raise StorageError unless the storage is the owner's; False where no owner is known.

    `may_set`: mark it where it has no mark and is certainly the owner's.
    """
    expected = owner.id() if owner else None
    if owner is None or expected is None:
        return False
    found = storage.mark()
    if found is None and may_set and owner.owns(storage):
        storage.set_mark(expected)
        return True
    if found != expected:
        reason = NO_MARK if found is None else OTHER_MARK
        raise storage_error(reason, key, place=place, found=found)
    return True
