"""An export has exactly its channel's size, carries nothing else, and refuses what is no picture."""

import pytest
from PIL import Image

from services.core.errors import PictureRefusedError
from services.media.exports import DEFAULT_FOCUS, PRESETS, Preset, export_picture
from services.media.formats import RefusalReason
from tests.unit.media.drawn import BLUE, RED, encoded, halves, is_near, opened, phone_photo


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
@pytest.mark.parametrize(
    ("size", "source_format"), [((120, 80), "PNG"), ((3000, 200), "JPEG"), ((64, 1900), "WEBP")]
)
def test_size_is_exactly_the_presets(
    preset: Preset, size: tuple[int, int], source_format: str
) -> None:
    made = export_picture(encoded(halves(*size), source_format), preset, DEFAULT_FOCUS)

    assert made.content_type == "image/jpeg"
    assert opened(made.content).size == (preset.width, preset.height)


@pytest.mark.parametrize(("focus", "colour"), [((0.0, 0.5), RED), ((1.0, 0.5), BLUE)])
def test_focus_chooses_the_part(focus: tuple[float, float], colour: tuple[int, int, int]) -> None:
    made = export_picture(encoded(halves(4000, 1000), "JPEG"), PRESETS["shopee"], focus)

    picture = opened(made.content)
    assert all(is_near(picture.getpixel(at), colour) for at in ((3, 3), (1076, 1076)))


def test_what_shows_through_stays_so_in_a_png() -> None:
    source = halves(400, 400).convert("RGBA")
    source.putalpha(Image.new("L", (400, 200), 255).crop((0, 0, 400, 400)))

    made = export_picture(encoded(source, "PNG"), PRESETS["shopee"], DEFAULT_FOCUS)

    picture = opened(made.content)
    assert (made.content_type, picture.mode) == ("image/png", "RGBA")
    assert picture.getpixel((20, 1060))[3] == 0  # type: ignore[index]
    assert picture.getpixel((20, 20)) == (*RED, 255)


def test_opaque_png_becomes_a_jpeg() -> None:
    source = halves().convert("RGBA")
    made = export_picture(encoded(source, "PNG"), PRESETS["shopee"], DEFAULT_FOCUS)
    assert made.content_type == "image/jpeg"


def test_orientation_is_applied_and_other_metadata_removed() -> None:
    made = export_picture(phone_photo(), PRESETS["instagram_story"], (0.5, 0.0))

    picture = opened(made.content)
    assert is_near(picture.getpixel((540, 20)), RED, 20)
    assert is_near(picture.getpixel((540, 1900)), BLUE, 20)
    assert not picture.getexif()
    assert b"SecretPhone" not in made.content and b"<script>" not in made.content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", RefusalReason.EMPTY),
        (b"%PDF-1.7 nothing", RefusalReason.NOT_AN_IMAGE),
        (encoded(halves(), "JPEG")[:-200], RefusalReason.TRUNCATED),
        (encoded(halves(), "GIF"), RefusalReason.UNSUPPORTED_FORMAT),
    ],
)
def test_what_is_no_sound_picture_is_refused(content: bytes, reason: RefusalReason) -> None:
    with pytest.raises(PictureRefusedError) as caught:
        export_picture(content, PRESETS["shopee"], DEFAULT_FOCUS)
    assert caught.value.reason == reason


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    huge = encoded(Image.new("1", (5100, 5000)), "PNG")
    with pytest.raises(PictureRefusedError) as caught:
        export_picture(huge, PRESETS["shopee"], DEFAULT_FOCUS)
    assert caught.value.reason == RefusalReason.TOO_MANY_PIXELS
