"""Draws one ordered picture from its words, its seed and its subject; the same order, the same bytes."""

import random
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from simulator.drawing.figure import GROUND_Y, draw_figure
from simulator.drawing.head import EAR_TOPS, HEADWEAR_TOP
from simulator.drawing.orders import PictureOrder
from simulator.drawing.prompt_reading import Framing, Reading, read_prompt
from simulator.drawing.scenery import background_colours, cast_shadow, confetti, gradient
from simulator.drawing.shapes import ellipse
from simulator.drawing.sheet import sheet_on
from simulator.drawing.stances import STANCES, Stance
from simulator.drawing.traits import PRIMARIES, Colour, Outfit, Species, Traits, mix

_OVERSAMPLED = 2
_LARGEST_DRAWN = 1536
_JITTER_DEGREES = 2.5
_FULL_DISC, _BUST_DISC = (500, 500, 400), (500, 380, 300)
_WHITE: Colour = (255, 255, 255)
_PAPER: Colour = (250, 250, 252)
Size = tuple[int, int]


@dataclass(frozen=True)
class _View:
    """Pixels per drawing unit, and where the drawing's origin lies."""

    scale: float
    left: float
    top: float


def draw_picture(order: PictureOrder) -> Image.Image:
    """The picture of an order, `order.width` × `order.height` pixels."""
    reading = read_prompt(order.prompt)
    dice = random.Random(f"{order.seed} {order.digest}")
    traits = order.facts.traits if order.facts else traits_of_words(reading, order.seed)
    stance = _loosened(STANCES[reading.stance], dice)
    width, height = drawn_size(order.width, order.height)
    big = (width * _OVERSAMPLED, height * _OVERSAMPLED)
    if reading.framing is Framing.ICON:
        image = _icon(order, traits, stance, reading, big)
    else:
        image = _scene(order, traits, stance, reading, big, dice)
    drawn = image.reduce(_OVERSAMPLED)
    size = (order.width, order.height)
    return drawn if drawn.size == size else drawn.resize(size, Image.Resampling.BICUBIC)


def drawn_size(width: int, height: int) -> Size:
    """The size in which a picture is drawn: huge ones are enlarged afterwards, to bound memory."""
    scale = min(1.0, _LARGEST_DRAWN / max(width, height))
    return max(round(width * scale), 1), max(round(height * scale), 1)


def traits_of_words(reading: Reading, seed: int) -> Traits:
    """The character that a prompt describes; the seed fills in what it leaves open."""
    dice = random.Random(seed)
    colour = dice.choice(list(PRIMARIES))
    species = dice.choice(list(Species))
    outfit = dice.choice(list(Outfit))
    return Traits(reading.colour or colour, reading.species or species, outfit)


def _loosened(stance: Stance, dice: random.Random) -> Stance:
    """The stance with a small turn of its own, so that two seeds are not alike."""
    return replace(
        stance,
        lean=stance.lean + dice.uniform(-_JITTER_DEGREES, _JITTER_DEGREES),
        tilt=stance.tilt + dice.uniform(-_JITTER_DEGREES, _JITTER_DEGREES),
    )


def _scene(
    order: PictureOrder,
    traits: Traits,
    stance: Stance,
    reading: Reading,
    size: Size,
    dice: random.Random,
) -> Image.Image:
    """A character, full or its upper half, on a soft background."""
    top, bottom, disc = background_colours(traits, order.facts.tint if order.facts else None, dice)
    if order.is_cut_out:
        image = Image.new("RGBA", size, (*traits.line, 0))
    else:
        image = gradient(size, top, bottom)
    view = _view(traits, stance, reading.framing, size)
    sheet = sheet_on(image, view.scale, view.left, view.top, traits.line)
    if not order.is_cut_out:
        x, y, radius = _BUST_DISC if reading.framing is Framing.BUST else _FULL_DISC
        sheet.fill(ellipse(x, y, radius, radius), disc)
        if reading.framing is Framing.FULL_BODY:
            confetti(sheet, disc, traits.accent, dice)
            _ground_shadow(image, view, stance)
    draw_figure(sheet, traits, stance, reading.facing)
    return image


def _view(traits: Traits, stance: Stance, framing: Framing, size: Size) -> _View:
    """Place the character so that nothing of it is cut off at the top."""
    crown = min(
        EAR_TOPS.get(traits.species, HEADWEAR_TOP), HEADWEAR_TOP if _wears_hat(traits) else 1000
    )
    lift = max(stance.lift, 0.0)
    crown, foot = {
        Framing.FULL_BODY: (min(crown - lift - 40, 0), 960.0),
        Framing.BUST: (crown - lift - 50, 690.0 - lift),
        Framing.ICON: (crown - lift - 70, 650.0 - lift),
    }[framing]
    side = min(size)
    scale = side / (foot - crown)
    return _View(scale, size[0] / 2 - 500 * scale, (size[1] - side) / 2 - crown * scale)


def _wears_hat(traits: Traits) -> bool:
    return traits.outfit is Outfit.BEANIE


def _ground_shadow(image: Image.Image, view: _View, stance: Stance) -> None:
    """The higher the jump, the smaller and fainter the shadow."""
    height = max(stance.lift, 0.0)
    half = (190 - height * 0.5) * view.scale
    x, y = view.left + (500 + stance.lean * 1.5) * view.scale, view.top + GROUND_Y * view.scale
    box = (x - half, y - 20 * view.scale, x + half, y + 24 * view.scale)
    cast_shadow(image, box, 0.34 - height * 0.0012)


def _icon(
    order: PictureOrder, traits: Traits, stance: Stance, reading: Reading, size: Size
) -> Image.Image:
    """A face on a bold rounded tile."""
    tile = mix(traits.accent, _WHITE, 0.32)
    image = gradient(size, mix(tile, _WHITE, 0.25), mix(tile, traits.trim, 0.12))
    calm = replace(
        stance,
        left_arm=STANCES["standing"].left_arm,
        right_arm=STANCES["standing"].right_arm,
        lift=0,
    )
    view = _view(traits, calm, Framing.ICON, size)
    sheet = sheet_on(image, view.scale, view.left, view.top, traits.line)
    sheet.fill(ellipse(500, 350, 268, 268), mix(tile, _WHITE, 0.4))
    draw_figure(sheet, traits, calm, reading.facing)
    page = (
        Image.new("RGBA", size, (*_PAPER, 0))
        if order.is_cut_out
        else Image.new("RGB", size, _PAPER)
    )
    page.paste(image, (0, 0), _tile_mask(size))
    return page


def _tile_mask(size: Size) -> Image.Image:
    """A rounded square in the middle of the picture."""
    side = min(size) - min(size) // 20
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle(
        (left, top, left + side, top + side), side // 5, fill=255
    )
    return mask
