"""Size a stored picture for a model, or for a trainer, which also takes no transparency.

The pictures come from our own storage, where each was decoded in full before it was stored.
"""

import io
import math

from PIL import Image, ImageOps

from services.media.formats import STORED
from services.media.pixels import load_reduced, normalized, plain_mode, stored_picture

LONGEST_SIDE = 1536
"""Half as much again as the largest side that a trainer reads."""
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
    with stored_picture(content) as (picture, _):
        picture.load()
        fitted = ImageOps.fit(normalized(picture), size, Image.Resampling.LANCZOS)
        target = io.BytesIO()
        fitted.save(target, "PNG")
        return target.getvalue()


def training_picture(content: bytes, name: str) -> tuple[bytes, str]:
    """What a trainer gets, with its extension: the bytes themselves, or a JPEG of them: 1,536 px at most, on white, upright.

    A trainer drops transparency and shows whatever colour is hidden below it, so a picture that
    has some is redrawn too. Raises PictureRefusedError; `name` is only for the sentence.
    """
    with stored_picture(content, name) as (picture, source_format):
        if max(picture.size) <= LONGEST_SIDE and not _is_see_through(picture):
            return content, STORED[source_format]
        # At twice what is needed.
        load_reduced(picture, 2 * LONGEST_SIDE)
        small = _on_white(normalized(picture, LONGEST_SIDE))
        return _jpeg(small), "jpg"


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
