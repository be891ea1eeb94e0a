"""Draws a character's head: ears, skull, muzzle, eyes and mouth, from the front, the side or behind."""

from simulator.drawing.prompt_reading import Facing
from simulator.drawing.shapes import Point, ellipse, mirrored, smooth
from simulator.drawing.sheet import Sheet
from simulator.drawing.stances import Stance
from simulator.drawing.traits import Colour, Outfit, Species, Traits, mix

HEAD_X, HEAD_Y = 500.0, 330.0
_WIDTH, _HEIGHT = 186.0, 164.0
_SIDE_SHIFT = 30.0
_WHITE: Colour = (255, 255, 255)

_EARS: dict[Species, list[Point]] = {
    Species.FOX: [(352, 262), (330, 170), (345, 92), (398, 128), (452, 196), (400, 250)],
    Species.CAT: [(350, 258), (338, 176), (362, 116), (408, 148), (458, 190), (400, 250)],
    Species.RABBIT: [
        (400, 240),
        (372, 150),
        (372, 40),
        (412, -8),
        (446, 40),
        (456, 150),
        (452, 220),
    ],
    Species.DOG: [
        (380, 200),
        (318, 218),
        (272, 300),
        (282, 404),
        (328, 424),
        (362, 350),
        (396, 270),
    ],
    Species.DRAGON: [(392, 220), (352, 168), (330, 96), (356, 74), (402, 118), (440, 186)],
}
EAR_TOPS: dict[Species, float] = {
    Species.FOX: 92,
    Species.CAT: 112,
    Species.RABBIT: -8,
    Species.DRAGON: 74,
    Species.BEAR: 144,
    Species.ROBOT: 68,
    Species.BIRD: 84,
}
"""The highest point of each species; the others end with their headwear."""
HEADWEAR_TOP = 60.0
_ROUND_EARS = {Species.BEAR: (366.0, 206.0, 62.0)}


def draw_head(sheet: Sheet, traits: Traits, stance: Stance, facing: Facing) -> None:
    """Draw the head around (500, 330)."""
    if traits.species is not Species.DOG:
        _ears(sheet, traits, facing)
    skull = _skull(traits.species)
    sheet.part(skull, traits.primary)
    if facing is Facing.REAR:
        _crest(sheet, traits)
        if traits.species is Species.DOG:
            _ears(sheet, traits, facing)
        return
    shift = _SIDE_SHIFT if facing is Facing.SIDE else 0.0
    face = sheet.moved(shift, 0)
    # The fox's cheeks follow its skull: moved sideways they would stick out.
    _mask(sheet if traits.species is Species.FOX else face, traits)
    _crest(sheet, traits)
    if traits.species is Species.DOG:
        _ears(sheet, traits, facing)
    _cheeks(face, traits)
    _eyes(face, traits, stance)
    _nose_and_mouth(face, traits, stance)


def _skull(species: Species) -> list[Point]:
    if species is Species.ROBOT:
        return ellipse(HEAD_X, HEAD_Y, _WIDTH - 4, _HEIGHT - 12, power=4.6)
    if species in (Species.FOX, Species.CAT):
        right = [
            (500.0, 172.0),
            (592.0, 186.0),
            (664.0, 258.0),
            (696.0, 366.0),
            (640.0, 446.0),
            (560.0, 484.0),
        ]
        return smooth(right + [(500.0, 492.0)] + mirrored(right)[:-1])
    if species is Species.BIRD:
        return ellipse(HEAD_X, HEAD_Y, _WIDTH - 14, _HEIGHT + 2, power=2.2)
    return ellipse(HEAD_X, HEAD_Y, _WIDTH, _HEIGHT, power=2.5)


def _ears(sheet: Sheet, traits: Traits, facing: Facing) -> None:
    species = traits.species
    inner = traits.primary if facing is Facing.REAR else mix(traits.pale, (255, 150, 150), 0.35)
    if species in _ROUND_EARS:
        x, y, radius = _ROUND_EARS[species]
        for centre in (x, 1000 - x):
            sheet.part(ellipse(centre, y, radius, radius), traits.primary)
            sheet.fill(ellipse(centre, y + 6, radius * 0.56, radius * 0.56), inner)
    elif species is Species.ROBOT:
        _antenna(sheet, traits)
    elif species in _EARS:
        for points in (_EARS[species], mirrored(_EARS[species])):
            outside = traits.shade if species is Species.DOG else traits.primary
            sheet.part(smooth(points), traits.pale if species is Species.DRAGON else outside)
            if species not in (Species.DOG, Species.DRAGON):
                sheet.fill(smooth(_shrunk(points)), inner)


def _shrunk(points: list[Point]) -> list[Point]:
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    return [(x + (px - x) * 0.56, y + (py - y) * 0.62 + 8) for px, py in points]


def _antenna(sheet: Sheet, traits: Traits) -> None:
    sheet.part(ellipse(500, 150, 11, 44, power=4), traits.shade)
    sheet.part(ellipse(500, 98, 30, 30), traits.accent)
    for x in (308.0, 692.0):
        sheet.part(ellipse(x, HEAD_Y + 4, 26, 52, power=3.4), traits.shade)


