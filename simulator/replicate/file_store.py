"""The files API's memory: uploads by id, oldest dropped when there are too many bytes."""

import hashlib
from dataclasses import dataclass
from typing import Any

from simulator.replicate.runs import iso_time


@dataclass(frozen=True)
class StoredFile:
    """One upload; times are Unix seconds."""

    id: str
    name: str
    content_type: str
    content: bytes
    metadata: dict[str, Any]
    created_at: float
    expires_at: float

    def as_json(self, base_url: str) -> dict[str, Any]:
        """The file as the API shows it; the client cannot do without name and etag."""
        md5 = hashlib.md5(self.content, usedforsecurity=False).hexdigest()
        return {
            "id": self.id,
            "name": self.name,
            "content_type": self.content_type,
            "size": len(self.content),
            "etag": md5,
            "checksums": {"sha256": hashlib.sha256(self.content).hexdigest(), "md5": md5},
            "metadata": self.metadata,
            "created_at": iso_time(self.created_at),
            "expires_at": iso_time(self.expires_at),
            "urls": {"get": f"{base_url}/v1/files/{self.id}"},
        }


class FileStore:
    """All uploads of this server."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._by_id: dict[str, StoredFile] = {}
        self._bytes = 0

    def add(self, file: StoredFile) -> None:
        """Store one more; the oldest are dropped when there are too many bytes."""
        self._by_id[file.id] = file
        self._bytes += len(file.content)
        while self._bytes > self._limit_bytes and len(self._by_id) > 1:
            self.remove(next(iter(self._by_id)))

    def get(self, file_id: str, now: float) -> StoredFile | None:
        """The file of that id, unless it is unknown or has expired."""
        file = self._by_id.get(file_id)
        if file is not None and now >= file.expires_at:
            self.remove(file_id)
            return None
        return file

    def remove(self, file_id: str) -> bool:
        """Forget a file; False when it is unknown."""
        file = self._by_id.pop(file_id, None)
        if file is None:
            return False
        self._bytes -= len(file.content)
        return True

    def clear(self) -> None:
        """Forget everything."""
        self._by_id.clear()
        self._bytes = 0
