"""Keeping a provider's picture: decoded in full, then stored byte for byte under its hash."""

from dataclasses import asdict, dataclass
from typing import Any

from services.media.outputs import inspect_output
from services.pipeline.step_context import StepContext
from services.storage.keys import original_key, thumbnail_key


@dataclass(frozen=True)
class StoredPicture:
    """A picture that the storage holds, with its thumbnail; not yet a row."""

    sha256: str
    storage_key: str
    storage_uri: str
    thumbnail_key: str
    content_type: str
    byte_count: int
    width: int
    height: int
    placeholder: str

    def as_json(self) -> dict[str, Any]:
        """For the attempt's outputs; `StoredPicture(**json)` reads it back."""
        return asdict(self)


def store_output(parts: StepContext, content: bytes) -> StoredPicture:
    """Decode, hash and store; writing the same picture again changes nothing.

    Raises PictureRefusedError for what is no sound picture and StorageError.
    """
    picture = inspect_output(content)
    key = original_key(picture.sha256, picture.extension)
    small_key = thumbnail_key(picture.sha256)
    parts.storage.put(key, content, picture.content_type)
    parts.storage.put(small_key, picture.thumbnail, "image/webp")
    return StoredPicture(
        sha256=picture.sha256,
        storage_key=key,
        storage_uri=parts.storage.uri(key),
        thumbnail_key=small_key,
        content_type=picture.content_type,
        byte_count=len(content),
        width=picture.width,
        height=picture.height,
        placeholder=picture.placeholder,
    )
