"""Sharpness: the word follows the blur, not the subject, the size or the noise."""

import pytest
from PIL import Image, ImageChops, ImageFilter

from services.media.decode import decode_picture
from services.media.measures import SharpnessVerdict, sharpness, sharpness_verdict
from tests.unit.media.drawn import encoded, scene

BLURS = {0.0: SharpnessVerdict.SHARP, 0.9: SharpnessVerdict.SOFT, 3.0: SharpnessVerdict.BLURRED}


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("blur", list(BLURS))
def test_word_follows_the_blur(number: int, blur: float) -> None:
    assert _verdict(_blurred(number, blur)) is BLURS[blur]


def test_a_faint_picture_is_as_sharp_as_a_strong_one() -> None:
    faint = scene(1).convert("L").point(lambda level: 110 + level // 8)
    assert _verdict(faint) is SharpnessVerdict.SHARP


def test_a_sharp_subject_before_a_blurred_background_is_sharp() -> None:
    picture = scene(2).filter(ImageFilter.GaussianBlur(8))
    picture.paste(scene(3).crop((0, 0, 240, 240)), (200, 120))
    assert _verdict(picture) is SharpnessVerdict.SHARP


def test_noise_makes_no_blurred_picture_sharp() -> None:
    blurred = _blurred(4, 3.0).convert("L")
    noise = Image.effect_noise(blurred.size, 1.0)
    assert _verdict(ImageChops.add(blurred, noise, offset=-128)) is not SharpnessVerdict.SHARP


def test_a_plain_surface_has_no_word() -> None:
    assert _verdict(Image.new("RGB", (400, 400), "teal")) is None
    assert decode_picture(encoded(Image.new("RGB", (99, 99)), "PNG"), "a.png").sharpness is None


@pytest.mark.parametrize("size", [(64, 64), (64, 3000), (65, 70)])
def test_every_size_can_be_measured(size: tuple[int, int]) -> None:
    assert _verdict(scene(5).resize(size)) in list(SharpnessVerdict)


def test_upload_carries_its_sharpness() -> None:
    found = [
        decode_picture(encoded(_blurred(6, blur), "JPEG", quality=92), "a.jpg").sharpness
        for blur in BLURS
    ]
    assert [sharpness_verdict(measure) for measure in found] == list(BLURS.values())


def _blurred(number: int, blur: float) -> Image.Image:
    picture = scene(number)
    return picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture


def _verdict(picture: Image.Image) -> SharpnessVerdict | None:
    return sharpness_verdict(sharpness(picture.convert("L")))
