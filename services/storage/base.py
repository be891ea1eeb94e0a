"""The storage protocol, and what every store and route shares. Keys are made by `keys.py` alone."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import quote

from services.core.errors import StorageError
from services.storage.keys import check_key, parse_key


@dataclass(frozen=True)
class ObjectInfo:
    """What the store reports of one object."""

    key: str
    byte_count: int
    modified_at: datetime


@dataclass(frozen=True)
class PublicUrl:
    """A web address that anybody may read an object at for so long; a secret meanwhile."""

    url: str = field(repr=False)
    seconds_left: int


class Storage(Protocol):
    """An object store: whole objects, written once, found by key.

    Every method raises StorageError when the store fails and ObjectMissingError for a missing key.
    """

    name: str

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store the bytes durably before returning; a second put of the same key is harmless."""

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Store a file's bytes as `put` does, without reading it into memory; the file stays.

        Raises StorageError too when the file cannot be read, or the key names other bytes.
        """

    def get(self, key: str) -> bytes: ...

    def open(self, key: str) -> BinaryIO:
        """Open for streaming; the caller closes."""

    def head(self, key: str) -> ObjectInfo | None:
        """What is stored there, or None."""

    def delete(self, key: str) -> None:
        """Remove; a missing key is no error."""

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Every object whose key begins with the prefix and comes after `after`, in key order."""

    def uri(self, key: str) -> str:
        """The permanent address of an object for people and SQL (s3://… or file://…)."""

    def public_url(self, key: str, download_name: str | None = None) -> PublicUrl | None:
        """Where a browser may fetch the object from the store itself; None when it may not.

        The address is the same for a while. `download_name` must be clean already.
        """

    def check(self) -> None:
        """Write, read back, list and delete a small object; raises StorageError."""

    def mark(self) -> str | None:
        """The id of the installation that the storage is marked with; None where it has no mark."""

    def set_mark(self, installation_id: str) -> None:
        """Mark the storage as this installation's; creates what it needs to store anything."""


def write_read_delete(storage: Storage) -> None:
    """Raise StorageError unless a small object can be written, read back, listed and deleted."""
    content = secrets.token_bytes(32)
    key = check_key(content.hex())
    storage.put(key, content, parse_key(key).content_type)
    try:
        if storage.get(key) != content:
            raise StorageError(reason="it gave back other bytes than it was given", key=key)
        if [found.key for found in storage.list(key)] != [key]:
            raise StorageError(reason="its listing does not show a file just stored", key=key)
    finally:
        storage.delete(key)


def content_disposition(name: str | None) -> str:
    """`inline` without a name; the name must have been cleaned of control characters."""
    if not name:
        return "inline"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    # RFC 6266: old browsers read the first, all others the second.
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
