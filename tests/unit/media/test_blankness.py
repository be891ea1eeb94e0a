"""A picture that shows nothing is distinguished from one that shows little."""

import io
import random

import pytest
from PIL import Image, ImageDraw

from services.media.measures import Blankness, blankness
from services.media.outputs import inspect_output
from tests.unit.media.drawn import encoded, halves, noise, scene


def with_noise(colour: tuple[int, int, int], levels: int, side: int = 1024) -> Image.Image:
    """One colour with noise in each channel."""
    dice = random.Random(3)
    mottled = Image.frombytes("L", (side, side), dice.randbytes(side * side))
    bands = [
        mottled.point(lambda value, base=base: base + value * levels // 256) for base in colour
    ]
    return Image.merge("RGB", bands)


def gradient() -> Image.Image:
    """A sky that becomes a little darker."""
    ramp = Image.linear_gradient("L").resize((512, 512)).point(lambda value: 150 + value // 8)
    return Image.merge("RGB", [ramp, ramp, ramp])


def thin_drawing() -> Image.Image:
    """A few thin grey lines on white."""
    picture = Image.new("RGB", (1024, 1024), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((300, 300, 720, 720), outline=(170, 170, 170), width=6)
    draw.line((100, 900, 900, 880), fill=(150, 150, 150), width=5)
    return picture


def cutout(colour: tuple[int, int, int] = (0, 0, 0)) -> Image.Image:
    """A silhouette of one colour on nothing."""
    picture = Image.new("RGBA", (512, 512), (*colour, 0))
    ImageDraw.Draw(picture).ellipse((150, 80, 380, 440), fill=(*colour, 255))
    return picture


def hidden() -> Image.Image:
    """A scene below full transparency."""
    picture = scene(1).convert("RGBA")
    picture.putalpha(3)
    return picture


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encoded(Image.new("RGB", (1024, 1024)), "PNG"), Blankness.ONE_COLOUR),
        (encoded(Image.new("RGB", (1024, 1024), (255, 255, 255)), "JPEG"), Blankness.ONE_COLOUR),
        (encoded(Image.new("L", (300, 900), 127), "WEBP"), Blankness.ONE_COLOUR),
        (encoded(with_noise((0, 0, 0), 6), "JPEG", quality=80), Blankness.ONE_COLOUR),
        (encoded(with_noise((3, 3, 3), 3), "JPEG", quality=95), Blankness.ONE_COLOUR),
        (encoded(with_noise((110, 90, 20), 20), "PNG"), Blankness.ONE_COLOUR),
        (encoded(with_noise((0, 0, 0), 255), "PNG"), Blankness.NOISE),
        (encoded(noise(1024, 1024), "PNG"), Blankness.NOISE),
        (encoded(Image.new("RGBA", (512, 512)), "PNG"), Blankness.TRANSPARENT),
        (encoded(hidden(), "PNG"), Blankness.TRANSPARENT),
        (encoded(halves(512, 512), "JPEG"), None),
        (encoded(gradient(), "JPEG", quality=60), None),
        (encoded(thin_drawing(), "JPEG", quality=60), None),
        (encoded(cutout(), "PNG"), None),
        (encoded(cutout((255, 255, 255)), "WEBP", lossless=True), None),
        *((encoded(scene(number), "JPEG"), None) for number in range(4)),
    ],
)
def test_blank_output_is_recognized(content: bytes, kind: Blankness | None) -> None:
    assert inspect_output(content).blank is kind


def test_converted_output_is_judged_too() -> None:
    black = encoded(Image.new("RGB", (256, 256)), "AVIF")

    assert inspect_output(black).blank is Blankness.ONE_COLOUR


def test_photograph_of_the_night_is_not_blank() -> None:
    night = Image.open(io.BytesIO(encoded(scene(2), "PNG"))).point(lambda level: level // 16)

    assert blankness(night) is None
