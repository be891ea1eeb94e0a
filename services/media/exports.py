"""The channels that pictures are cropped for, and the crop itself, written without metadata.

In this process, as outputs are: the bytes come from our own storage, in three formats alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from services.media.pixels import (
    bare,
    encoded,
    orientation,
    plain_mode,
    stored_picture,
    to_srgb,
    upright,
)

DEFAULT_FOCUS = (0.5, 0.35)
"""Where faces are: the same point as the thumbnails' in the gallery."""


@dataclass(frozen=True)
class CoveredArea:
    """A rectangle, as shares of the frame, over which the channel draws its own interface."""

    left: float
    top: float
    width: float
    height: float
    by: str


@dataclass(frozen=True)
class Preset:
    """A channel's picture: its size in pixels, and the areas that its interface covers.

    The crop preview reads all fields in the browser.
    """

    id: str
    label: str
    width: int
    height: int
    covered: tuple[CoveredArea, ...] = ()


# The apps' own layouts, read in November 2026; rounded up, since they differ between phones.
PRESETS = {
    preset.id: preset
    for preset in (
        Preset("instagram_post", "Instagram post", 1080, 1350),
        Preset(
            "instagram_story",
            "Instagram story",
            1080,
            1920,
            (
                CoveredArea(0.0, 0.0, 1.0, 0.14, "profile and close button"),
                CoveredArea(0.0, 0.8, 1.0, 0.2, "reply field"),
            ),
        ),
        Preset(
            "tiktok",
            "TikTok",
            1080,
            1920,
            (
                CoveredArea(0.0, 0.0, 1.0, 0.08, "tabs"),
                CoveredArea(0.0, 0.8, 1.0, 0.2, "name, caption and music"),
                CoveredArea(0.89, 0.08, 0.11, 0.72, "buttons"),
            ),
        ),
        Preset("shopee", "Shopee", 1080, 1080),
    )
}


def crop_box(
    width: int, height: int, preset: Preset, focus: Sequence[float] = DEFAULT_FOCUS
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the largest area of a picture with the preset's shape.

    `focus` is the point, in shares of the picture, that becomes the middle, as far as the
    picture reaches.
    """
    wide, high = _largest(width, height, preset)
    left = _start(focus[0], width, wide)
    top = _start(focus[1], height, high)
    return left, top, left + wide, top + high


def enlargement(width: int, height: int, preset: Preset) -> float:
    """How many times larger the cropped area becomes; 1 or less loses nothing."""
    wide, high = _largest(width, height, preset)
    return max(preset.width / wide, preset.height / high)


def _largest(width: int, height: int, preset: Preset) -> tuple[int, int]:
    """Width and height of the largest area; rounded to pixels, so almost the exact shape."""
    if width * preset.height > height * preset.width:
        return max(1, round(height * preset.width / preset.height)), height
    return width, max(1, round(width * preset.height / preset.width))


def _start(share: float, full: int, cropped: int) -> int:
    return min(max(0, round(share * full - cropped / 2)), full - cropped)


@dataclass(frozen=True)
class ExportedPicture:
    """A picture of exactly the preset's size: a PNG where something shows through, else a JPEG."""

    content_type: str
    content: bytes = field(repr=False)


def export_picture(content: bytes, preset: Preset, focus: Sequence[float]) -> ExportedPicture:
    """Crop around `focus` and scale; blocks while two others are at work.

    Raises PictureRefusedError for what is no sound picture, or too large a one.
    """
    with stored_picture(content) as (picture, _):
        picture.load()
        extension, made = encoded(_cropped(picture, preset, focus))
    return ExportedPicture("image/png" if extension == "png" else "image/jpeg", made)


def _cropped(picture: Image.Image, preset: Preset, focus: Sequence[float]) -> Image.Image:
    """Colours are converted last, when there are few pixels left."""
    turned = upright(plain_mode(picture), orientation(picture))
    box = crop_box(turned.width, turned.height, preset, focus)
    size = (preset.width, preset.height)
    cut = turned.resize(size, Image.Resampling.LANCZOS, box=box)
    return bare(to_srgb(cut, picture.info.get("icc_profile")))
