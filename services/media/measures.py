"""Measures of a picture: a perceptual hash that survives scaling, its sharpness, and whether it is blank."""

import math
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageFilter, ImageStat

_SIDE = 32
_FREQUENCIES = 9
_WAVES = [
    [math.cos((2 * at + 1) * wave * math.pi / (2 * _SIDE)) for at in range(_SIDE)]
    for wave in range(_FREQUENCIES)
]
# A quarter of a grey level: what a symmetrical drawing has of the odd waves is rounding, not shape.
_NOTHING = 64.0
_LEAST_WAVES = 6


@dataclass(frozen=True)
class Fingerprint:
    """The hash of a picture and of its mirror image, as signed 64-bit numbers."""

    straight: int
    mirrored: int


def fingerprint(grey: Image.Image) -> Fingerprint | None:
    """The signs of the 64 lowest waves (DCT) of a picture in mode L; None for a plain surface.

    Takes 2 ms. The mirror image has the same waves, with the horizontally odd ones turned round.
    """
    waves = _waves(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS))
    if sum(abs(value) > _NOTHING for _, value in waves) < _LEAST_WAVES:
        return None
    return Fingerprint(
        straight=_signed([value > _NOTHING for _, value in waves]),
        mirrored=_signed([(-value if odd else value) > _NOTHING for odd, value in waves]),
    )


def _waves(tiny: Image.Image) -> list[tuple[int, float]]:
    """64 waves with whether each is horizontally odd; the mean is replaced by the next one."""
    levels = tiny.tobytes()
    across = [
        [_share(levels[row * _SIDE : (row + 1) * _SIDE], wave) for wave in _WAVES]
        for row in range(_SIDE)
    ]
    waves = [
        (x % 2, _share([row[x] for row in across], _WAVES[y])) for y in range(8) for x in range(8)
    ]
    return [(0, _share([row[8] for row in across], _WAVES[0])), *waves[1:]]


def _share(values: bytes | list[float], wave: list[float]) -> float:
    return sum(value * weight for value, weight in zip(values, wave, strict=True))


def _signed(bits: list[bool]) -> int:
    number = int("".join("1" if bit else "0" for bit in bits), 2)
    return number - (1 << 64) if bits[0] else number


# About what the models read: a large photograph that is sharp at this size is sharp enough.
_SHARPNESS_SIDE = 1024
_GRID = 8
_BEST = 6
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
_PLAIN_DEVIATION = 3.0


class SharpnessVerdict(StrEnum):
    """The word for a measure; it never refuses a picture."""

    SHARP = "sharp"
    SOFT = "soft"
    BLURRED = "blurred"


def sharpness(grey: Image.Image) -> float | None:
    """How many times larger the variance of the Laplacian is than after a blur of 1 px.

    Of a picture in mode L, in the best tenth of its area, so that a blurred background does not
    count; the quietest tenth is taken for noise and subtracted. None for a plain surface. Takes
    10 ms at 1,024 pixels, 60 at 8 MP. Unlike the variance itself it depends on no subject.
    """
    small = grey.copy()
    small.thumbnail((_SHARPNESS_SIDE, _SHARPNESS_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if ImageStat.Stat(small).stddev[0] < _PLAIN_DEVIATION:
        return None
    before = _edges(small)
    after = _edges(small.filter(ImageFilter.GaussianBlur(1.0)))
    pairs = sorted(zip(before, after, strict=True), reverse=True)[:_BEST]
    sharp = sum(pair[0] for pair in pairs) / _BEST - sorted(before)[_BEST]
    blurred = sum(pair[1] for pair in pairs) / _BEST - sorted(after)[_BEST]
    return round(max(0.0, sharp) / max(1.0, blurred), 2)


def sharpness_verdict(measure: float | None) -> SharpnessVerdict | None:
    """The word for a measure.

    Calibrated on ten photographs, blurred on purpose by so many pixels (sigma) at 1,024: as taken
    8.1 to 37, by 0.7 3.7 to 13, by 1.0 2.4 to 4.3, by 1.5 1.3 to 2.0, by 2.0 1.1 to 1.5. Noise of
    one grey level made no blurred picture sharp; noise of two can.
    """
    if measure is None:
        return None
    if measure >= 4.4:
        return SharpnessVerdict.SHARP
    return SharpnessVerdict.SOFT if measure >= 2.0 else SharpnessVerdict.BLURRED


def _edges(grey: Image.Image) -> list[float]:
    """The variance of the Laplacian in each field of the grid."""
    edges = grey.filter(_LAPLACIAN)
    width, height = edges.size
    # The filter copies the outermost pixels instead of filtering them.
    columns = [1 + (width - 2) * at // _GRID for at in range(_GRID + 1)]
    rows = [1 + (height - 2) * at // _GRID for at in range(_GRID + 1)]
    return [
        ImageStat.Stat(edges.crop((columns[x], rows[y], columns[x + 1], rows[y + 1]))).var[0]
        for y in range(_GRID)
        for x in range(_GRID)
    ]


class Blankness(StrEnum):
    """In which way a picture shows nothing."""

    TRANSPARENT = "transparent"
    ONE_COLOUR = "one colour"
    NOISE = "noise"


_BLANK_SIDE = 32
_BARELY_VISIBLE = 8
_ONE_COLOUR_DEVIATION = 2.0
_NOISE_SHARE = 0.15
"""Averaging leaves less of independent pixels, and more of any shape."""


def blankness(small: Image.Image) -> Blankness | None:
    """In which way an RGB or RGBA picture shows nothing; None for one that shows something.

    Safety filters answer with such pictures, also re-encoded or with noise in them. Measured: of
    black with noise of 3 levels 0.1 is left after averaging, of the faintest drawing 5.
    """
    if small.mode == "RGBA":
        alpha = small.getchannel("A")
        if max(alpha.histogram()[_BARELY_VISIBLE + 1 :]) == 0:
            return Blankness.TRANSPARENT
        if _averaged_deviation(alpha) >= _ONE_COLOUR_DEVIATION:
            return None
        small = small.convert("RGB")
    left = max(_averaged_deviation(band) for band in small.split())
    if left < _ONE_COLOUR_DEVIATION:
        return Blankness.ONE_COLOUR
    whole = max(ImageStat.Stat(small).stddev)
    return Blankness.NOISE if left < _NOISE_SHARE * whole else None


def _averaged_deviation(band: Image.Image) -> float:
    tiny = band.resize((_BLANK_SIDE, _BLANK_SIDE), Image.Resampling.BOX)
    return float(ImageStat.Stat(tiny).stddev[0])
