"""The channels that pictures are cropped for: their sizes, and what each channel's app covers."""

from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_FOCUS = (0.5, 0.35)
"""Where faces are: the same point as the thumbnails' in the gallery."""


@dataclass(frozen=True)
class Covered:
    """A rectangle, as shares of the frame, over which the channel draws its own interface."""

    left: float
    top: float
    width: float
    height: float
    by: str


@dataclass(frozen=True)
class Preset:
    """A channel's picture: its size in pixels, and where nothing important should be."""

    id: str
    label: str
    width: int
    height: int
    covered: tuple[Covered, ...] = ()


# The apps' own layouts, read in November 2026; rounded up, since they differ between phones.
_ALL = (
    Preset("instagram_post", "Instagram post", 1080, 1350),
    Preset(
        "instagram_story",
        "Instagram story",
        1080,
        1920,
        (
            Covered(0.0, 0.0, 1.0, 0.14, "profile and close button"),
            Covered(0.0, 0.8, 1.0, 0.2, "reply field"),
        ),
    ),
    Preset(
        "tiktok",
        "TikTok",
        1080,
        1920,
        (
            Covered(0.0, 0.0, 1.0, 0.08, "tabs"),
            Covered(0.0, 0.8, 1.0, 0.2, "name, caption and music"),
            Covered(0.89, 0.08, 0.11, 0.72, "buttons"),
        ),
    ),
    Preset("shopee", "Shopee", 1080, 1080),
)
PRESETS = {preset.id: preset for preset in _ALL}


def crop_box(
    width: int, height: int, preset: Preset, focus: Sequence[float] = DEFAULT_FOCUS
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the largest part of a picture with the preset's shape.

    `focus` is the point, in shares of the picture, that comes to stand in the middle, as far as
    the picture reaches.
    """
    wide, high = _largest(width, height, preset)
    left = _start(focus[0], width, wide)
    top = _start(focus[1], height, high)
    return left, top, left + wide, top + high


def enlargement(width: int, height: int, preset: Preset) -> float:
    """How many times larger the cropped part becomes; 1 or less loses nothing."""
    wide, high = _largest(width, height, preset)
    return max(preset.width / wide, preset.height / high)


def _largest(width: int, height: int, preset: Preset) -> tuple[int, int]:
    """Width and height of the largest part; only whole pixels keep it from the exact shape."""
    if width * preset.height > height * preset.width:
        return max(1, round(height * preset.width / preset.height)), height
    return width, max(1, round(width * preset.height / preset.width))


def _start(share: float, whole: int, part: int) -> int:
    return min(max(0, round(share * whole - part / 2)), whole - part)
