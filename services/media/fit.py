"""Sizes a stored picture for a model that takes no larger one, or sides of certain multiples alone."""

import io

from PIL import Image, ImageOps

from services.media.formats import accepted_format
from services.media.outputs import EXTENSIONS, at_once
from services.media.pixels import (
    BROKEN_FILE_ERRORS,
    broken_file_reason,
    open_picture,
    orientation,
    plain_mode,
    to_srgb,
    upright,
)
from services.media.refusals import MEGABYTE, refusal

_NO_NAME = ""
_LARGEST_BYTES = 50 * MEGABYTE


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
    source_format = accepted_format(content, _NO_NAME, EXTENSIONS, _LARGEST_BYTES)
    with at_once():
        try:
            picture = open_picture(content, source_format)
            turned = orientation(picture)
            picture.load()
            whole = upright(to_srgb(plain_mode(picture), picture.info.get("icc_profile")), turned)
            fitted = ImageOps.fit(whole, size, Image.Resampling.LANCZOS)
        except BROKEN_FILE_ERRORS as broken:
            raise refusal(broken_file_reason(broken), _NO_NAME) from broken
        target = io.BytesIO()
        fitted.save(target, "PNG")
        return target.getvalue()
