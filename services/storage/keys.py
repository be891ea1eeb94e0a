"""The names of stored objects: made here from content hashes, and checked here against one form.

Nothing that a person typed enters a key.
"""

import hashlib
import re
from dataclasses import dataclass

from services.core.errors import StorageError

_CONTENT_TYPES = {
    "originals": {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"},
    "thumbnails": {"webp": "image/webp"},
    "weights": {"safetensors": "application/octet-stream"},
    "checks": {"bin": "application/octet-stream"},
    "marks": {"json": "application/json"},
    "aside": {"bin": "application/octet-stream"},
}
# Their digest is of the object's own bytes, so what is stored can be held against it.
_NAMED_BY_THEIR_BYTES = frozenset({"originals", "weights", "aside"})
_PICTURES = frozenset({"originals", "thumbnails"})
_KEY = re.compile(
    r"(?P<kind>[a-z]+)/(?P<shard>[0-9a-f]{2}/[0-9a-f]{2})/(?P<sha256>[0-9a-f]{64})"
    r"\.(?P<extension>[a-z]+)"
)
_PREFIX = re.compile(
    r"[a-z]*"
    r"|[a-z]+/[0-9a-f]{0,2}"
    r"|[a-z]+/[0-9a-f]{2}/[0-9a-f]{0,2}"
    r"|[a-z]+/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{0,64}|[0-9a-f]{64}\.[a-z]*)"
)
_SHOWN_CHARACTERS = 120
ASIDE_DAYS = 30
"""How long an output that cannot be used is kept."""


@dataclass(frozen=True)
class ObjectKey:
    """A checked key, taken apart; `content_type` follows from the extension alone."""

    text: str
    kind: str
    sha256: str
    extension: str
    content_type: str

    @property
    def is_named_by_its_bytes(self) -> bool:
        """Whether `sha256` is that of the object itself, not of what it was made from."""
        return self.kind in _NAMED_BY_THEIR_BYTES

    @property
    def is_picture(self) -> bool:
        """Whether a browser may be shown it as a picture."""
        return self.kind in _PICTURES

    @property
    def is_served(self) -> bool:
        """Whether people may have it: a picture, or weights as a download."""
        return self.is_picture or self.kind == "weights"


def original_key(sha256: str, extension: str) -> str:
    """`originals/ab/cd/<sha256>.<ext>` for the hex digest of the bytes and jpg, png or webp.

    Raises StorageError for anything else.
    """
    return _key("originals", sha256, extension)


def thumbnail_key(sha256: str) -> str:
    """`thumbnails/ab/cd/<sha256>.webp`, where the digest is the original's, not the thumbnail's."""
    return _key("thumbnails", sha256, "webp")


def weights_key(sha256: str) -> str:
    """`weights/ab/cd/<sha256>.safetensors` for the hex digest of the file's bytes."""
    return _key("weights", sha256, "safetensors")


def check_key(sha256: str) -> str:
    """`checks/ab/cd/<sha256>.bin`: the object that Storage.check writes and removes."""
    return _key("checks", sha256, "bin")


def mark_key(name: str) -> str:
    """`marks/ab/cd/<sha256 of the name>.json`: a small record about the storage itself."""
    return _key("marks", hashlib.sha256(name.encode()).hexdigest(), "json")


def aside_key(sha256: str) -> str:
    """`aside/ab/cd/<sha256>.bin`: an output that is no usable picture, kept for a person."""
    return _key("aside", sha256, "bin")


def parse_key(key: str) -> ObjectKey:
    """Take a key apart; raises StorageError for any text that the functions above do not make."""
    found = _KEY.fullmatch(key)
    kind, sha256, extension = found.group("kind", "sha256", "extension") if found else ("", "", "")
    content_type = _CONTENT_TYPES.get(kind, {}).get(extension)
    if found is None or content_type is None or found["shard"] != f"{sha256[:2]}/{sha256[2:4]}":
        raise StorageError(reason=f"{_shown(key)} is not a key", key=_shown(key))
    return ObjectKey(key, kind, sha256, extension, content_type)


def parse_served_key(key: str) -> ObjectKey:
    """Take the key of a file for people apart; raises StorageError for any other text or key."""
    found = parse_key(key)
    if not found.is_served:
        raise StorageError(reason=f"{_shown(key)} is not for people", key=_shown(key))
    return found


def require_named(key: ObjectKey, sha256: str) -> None:
    """Raise StorageError where the key names its object's bytes and these are others."""
    if key.is_named_by_its_bytes and sha256 != key.sha256:
        raise StorageError(reason="the bytes are not those that the key names", key=key.text)


def is_key(text: str) -> bool:
    """Whether `parse_key` takes this text."""
    try:
        parse_key(text)
    except StorageError:
        return False
    return True


def checked_prefix(prefix: str) -> str:
    """The prefix itself where keys may begin with it; raises StorageError for any other text."""
    if _PREFIX.fullmatch(prefix) is None:
        raise StorageError(reason=f"{_shown(prefix)} begins no key", key=_shown(prefix))
    return prefix


def _key(kind: str, sha256: str, extension: str) -> str:
    return parse_key(f"{kind}/{sha256[:2]}/{sha256[2:4]}/{sha256}.{extension}").text


def _shown(text: str) -> str:
    # It goes into logs and sentences: no control characters, no endless lines.
    return ascii(text[:_SHOWN_CHARACTERS])
