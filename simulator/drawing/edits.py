"""Works on a given picture: removes its ground, varies it, relights it, takes it apart."""

from collections.abc import Callable
from dataclasses import replace

from PIL import Image, ImageColor, ImageFilter, ImageOps, ImageStat

from simulator.drawing.cutting import subject_mask
from simulator.drawing.orders import PictureOrder
from simulator.drawing.pictures import draw_picture
from simulator.drawing.scenery import gradient
from simulator.drawing.sources import LARGEST_SIDE
from simulator.drawing.traits import Colour, mix
from simulator.replicate.models.catalogue import Work

_WHITE: Colour = (255, 255, 255)
_GREEN: Colour = (120, 255, 155)
_SMALL_SIDE = 384
_PARTS = 5
_STRONGEST_BLUR = 0.03
_SUBJECT_HEIGHT = 0.86
_BORROWED_LIGHT = 0.22
Edit = Callable[[PictureOrder, Image.Image, Image.Image | None], Image.Image]


def edited_picture(
    order: PictureOrder, source: Image.Image, backdrop: Image.Image | None
) -> Image.Image:
    """The picture of an order that works on `source`; `backdrop` is a second picture, if given."""
    source.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return _EDITS[order.work](order, source, backdrop)


def _cut_out(order: PictureOrder, source: Image.Image, backdrop: Image.Image | None) -> Image.Image:
    """The source's own pixels, with another ground or none."""
    mask = subject_mask(source)
    if order.threshold:
        mask = mask.point(lambda value: 255 if value > order.threshold * 255 else 0)
    if order.is_reversed:
        mask = ImageOps.invert(mask)
    plain = source.convert("RGB")
    if order.ground == "map":
        return mask.convert("RGB")
    if order.ground == "rgba":
        plain.putalpha(mask)
        return plain
    return Image.composite(plain, _ground(order.ground, plain), mask)


def _ground(chosen: str, source: Image.Image) -> Image.Image:
    """The background in place of the removed one."""
    if chosen == "blur":
        return source.filter(ImageFilter.GaussianBlur(max(source.size) * _STRONGEST_BLUR))
    if chosen == "overlay":
        return Image.blend(source, Image.new("RGB", source.size, _GREEN), 0.6)
    if chosen == "green":
        return Image.new("RGB", source.size, _GREEN)
    try:
        colour = ImageColor.getrgb(chosen)[:3]
    except ValueError:
        colour = _WHITE
    return Image.new("RGB", source.size, colour)


def _vary(order: PictureOrder, source: Image.Image, backdrop: Image.Image | None) -> Image.Image:
    """The source under a drawn figure: the stronger, the less is left of the source."""
    strength = order.strength
    plain = source.convert("RGB")
    size = plain.size
    figure = draw_picture(replace(order, width=size[0], height=size[1], is_cut_out=True))
    tint = order.facts.tint if order.facts is not None and order.facts.tint else _WHITE
    blurred = plain.filter(ImageFilter.GaussianBlur(max(size) * _STRONGEST_BLUR * strength))
    veil = gradient(size, mix(tint, _WHITE, 0.7), mix(tint, _WHITE, 0.35))
    page = Image.blend(blurred, veil, strength**2)
    weight = strength**0.6
    page.paste(figure, (0, 0), figure.getchannel("A").point(lambda value: round(value * weight)))
    return page


def _relight(order: PictureOrder, source: Image.Image, backdrop: Image.Image | None) -> Image.Image:
    """The subject, cut out, before another ground and in its light."""
    size = (order.width, order.height)
    if backdrop is not None:
        page = ImageOps.fit(backdrop.convert("RGB"), size)
    else:
        page = _drawn_ground(order, size)
    light = tuple(round(value) for value in ImageStat.Stat(page).mean)
    mask = subject_mask(source)
    box = mask.getbbox() or (0, 0, *source.size)
    subject = source.convert("RGB").crop(box)
    lit = Image.blend(subject, Image.new("RGB", subject.size, light), _BORROWED_LIGHT)
    room = (size[0], round(size[1] * _SUBJECT_HEIGHT))
    small = ImageOps.contain(lit, room)
    at = ((size[0] - small.width) // 2, size[1] - small.height)
    page.paste(small, at, mask.crop(box).resize(small.size))
    return page


def _drawn_ground(order: PictureOrder, size: tuple[int, int]) -> Image.Image:
    """Two tones that the seed chooses."""
    hue = order.seed * 47 % 360
    top = ImageColor.getrgb(f"hsl({hue}, 45%, 78%)")
    bottom = ImageColor.getrgb(f"hsl({(hue + 40) % 360}, 50%, 40%)")
    return gradient(size, (top[0], top[1], top[2]), (bottom[0], bottom[1], bottom[2]))


def _take_apart(
    order: PictureOrder, source: Image.Image, backdrop: Image.Image | None
) -> Image.Image:
    """Output 0 shows every part in a colour of its own, each other one a single part in white."""
    small = source.convert("RGB")
    small.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
    smooth = small.filter(ImageFilter.ModeFilter(7))
    parts = smooth.quantize(_PARTS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    if order.index == 0:
        shown = parts.convert("P")
        shown.putpalette(_part_colours())
        page = shown.convert("RGB")
    else:
        chosen = (order.index - 1) % _PARTS
        page = parts.point(lambda value: 255 if value == chosen else 0, "L").convert("RGB")
    return page.resize(source.size, Image.Resampling.NEAREST)


def _part_colours() -> list[int]:
    colours = [
        ImageColor.getrgb(f"hsl({part * 360 // _PARTS}, 80%, 55%)") for part in range(_PARTS)
    ]
    return [value for colour in colours for value in colour[:3]]


_EDITS: dict[Work, Edit] = {
    Work.CUT_OUT: _cut_out,
    Work.VARY: _vary,
    Work.RELIGHT: _relight,
    Work.TAKE_APART: _take_apart,
}
EDITS = frozenset(_EDITS)
"""The kinds of work that need the given picture itself."""
