"""Draws a character: tail, legs, body, arms, head and what it wears, back to front."""

from simulator.drawing.head import draw_head
from simulator.drawing.outfit import draw_headwear, draw_neckwear
from simulator.drawing.prompt_reading import Facing
from simulator.drawing.shapes import Outline, Point, ellipse, mirrored, noodle, smooth
from simulator.drawing.sheet import Sheet
from simulator.drawing.stances import Limb, Stance
from simulator.drawing.traits import Species, Traits, mix

GROUND_Y = 905.0
_HIP_Y, _SHOULDER_Y = 724.0, 536.0
_HIPS, _SHOULDERS = (452.0, 548.0), (418.0, 582.0)
_NECK: Point = (500.0, 480.0)
_BODY: Outline = [
    (500.0, 462.0),
    (566.0, 480.0),
    (604.0, 560.0),
    (622.0, 660.0),
    (592.0, 746.0),
    (500.0, 778.0),
]

_TAILS: dict[Species, Outline] = {
    Species.FOX: [
        (560, 740),
        (640, 726),
        (700, 650),
        (690, 560),
        (736, 520),
        (790, 590),
        (784, 700),
        (706, 786),
        (600, 790),
    ],
    Species.CAT: [
        (570, 736),
        (650, 744),
        (700, 690),
        (694, 600),
        (668, 560),
        (700, 536),
        (738, 588),
        (744, 690),
        (690, 776),
        (590, 780),
    ],
    Species.DOG: [
        (570, 720),
        (630, 690),
        (676, 620),
        (704, 606),
        (716, 640),
        (690, 712),
        (626, 768),
        (580, 772),
    ],
    Species.DRAGON: [
        (560, 726),
        (650, 760),
        (740, 756),
        (800, 700),
        (824, 716),
        (812, 790),
        (730, 838),
        (620, 830),
        (556, 790),
    ],
    Species.BIRD: [(560, 726), (640, 716), (706, 680), (716, 726), (664, 776), (580, 782)],
}
_ROUND_TAILS = {Species.RABBIT: 46.0, Species.BEAR: 36.0}


def draw_figure(sheet: Sheet, traits: Traits, stance: Stance, facing: Facing) -> None:
    """Draw the character standing on y = 905 around x = 500."""
    lifted = sheet.moved(0, -stance.lift)
    body = lifted.turned(stance.lean, (500, _HIP_Y))
    head = body.turned(stance.tilt, _NECK)
    # From behind both arms lie over the body, so that the hands can be seen.
    in_front = stance.arms_in_front or facing is Facing.REAR
    if facing is not Facing.REAR:
        _tail(body, traits)
    _legs(lifted, traits, stance, facing)
    if not in_front:
        _arms(body, traits, stance, {False})
    _body(body, traits, facing)
    if facing is Facing.REAR:
        _tail(body.moved(-88, -20), traits)
    draw_neckwear(body, traits, facing)
    draw_head(head, traits, stance, facing)
    draw_headwear(head, traits, facing)
    _arms(body, traits, stance, {True, False} if in_front else {True})


def _legs(sheet: Sheet, traits: Traits, stance: Stance, facing: Facing) -> None:
    """Both legs; a seated character's feet point at the viewer."""
    toes = 8.0 if facing is Facing.FRONT else 22.0
    for hip, leg, side in ((_HIPS[0], stance.left_leg, -1.0), (_HIPS[1], stance.right_leg, 1.0)):
        knee, foot = _joints((hip, _HIP_Y), leg, side)
        sheet.limb(noodle((hip, _HIP_Y), knee, foot, 42, 34), traits.shade)
        ahead = toes * (side if facing is Facing.FRONT else 1.0)
        shoe = ellipse(foot[0] + ahead, foot[1] + 4, 50, 30, power=2.4)
        sheet.part(shoe, traits.trim)
        sheet.fill(
            ellipse(foot[0] + ahead - 12, foot[1] - 6, 18, 8, -12),
            mix(traits.trim, (255, 255, 255), 0.28),
        )


def _joints(start: Point, limb: Limb, side: float) -> tuple[Point, Point]:
    bend = (start[0] + side * limb[0], start[1] + limb[1])
    end = (start[0] + side * limb[2], start[1] + limb[3])
    return bend, end


def _arms(sheet: Sheet, traits: Traits, stance: Stance, layers: set[bool]) -> None:
    """The arms that belong to this layer: raised ones lie over the head, hanging ones under the body."""
    arms = ((_SHOULDERS[0], stance.left_arm, -1.0), (_SHOULDERS[1], stance.right_arm, 1.0))
    for shoulder, arm, side in arms:
        if _is_raised(arm) in layers:
            _arm(sheet, traits, (shoulder, _SHOULDER_Y), arm, side)


def _is_raised(arm: Limb) -> bool:
    return arm[3] < 0 or arm[2] < 0


def _arm(sheet: Sheet, traits: Traits, shoulder: Point, arm: Limb, side: float) -> None:
    elbow, hand = _joints(shoulder, arm, side)
    if traits.species is Species.BIRD:
        sheet.limb(noodle(shoulder, elbow, hand, 30, 40), traits.shade)
        return
    sheet.limb(noodle(shoulder, elbow, hand, 33, 27), traits.shade)
    sheet.part(ellipse(hand[0], hand[1], 35, 34), traits.pale)
    thumb = (hand[0] - side * 20, hand[1] - 22)
    sheet.part(ellipse(thumb[0], thumb[1], 13, 16, -side * 30), traits.pale)
    sheet.fill(ellipse(hand[0], hand[1], 34, 33), traits.pale)


def _body(sheet: Sheet, traits: Traits, facing: Facing) -> None:
    outline = smooth(_BODY + mirrored(_BODY)[1:-1])
    sheet.part(outline, traits.primary)
    if facing is Facing.REAR:
        return
    shift = 26.0 if facing is Facing.SIDE else 0.0
    if traits.species is Species.ROBOT:
        sheet.part(ellipse(500 + shift, 652, 70, 58, power=4), traits.pale)
        for x, colour in ((466.0, traits.accent), (500.0, traits.trim), (534.0, traits.accent)):
            sheet.fill(ellipse(x + shift, 652, 12, 12), colour)
    else:
        sheet.fill(ellipse(500 + shift, 656, 80, 96, power=2.2), traits.pale)


def _tail(sheet: Sheet, traits: Traits) -> None:
    species = traits.species
    if species in _ROUND_TAILS:
        radius = _ROUND_TAILS[species]
        sheet.part(
            ellipse(616, 716, radius, radius),
            traits.pale if species is Species.RABBIT else traits.shade,
        )
    elif species in _TAILS:
        tones = {Species.FOX: traits.primary, Species.BIRD: traits.pale}
        sheet.part(smooth(_TAILS[species]), tones.get(species, traits.shade))
        if species is Species.FOX:
            tip = [
                (690.0, 562.0),
                (738.0, 522.0),
                (788.0, 592.0),
                (790.0, 636.0),
                (752.0, 606.0),
                (722.0, 622.0),
                (700.0, 600.0),
            ]
            sheet.fill(smooth(tip), traits.pale)
        elif species is Species.DRAGON:
            sheet.part(
                smooth([(796, 704), (812, 656), (862, 700), (836, 750), (808, 734)]), traits.accent
            )