def _crest(sheet: Sheet, traits: Traits) -> None:
    if traits.species is Species.BIRD and traits.outfit is not Outfit.BEANIE:
        feathers = ((470.0, 150.0, -26.0), (530.0, 150.0, 26.0), (500.0, 136.0, 0.0))
        for x, y, angle in feathers:
            sheet.part(ellipse(x, y, 20, 52, angle), traits.primary)
        sheet.fill(ellipse(500, 196, 66, 30), traits.primary)
    elif traits.species is Species.DRAGON:
        for y, size in ((172.0, 34.0), (206.0, 26.0)):
            sheet.part(
                smooth([(500 - size, y + 8), (500, y - size), (500 + size, y + 8), (500, y + 18)]),
                traits.pale,
            )


def _mask(sheet: Sheet, traits: Traits) -> None:
    """The pale part of the face."""
    if traits.species is Species.ROBOT:
        sheet.part(ellipse(500, 336, 142, 104, power=4.2), mix(traits.pale, _WHITE, 0.4))
    elif traits.species is Species.BIRD:
        for x in (436.0, 564.0):
            sheet.fill(ellipse(x, 330, 84, 96), traits.pale)
        sheet.fill(ellipse(500, 408, 104, 58), traits.pale)
    elif traits.species is Species.FOX:
        cheek = [
            (500.0, 492.0),
            (420.0, 474.0),
            (346.0, 424.0),
            (322.0, 372.0),
            (400.0, 372.0),
            (470.0, 404.0),
            (500.0, 430.0),
        ]
        sheet.fill(smooth(cheek), traits.pale)
        sheet.fill(smooth(mirrored(cheek)), traits.pale)
        sheet.fill(ellipse(500, 420, 62, 52), traits.pale)
    else:
        sheet.fill(ellipse(500, 414, 92, 62), traits.pale)


def _cheeks(sheet: Sheet, traits: Traits) -> None:
    blush = mix(traits.pale, (255, 104, 118), 0.42)
    for x in (376.0, 624.0):
        sheet.fill(ellipse(x, 394, 30, 20), blush)


def _eyes(sheet: Sheet, traits: Traits, stance: Stance) -> None:
    for x in (426.0, 574.0):
        if stance.eyes == "happy":
            _arc(sheet, x, 348, 34, -30, traits.trim)
            continue
        sheet.fill(ellipse(x, 334, 30, 38), traits.trim)
        dy = -12.0 if stance.eyes == "up" else 0.0
        sheet.fill(ellipse(x - 9, 318 + dy / 2, 11, 13), _WHITE)
        sheet.fill(ellipse(x + 10, 350 + dy, 6, 7), mix(traits.trim, _WHITE, 0.6))


def _arc(
    sheet: Sheet, x: float, y: float, half: float, depth: float, colour: Colour, thick: float = 9.0
) -> None:
    """A curved line around (x, y), `half` its width, bulging by `depth` downwards."""
    steps = [step / 10 for step in range(-10, 11)]
    below = [(x + half * t, y + depth * (1 - t * t) + thick / 2 * (1 - t * t * 0.7)) for t in steps]
    above = [(x + half * t, y + depth * (1 - t * t) - thick / 2 * (1 - t * t * 0.7)) for t in steps]
    sheet.fill(below + above[::-1], colour)
    for end in (-half, half):
        sheet.fill(ellipse(x + end, y, thick * 0.2, thick * 0.2), colour)


def _nose_and_mouth(sheet: Sheet, traits: Traits, stance: Stance) -> None:
    if traits.species is Species.BIRD:
        beak = [
            (458.0, 378.0),
            (500.0, 362.0),
            (542.0, 378.0),
            (524.0, 416.0),
            (500.0, 436.0),
            (476.0, 416.0),
        ]
        sheet.part(smooth(beak), mix(traits.accent, (255, 176, 40), 0.75))
        if stance.mouth == "open":
            sheet.fill(ellipse(500, 402, 26, 7), traits.trim)
        return
    if traits.species is not Species.ROBOT:
        nose = [
            (474.0, 384.0),
            (500.0, 378.0),
            (526.0, 384.0),
            (514.0, 402.0),
            (500.0, 410.0),
            (486.0, 402.0),
        ]
        sheet.fill(smooth(nose), traits.trim)
    _mouth(sheet, traits, stance)


def _mouth(sheet: Sheet, traits: Traits, stance: Stance) -> None:
    y = 396.0 if traits.species is Species.ROBOT else 424.0
    if stance.mouth == "open":
        lips = [
            (460.0, y),
            (500.0, y + 6),
            (540.0, y),
            (528.0, y + 30),
            (500.0, y + 42),
            (472.0, y + 30),
        ]
        sheet.fill(smooth(lips), traits.trim)
        sheet.fill(ellipse(500, y + 30, 18, 9), (255, 122, 128))
    elif stance.mouth == "flat":
        _arc(sheet, 500, y + 8, 30, -3, traits.trim)
    elif stance.mouth == "small":
        sheet.fill(ellipse(506, y + 12, 11, 9), traits.trim)
    else:
        _arc(sheet, 478, y, 22, 15, traits.trim)
        _arc(sheet, 522, y, 22, 15, traits.trim)
