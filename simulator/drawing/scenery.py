"""Draws what lies behind a character: a soft two-tone ground, a disc, confetti, and its shadow."""

import random

from PIL import Image, ImageDraw, ImageFilter

from simulator.drawing.shapes import Point, ellipse
from simulator.drawing.sheet import Sheet
from simulator.drawing.traits import Colour, Traits, brightness, mix

_WHITE: Colour = (255, 255, 255)
_SHADOW_SHRINK = 16


def background_colours(
    traits: Traits, tint: Colour | None, dice: random.Random
) -> tuple[Colour, Colour, Colour]:
    """Top, bottom and disc: quiet tones that contrast with the character."""
    base = (
        mix(tint, traits.accent, 0.25)
        if tint is not None
        else mix(traits.accent, traits.primary, dice.choice((0.1, 0.5, 0.85)))
    )
    if brightness(traits.primary) > 0.8:
        return (
            mix(base, (164, 178, 206), 0.62),
            mix(base, (138, 152, 186), 0.62),
            mix(base, (186, 198, 220), 0.72),
        )
    top = mix(base, _WHITE, 0.86)
    bottom = mix(base, _WHITE, 0.7)
    return top, bottom, mix(base, _WHITE, 0.6)


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A vertical blend."""
    strip = Image.linear_gradient("L").resize((1, 256))
    blend = Image.composite(
        Image.new("RGB", (1, 256), bottom), Image.new("RGB", (1, 256), top), strip
    )
    return blend.resize(size, Image.Resampling.BILINEAR)


def confetti(sheet: Sheet, colour: Colour, accent: Colour, dice: random.Random) -> None:
    """A few dots and rings around the edge, different for each seed."""
    for _ in range(9):
        x, y = _edge_point(dice)
        size = dice.uniform(7, 19)
        tone = mix(colour, accent, dice.uniform(0.12, 0.42))
        sheet.fill(ellipse(x, y, size, size), tone)
        if dice.random() < 0.45:
            sheet.fill(ellipse(x, y, size * 0.55, size * 0.55), colour)


def _edge_point(dice: random.Random) -> Point:
    """Somewhere that the character does not cover."""
    x = dice.choice((dice.uniform(40, 200), dice.uniform(800, 960)))
    return x, dice.uniform(60, 780)


def cast_shadow(
    image: Image.Image, box: tuple[float, float, float, float], strength: float
) -> None:
    """Darken an ellipse in place, softly; `box` is in pixels, `strength` 0..1."""
    small = (max(image.width // _SHADOW_SHRINK, 1), max(image.height // _SHADOW_SHRINK, 1))
    mask = Image.new("L", small)
    left, top, right, bottom = (side / _SHADOW_SHRINK for side in box)
    ImageDraw.Draw(mask).ellipse((left, top, right, bottom), fill=round(255 * strength))
    mask = mask.filter(ImageFilter.GaussianBlur(1.6)).resize(image.size, Image.Resampling.BILINEAR)
    image.paste((52, 44, 72), (0, 0), mask)
