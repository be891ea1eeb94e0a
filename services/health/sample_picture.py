"""A drawn face for models that make nothing without a picture; nobody's, so it may be sent."""

import io

from PIL import Image, ImageDraw

from services.providers.base import InputImage

_SIDE = 768
_PAPER, _SKIN, _HAIR, _INK, _MOUTH = "#f4f1ea", "#e8b98f", "#4a3426", "#2b2622", "#a24c43"


def sample_picture() -> InputImage:
    """A PNG of a face seen from the front, with shoulders."""
    picture = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((134, 560, 634, 1000), fill="#3c6e8f")
    pen.rectangle((324, 480, 444, 620), fill=_SKIN)
    pen.ellipse((214, 120, 554, 500), fill=_HAIR)
    pen.ellipse((234, 170, 534, 570), fill=_SKIN)
    for centre in (320, 448):
        pen.ellipse((centre - 30, 330, centre + 30, 366), fill="white")
        pen.ellipse((centre - 16, 330, centre + 16, 364), fill=_INK)
        pen.arc((centre - 40, 286, centre + 40, 340), 200, 340, fill=_HAIR, width=9)
    pen.line((384, 372, 372, 436, 396, 438), fill="#b98658", width=7)
    pen.chord((330, 462, 438, 512), 0, 180, fill=_MOUTH)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return InputImage("sample.png", "image/png", out.getvalue())
