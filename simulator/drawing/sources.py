"""Caches the pictures that are edited, latest first, within a bound of bytes."""

import io
from collections import OrderedDict

from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_SIDE = 2048
_MAX_UNCHANGED_BYTES = 4 * 1024 * 1024
_QUALITY = 95


class SourceStore:
    """Pictures by the hash of the bytes that were fetched."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._bytes = 0
        self._cache: OrderedDict[str, bytes] = OrderedDict()

    def add(self, digest: str, content: bytes) -> None:
        """Cache one; the least recently used are dropped when there are too many bytes."""
        if digest in self._cache:
            self._cache.move_to_end(digest)
            return
        self._cache[digest] = content
        self._bytes += len(content)
        while self._bytes > self._limit_bytes and len(self._cache) > 1:
            self._bytes -= len(self._cache.popitem(last=False)[1])

    def get(self, digest: str) -> bytes | None:
        """The picture, unless it had to go."""
        if digest in self._cache:
            self._cache.move_to_end(digest)
        return self._cache.get(digest)

    def clear(self) -> None:
        """Forget everything."""
        self._cache.clear()
        self._bytes = 0


def reduced(content: bytes) -> bytes | None:
    """The picture in a size worth keeping; None when it cannot be read."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            is_small = max(image.size) <= LARGEST_SIDE and len(content) <= _MAX_UNCHANGED_BYTES
            if is_small:
                return content
            image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
            buffer = io.BytesIO()
            upright.save(buffer, "WEBP", quality=_QUALITY, method=1)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    """A cached picture, upright, as RGB or, where it is see-through, RGBA."""
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image)
        has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
        return upright.convert("RGBA" if has_alpha else "RGB")
