"""Convert to sRGB by an embedded ICC profile, unless the profile is broken: viewers ignore it then."""

import io
import struct
from itertools import pairwise

from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_HEADER_BYTES = 128
_MAX_TAGS = 100
# The white of every profile's connection space; its three primaries add up to it. The tolerance is
# that of Firefox, which ignores profiles beyond it.
_WHITE = (0.9642, 1.0, 0.8249)
_TOLERANCE = (0.02, 0.02, 0.04)
_MAX_DIP = 2
"""By so many levels of 255 a grey may become darker where it should become lighter."""


def convert_profile(picture: Image.Image, icc_profile: bytes) -> Image.Image | None:
    """The L, RGB or CMYK picture in sRGB; None where nothing needs converting or the profile is broken."""
    if not _is_complete(icc_profile):
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        if ImageCms.getProfileDescription(profile).startswith("sRGB"):
            return None
        transform = ImageCms.buildTransform(profile, _SRGB, picture.mode, "RGB")
        if not _has_white(profile) or not _is_monotonic(transform, picture.mode):
            return None
        return ImageCms.applyTransform(picture, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # It fits another kind of picture, or lacks what a conversion needs.
        return None


def _is_complete(icc_profile: bytes) -> bool:
    """Whether the sizes that the profile claims lie within it; LittleCMS leaves out what does not."""
    if len(icc_profile) < _HEADER_BYTES + 4 or icc_profile[36:40] != b"acsp":
        return False
    size, count = (
        struct.unpack_from(">I", icc_profile)[0],
        struct.unpack_from(">I", icc_profile, 128)[0],
    )
    if not _HEADER_BYTES < size <= len(icc_profile) or count > _MAX_TAGS:
        return False
    table = icc_profile[_HEADER_BYTES + 4 : _HEADER_BYTES + 4 + 12 * count]
    if len(table) < 12 * count:
        return False
    return all(offset + length <= size for _, offset, length in struct.iter_unpack(">4sII", table))


def _has_white(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether the primaries add up to white; a profile made of tables has none to add."""
    its = profile.profile
    red, green, blue = its.red_colorant, its.green_colorant, its.blue_colorant
    if red is None or green is None or blue is None:
        return True
    sums = [sum(axis) for axis in zip(red[0], green[0], blue[0], strict=True)]
    return all(
        abs(found - white) <= tolerance
        for found, white, tolerance in zip(sums, _WHITE, _TOLERANCE, strict=True)
    )


def _is_monotonic(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a lighter grey stays lighter; inks have no such scale."""
    if mode == "CMYK":
        return True
    ramp = Image.linear_gradient("L").resize((1, 256)).convert(mode)
    converted = transform.apply(ramp)
    levels = list(converted.convert("L").tobytes())
    return all(after >= before - _MAX_DIP for before, after in pairwise(levels))
