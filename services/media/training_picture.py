"""Makes one kept picture fit for a trainer: as it is where it can be, else smaller and opaque.

The pictures come from our own storage, where each was decoded in full before it was kept.
"""

import io
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from services.media.formats import PictureFormat, accepted_format
from services.media.pixels import (
    BROKEN_FILE_ERRORS,
    bare,
    broken_file_reason,
    is_animated,
    open_picture,
    orientation,
    plain_mode,
    to_srgb,
    upright,
)
from services.media.refusals import MEGABYTE, RefusalReason, refusal

# Half as much again as the largest side that a trainer looks at.
LONGEST_SIDE = 1536
_EXTENSIONS = {PictureFormat.JPEG: "jpg", PictureFormat.PNG: "png", PictureFormat.WEBP: "webp"}
# One, as a picture of 25 megapixels takes 310 MB while it is decoded.
_AT_ONCE = threading.BoundedSemaphore(1)
_MOST_BYTES = 100 * MEGABYTE
_MOST_PIXELS = 25_000_000
# The worst noise takes 1.04 bytes a pixel at 92, and 0.7 at 75: the second always fits.
_QUALITIES = (92, 75)
_JPEG_BLOCK = 16
_JPEG_HEADER_BYTES = 1024


@dataclass(frozen=True)
class TrainingPicture:
    """One picture as the trainer gets it; `is_redrawn` where the bytes are no longer the kept ones."""

    content: bytes
    extension: str
    is_redrawn: bool


def training_picture(content: bytes, name: str) -> TrainingPicture:
    """The bytes themselves, or a JPEG of them: 1,536 px at most, on white, upright.

    A trainer drops transparency and shows whatever colour is hidden below it, so a picture that
    has some is redrawn too. Raises PictureRefusedError; `name` is only for the sentence.
    """
    source_format = accepted_format(content, name, _EXTENSIONS, _MOST_BYTES)
    with _AT_ONCE, _broken_files_refused(name):
        picture = open_picture(content, source_format)
        _require_still(picture, name)
        if max(picture.size) <= LONGEST_SIDE and not _is_see_through(picture):
            return TrainingPicture(content, _EXTENSIONS[source_format], is_redrawn=False)
        return TrainingPicture(_jpeg(_small(picture)), "jpg", is_redrawn=True)


def most_content_bytes(byte_count: int, width: int, height: int) -> int:
    """What `training_picture` makes of so large a picture at most."""
    scale = LONGEST_SIDE / max(width, height, 1)
    if scale >= 1:
        return max(byte_count, _most_jpeg_bytes(width, height))
    # A pixel more, since a side may be rounded twice.
    across, down = (min(LONGEST_SIDE, math.ceil(side * scale) + 1) for side in (width, height))
    return _most_jpeg_bytes(across, down)


@contextmanager
def _broken_files_refused(name: str) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise refusal(RefusalReason.DECODE_MEMORY, name) from None
    except BROKEN_FILE_ERRORS as broken:
        raise refusal(broken_file_reason(broken), name) from broken


def _require_still(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    if width * height > _MOST_PIXELS:
        most = _MOST_PIXELS / 1_000_000
        raise refusal(RefusalReason.TOO_MANY_PIXELS, name, width=width, height=height, most=most)
    if is_animated(picture):
        raise refusal(RefusalReason.ANIMATED, name)


def _is_see_through(picture: Image.Image) -> bool:
    if not picture.has_transparency_data:
        return False
    return plain_mode(picture).getchannel("A").getextrema() != (255, 255)


def _small(picture: Image.Image) -> Image.Image:
    scale = max(1.0, max(picture.size) / (2 * LONGEST_SIDE))
    # For JPEG: the pixels come out at 1/2, 1/4 or 1/8, and still at twice what is wanted.
    picture.draft(None, (round(picture.width / scale), round(picture.height / scale)))
    picture.load()
    turned, icc_profile = orientation(picture), picture.info.get("icc_profile")
    small = plain_mode(picture)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return bare(_on_white(to_srgb(upright(small, turned), icc_profile)))


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _jpeg(picture: Image.Image) -> bytes:
    """As good as it can be within `_most_jpeg_bytes`, which only noise makes it miss."""
    content = b""
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, subsampling=2)
        content = out.getvalue()
        if len(content) <= _most_jpeg_bytes(*picture.size):
            break
    return content


def _most_jpeg_bytes(width: int, height: int) -> int:
    """One byte a pixel, in whole blocks."""
    across, down = math.ceil(width / _JPEG_BLOCK), math.ceil(height / _JPEG_BLOCK)
    return across * down * _JPEG_BLOCK**2 + _JPEG_HEADER_BYTES
