"""Size a stored picture for a model, or for a trainer, which also takes no transparency.

The pictures come from our own storage, where each was decoded in full before it was stored.
"""

import io
import math
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps

from services.media.formats import MEGABYTE, accepted_format
from services.media.outputs import EXTENSIONS, at_once
from services.media.pixels import (
    bare,
    broken_files_refused,
    open_picture,
    open_still,
    orientation,
    plain_mode,
    to_srgb,
    upright,
)

_MAX_FITTED_BYTES = 50 * MEGABYTE
# Half as much again as the largest side that a trainer reads.
LONGEST_SIDE = 1536
_MAX_TRAINING_BYTES = 100 * MEGABYTE
_MAX_TRAINING_PIXELS = 25_000_000
# One, as a picture of 25 megapixels takes 310 MB while it is decoded.
_ONE_AT_ONCE = threading.BoundedSemaphore(1)
# The worst noise takes 1.04 bytes a pixel at 92, and 0.7 at 75: the second always fits.
_QUALITIES = (92, 75)
_JPEG_BLOCK = 16
_JPEG_HEADER_BYTES = 1024


def fitting_size(
    width: int, height: int, max_side: int | None, multiple: int = 1
) -> tuple[int, int]:
    """The size in pixels to send: never larger than it is, each side a multiple, at least one.

    >>> fitting_size(4000, 3000, 1024, 8)
    (1024, 768)
    """
    scale = min(1.0, max_side / max(width, height)) if max_side else 1.0

    def side(pixels: int) -> int:
        return max(multiple, round(pixels * scale) // multiple * multiple)

    return side(width), side(height)


def fitted_png(content: bytes, size: tuple[int, int]) -> bytes:
    """The picture upright in this size; what does not fit its proportions is cut off evenly.

    Blocks while two others are decoded. Raises PictureRefusedError.
    """
    source_format = accepted_format(content, "", EXTENSIONS, _MAX_FITTED_BYTES)
    with at_once(), broken_files_refused():
        picture = open_picture(content, source_format)
        turned = orientation(picture)
        picture.load()
        plain = upright(to_srgb(plain_mode(picture), picture.info.get("icc_profile")), turned)
        fitted = ImageOps.fit(plain, size, Image.Resampling.LANCZOS)
        target = io.BytesIO()
        fitted.save(target, "PNG")
        return target.getvalue()


@dataclass(frozen=True)
class TrainingPicture:
    """One picture as the trainer gets it; `is_redrawn` where the bytes are no longer the stored ones."""

    content: bytes
    extension: str
    is_redrawn: bool


def training_picture(content: bytes, name: str) -> TrainingPicture:
    """The bytes themselves, or a JPEG of them: 1,536 px at most, on white, upright.

    A trainer drops transparency and shows whatever colour is hidden below it, so a picture that
    has some is redrawn too. Raises PictureRefusedError; `name` is only for the sentence.
    """
    source_format = accepted_format(content, name, EXTENSIONS, _MAX_TRAINING_BYTES)
    with _ONE_AT_ONCE, broken_files_refused(name):
        picture = open_still(content, source_format, _MAX_TRAINING_PIXELS, name)
        if max(picture.size) <= LONGEST_SIDE and not _is_see_through(picture):
            return TrainingPicture(content, EXTENSIONS[source_format], is_redrawn=False)
        return TrainingPicture(_jpeg(_small(picture)), "jpg", is_redrawn=True)


def most_content_bytes(byte_count: int, width: int, height: int) -> int:
    """What `training_picture` makes of so large a picture at most."""
    scale = LONGEST_SIDE / max(width, height, 1)
    if scale >= 1:
        return max(byte_count, _most_jpeg_bytes(width, height))
    # A pixel more, since a side may be rounded twice.
    across, down = (min(LONGEST_SIDE, math.ceil(side * scale) + 1) for side in (width, height))
    return _most_jpeg_bytes(across, down)


def _is_see_through(picture: Image.Image) -> bool:
    if not picture.has_transparency_data:
        return False
    return plain_mode(picture).getchannel("A").getextrema() != (255, 255)


def _small(picture: Image.Image) -> Image.Image:
    scale = max(1.0, max(picture.size) / (2 * LONGEST_SIDE))
    # For JPEG: the pixels come out at 1/2, 1/4 or 1/8, and still at twice what is needed.
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
