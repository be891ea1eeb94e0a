"""Draws what a character wears, always in its accent colour."""

from simulator.drawing.prompt_reading import Facing
from simulator.drawing.shapes import ellipse, mirrored, smooth
from simulator.drawing.sheet import Sheet
from simulator.drawing.traits import Outfit, Traits, mix


def draw_neckwear(sheet: Sheet, traits: Traits, facing: Facing) -> None:
    """Scarf, bow tie, bandana or medal: it lies over the body and under the head."""
    accent, dark = traits.accent, mix(traits.accent, traits.trim, 0.3)
    is_rear = facing is Facing.REAR
    if traits.outfit is Outfit.SCARF:
        sheet.part(
            smooth([(556, 540), (598, 548), (610, 640), (590, 690), (548, 684), (560, 620)]), dark
        )
        sheet.part(ellipse(500, 512, 116, 42, power=2.6), accent)
    elif traits.outfit is Outfit.BANDANA:
        sheet.part(ellipse(500, 504, 112, 36, power=2.6), accent)
        tip = [
            (394.0, 506.0),
            (500.0, 528.0),
            (606.0, 506.0),
            (552.0, 580.0),
            (500.0, 634.0),
            (448.0, 580.0),
        ]
        sheet.part(smooth(tip), accent)
        for x, y in ((470.0, 556.0), (528.0, 560.0), (500.0, 596.0)):
            sheet.fill(ellipse(x, y, 8, 8), mix(accent, (255, 255, 255), 0.7))
    elif traits.outfit is Outfit.MEDAL:
        sheet.part(ellipse(500, 504, 108, 26, power=2.6), accent)
        if not is_rear:
            sheet.part(ellipse(500, 560, 40, 40), accent)
            sheet.fill(ellipse(500, 560, 22, 22), mix(accent, (255, 255, 255), 0.55))
    elif traits.outfit is Outfit.BOW_TIE:
        sheet.part(
            ellipse(500, 500, 106, 36 if is_rear else 20, power=2.6), accent if is_rear else dark
        )
        if not is_rear:
            wing = [
                (500.0, 528.0),
                (434.0, 484.0),
                (404.0, 502.0),
                (402.0, 560.0),
                (432.0, 576.0),
                (500.0, 540.0),
            ]
            sheet.part(smooth(wing), accent)
            sheet.part(smooth(mirrored(wing)), accent)
            sheet.part(ellipse(500, 532, 24, 26), accent)


def draw_headwear(sheet: Sheet, traits: Traits, facing: Facing) -> None:
    """Beanie or headphones: over the head."""
    accent = traits.accent
    if traits.outfit is Outfit.BEANIE:
        dome = [
            (378.0, 214.0),
            (396.0, 150.0),
            (452.0, 106.0),
            (500.0, 98.0),
            (548.0, 106.0),
            (604.0, 150.0),
            (622.0, 214.0),
            (500.0, 232.0),
        ]
        sheet.part(smooth(dome), accent)
        sheet.part(ellipse(500, 218, 136, 28, power=3.4), mix(accent, (255, 255, 255), 0.3))
        sheet.part(ellipse(500, 92, 34, 32), mix(accent, (255, 255, 255), 0.75))
    elif traits.outfit is Outfit.HEADPHONES:
        outer = [
            (300.0, 330.0),
            (316.0, 226.0),
            (396.0, 158.0),
            (500.0, 138.0),
            (604.0, 158.0),
            (684.0, 226.0),
            (700.0, 330.0),
        ]
        inner = [
            (672.0, 330.0),
            (656.0, 240.0),
            (588.0, 184.0),
            (500.0, 168.0),
            (412.0, 184.0),
            (344.0, 240.0),
            (328.0, 330.0),
        ]
        sheet.part(smooth(outer)[:-9] + smooth(inner)[:-9], mix(accent, traits.trim, 0.3))
        for x in (312.0, 688.0):
            sheet.part(ellipse(x, 342, 40, 60, power=3), accent)
            sheet.fill(ellipse(x, 342, 20, 34, power=3), mix(accent, (255, 255, 255), 0.35))
