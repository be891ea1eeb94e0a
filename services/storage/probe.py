"""The check that every storage does on itself: a small object goes in, comes back and is removed."""

import secrets

from services.core.errors import StorageError
from services.storage.base import Storage
from services.storage.keys import check_key, parse_key


def write_read_delete(storage: Storage) -> None:
    """Raise StorageError unless a small object can be written, read back and deleted."""
    content = secrets.token_bytes(32)
    key = check_key(content.hex())
    storage.put(key, content, parse_key(key).content_type)
    try:
        if storage.get(key) != content:
            raise StorageError(reason="it gave back other bytes than it was given", key=key)
    finally:
        storage.delete(key)
