"""Inspect a provider's output: decoded in full before anything trusts it, stored byte for byte.

In this process, unlike uploads: the bytes come from an allow-listed host, in three formats alone.
"""

import hashlib
import threading
from dataclasses import dataclass

from PIL import Image

from services.media.formats import MEGABYTE, PictureFormat, accepted_format
from services.media.pixels import (
    THUMBNAIL_SIDE,
    broken_files_refused,
    open_still,
    orientation,
    placeholder_uri,
    plain_mode,
    shrunk,
    thumbnail_webp,
    to_srgb,
    upright,
    upright_size,
)

_TWO_AT_ONCE = threading.BoundedSemaphore(2)
EXTENSIONS = {PictureFormat.JPEG: "jpg", PictureFormat.PNG: "png", PictureFormat.WEBP: "webp"}


@dataclass(frozen=True)
class InspectedPicture:
    """What an output is. Sizes are upright pixels, `sha256` is the hex digest of its bytes."""

    sha256: str
    content_type: str
    extension: str
    byte_count: int
    width: int
    height: int
    thumbnail: bytes
    placeholder: str


def inspect_output(
    content: bytes, *, max_bytes: int = 25 * MEGABYTE, max_pixels: int = 25_000_000
) -> InspectedPicture:
    """Decode a JPEG, PNG or WebP output in full and make its thumbnail.

    About 35 ms of CPU for 1 megapixel; blocks while two others are inspected. Raises
    PictureRefusedError for whatever else the bytes hold.
    """
    source_format = accepted_format(content, "", EXTENSIONS, max_bytes)
    with at_once(), broken_files_refused():
        return _inspected(content, source_format, max_pixels)


def at_once() -> threading.BoundedSemaphore:
    """What to hold while a picture is decoded in this process: two at a time, for the memory."""
    return _TWO_AT_ONCE


def _inspected(content: bytes, source_format: PictureFormat, max_pixels: int) -> InspectedPicture:
    picture = open_still(content, source_format, max_pixels)
    width, height = upright_size(picture)
    small = _small(picture)
    return InspectedPicture(
        sha256=hashlib.sha256(content).hexdigest(),
        content_type=f"image/{source_format.value.lower()}",
        extension=EXTENSIONS[source_format],
        byte_count=len(content),
        width=width,
        height=height,
        thumbnail=thumbnail_webp(small),
        placeholder=placeholder_uri(small),
    )


def _small(picture: Image.Image) -> Image.Image:
    scale = max(1.0, max(picture.size) / THUMBNAIL_SIDE)
    # For JPEG: every coefficient is still read, but the pixels come out at 1/2, 1/4 or 1/8.
    picture.draft(None, (round(picture.width / scale), round(picture.height / scale)))
    # Not left to thumbnail(): when the draft has the right size already, it decodes nothing.
    picture.load()
    small = shrunk(plain_mode(picture))
    return upright(to_srgb(small, picture.info.get("icc_profile")), orientation(picture))
