"""Crops a stored picture for a channel: decoded in full, cut, scaled and written without metadata.

In this process, as outputs are: the bytes come from our own storage, in three formats alone.
"""

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from services.media.acceptance import accepted_format
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
from services.media.presets import Preset, crop_box
from services.media.refusals import MEGABYTE, RefusalReason, refusal
from services.media.sniff import PictureFormat

_FORMATS = frozenset({PictureFormat.JPEG, PictureFormat.PNG, PictureFormat.WEBP})
_MAX_BYTES = 25 * MEGABYTE
_MAX_PIXELS = 25_000_000
_JPEG_QUALITY = 92
# A refusal then speaks of "The picture".
_NO_NAME = ""
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class ExportedPicture:
    """A picture of exactly the preset's size: a PNG where something shows through, else a JPEG."""

    content_type: str
    content: bytes = field(repr=False)


def export_picture(content: bytes, preset: Preset, focus: Sequence[float]) -> ExportedPicture:
    """Crop around `focus` and scale; blocks while two others are at work.

    Raises PictureRefusedError for what is no sound picture, or too large a one.
    """
    source_format = accepted_format(content, _NO_NAME, _FORMATS, _MAX_BYTES)
    with _AT_ONCE:
        try:
            return _encoded(_cropped(_opened(content, source_format), preset, focus))
        except MemoryError:
            raise refusal(RefusalReason.DECODE_MEMORY, _NO_NAME) from None
        except BROKEN_FILE_ERRORS as broken:
            raise refusal(broken_file_reason(broken), _NO_NAME) from broken


def _opened(content: bytes, source_format: PictureFormat) -> Image.Image:
    picture = open_picture(content, source_format)
    if picture.width * picture.height > _MAX_PIXELS:
        facts = {"width": picture.width, "height": picture.height, "most": _MAX_PIXELS / 1_000_000}
        raise refusal(RefusalReason.TOO_MANY_PIXELS, _NO_NAME, **facts)
    if is_animated(picture):
        raise refusal(RefusalReason.ANIMATED, _NO_NAME)
    picture.load()
    return picture


def _cropped(picture: Image.Image, preset: Preset, focus: Sequence[float]) -> Image.Image:
    """Colours are converted last, when there are few pixels left."""
    whole = upright(plain_mode(picture), orientation(picture))
    box = crop_box(whole.width, whole.height, preset, focus)
    size = (preset.width, preset.height)
    cut = whole.resize(size, Image.Resampling.LANCZOS, box=box)
    return bare(to_srgb(cut, picture.info.get("icc_profile")))


def _encoded(picture: Image.Image) -> ExportedPicture:
    out = io.BytesIO()
    if picture.mode == "RGBA":
        # Level 3 is 3 × faster than 6 and 8% larger.
        picture.save(out, "PNG", compress_level=3)
        return ExportedPicture("image/png", out.getvalue())
    picture.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return ExportedPicture("image/jpeg", out.getvalue())
