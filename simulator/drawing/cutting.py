"""Finds the subject of a picture: floods the background from its edges, and takes what remains."""

from collections import deque
from collections.abc import Iterator

from PIL import Image, ImageChops, ImageFilter

_SIDE = 320
_STEP_TOLERANCE = 30
"""How much the pixels around one may differ, in their most different channel, to be flooded."""
_GROUND_TOLERANCE = 110
"""How far it may differ from the edge's pixel where its flood came from."""
_LEAST_ISLAND = 0.06
"""Smaller pieces than this share of the largest one belong to the ground."""
_LEAST_SUBJECT, _MOST_SUBJECT = 0.08, 0.97
_OPAQUE = 255
Pixel = tuple[int, int, int]


def subject_mask(image: Image.Image) -> Image.Image:
    """How much each pixel belongs to the subject, 0 to 255, in the size of `image`."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (_OPAQUE, _OPAQUE):
        return image.getchannel("A")
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    mask = _islands_removed(_not_flooded(small), small.width, small.height)
    share = mask.count(_OPAQUE) / len(mask)
    if not _LEAST_SUBJECT < share < _MOST_SUBJECT:
        return _middle(image.size)
    found = Image.frombytes("L", small.size, bytes(mask))
    # A rim of background remains at the edge: shrink by it, then smooth the steps away.
    found = found.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.7))
    return found.resize(image.size, Image.Resampling.BICUBIC).point(_steeper)


def _steeper(value: int) -> int:
    return min(max((value - 70) * 255 // 115, 0), 255)


def _not_flooded(image: Image.Image) -> bytearray:
    """255 where no flood from the edge arrives; a flood follows slow changes and stops at lines."""
    width, height = image.size
    data = image.tobytes()
    pixels: list[Pixel] = [(data[at], data[at + 1], data[at + 2]) for at in range(0, len(data), 3)]
    steps = _steps(image)
    mask = bytearray([_OPAQUE]) * (width * height)
    waiting: deque[tuple[int, Pixel]] = deque()
    for at in _edge(width, height):
        mask[at] = 0
        waiting.append((at, pixels[at]))
    while waiting:
        at, origin = waiting.popleft()
        for there in _neighbours(at, width, height):
            if (
                mask[there]
                and steps[there] <= _STEP_TOLERANCE
                and _differ(pixels[there], origin) <= _GROUND_TOLERANCE
            ):
                mask[there] = 0
                waiting.append((there, origin))
    return mask


def _steps(image: Image.Image) -> bytes:
    """How much the pixels around each one differ: even a thin, soft line is visible in it."""
    spread = ImageChops.subtract(
        image.filter(ImageFilter.MaxFilter(3)), image.filter(ImageFilter.MinFilter(3))
    )
    red, green, blue = spread.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).tobytes()


def _differ(one: Pixel, other: Pixel) -> int:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2]))


def _edge(width: int, height: int) -> Iterator[int]:
    """The top, the upper sides and both lower corners: a subject may be cut off at the bottom."""
    yield from range(width)
    for y in range(1, height):
        yield y * width
        yield y * width + width - 1
    corner = width // 8
    yield from range((height - 1) * width, (height - 1) * width + corner)
    yield from range(height * width - corner, height * width)


def _neighbours(at: int, width: int, height: int) -> Iterator[int]:
    x, y = at % width, at // width
    if x:
        yield at - 1
    if x + 1 < width:
        yield at + 1
    if y:
        yield at - width
    if y + 1 < height:
        yield at + width


def _islands_removed(mask: bytearray, width: int, height: int) -> bytearray:
    """Only the large pieces of the mask."""
    pieces = list(_pieces(mask, width, height))
    least = max((len(piece) for piece in pieces), default=0) * _LEAST_ISLAND
    cleaned = bytearray(len(mask))
    for piece in pieces:
        if len(piece) >= least:
            for at in piece:
                cleaned[at] = _OPAQUE
    return cleaned


def _pieces(mask: bytearray, width: int, height: int) -> Iterator[list[int]]:
    left = bytearray(mask)
    for start in range(len(left)):
        if not left[start]:
            continue
        left[start] = 0
        piece, waiting = [start], [start]
        while waiting:
            for there in _neighbours(waiting.pop(), width, height):
                if left[there]:
                    left[there] = 0
                    piece.append(there)
                    waiting.append(there)
        yield piece


def _middle(size: tuple[int, int]) -> Image.Image:
    """For a picture without a clear ground: an oval, soft at its edge."""
    oval = Image.radial_gradient("L").point(lambda value: min(max((176 - value) * 6, 0), 255))
    return oval.resize(size, Image.Resampling.BILINEAR)
