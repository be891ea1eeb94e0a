"""The perceptual hash: near for the same picture, mirrored or not, and far for others."""

import itertools
from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance, ImageOps

from services.media.decode import decode_picture
from services.media.measures import Fingerprint, fingerprint
from services.media.pixels import grey
from services.references.similar import MAX_DIFFERENT_BITS
from tests.unit.media.drawn import encoded, opened, scene

Change = Callable[[Image.Image], Image.Image]
CHANGES: dict[str, Change] = {
    "a third of the size": lambda picture: picture.resize((213, 160)),
    "saved badly": lambda picture: opened(encoded(picture, "JPEG", quality=30)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.75),
    "without colour": lambda picture: picture.convert("L").convert("RGB"),
    "cut a little": lambda picture: picture.crop((10, 8, 630, 472)),
}


@pytest.mark.parametrize("name", list(CHANGES))
@pytest.mark.parametrize("number", range(6))
def test_changed_picture_stays_near(name: str, number: int) -> None:
    changed = _hash(CHANGES[name](scene(number)))
    assert _bits(_hash(scene(number)).straight, changed.straight) <= MAX_DIFFERENT_BITS


@pytest.mark.parametrize("number", range(6))
def test_mirror_image_is_near_when_compared_as_one(number: int) -> None:
    straight = _hash(scene(number))
    turned = _hash(CHANGES["saved badly"](ImageOps.mirror(scene(number))))
    assert _bits(straight.mirrored, turned.straight) <= 4
    assert _bits(straight.straight, turned.mirrored) <= 4
    assert _bits(straight.straight, turned.straight) > MAX_DIFFERENT_BITS


def test_other_pictures_are_far() -> None:
    hashes = [_hash(scene(number)) for number in range(16)]
    nearest = min(
        min(_bits(one.straight, other.straight), _bits(one.straight, other.mirrored))
        for one, other in itertools.combinations(hashes, 2)
    )
    assert nearest > MAX_DIFFERENT_BITS


def test_symmetrical_drawing_keeps_its_hash() -> None:
    picture = Image.new("RGB", (640, 640), "white")
    picture.paste("teal", (160, 100, 480, 600))
    badly = _hash(CHANGES["saved badly"](picture))
    assert _bits(_hash(picture).straight, badly.straight) <= 4


def test_a_plain_surface_has_no_hash() -> None:
    assert fingerprint(Image.new("L", (300, 200), 90)) is None
    assert decode_picture(encoded(Image.new("RGB", (99, 99)), "PNG"), "a.png").fingerprint is None


def test_hidden_colours_of_transparent_pixels_do_not_count() -> None:
    shape = Image.new("L", (640, 480))
    shape.paste(scene(1).convert("L").point(lambda level: 255 if level > 128 else 0))
    clear, hidden = Image.new("RGB", (640, 480), "red"), scene(2)
    clear.putalpha(shape)
    hidden.paste("red", mask=shape)
    hidden.putalpha(shape)
    assert fingerprint(grey(clear)) == fingerprint(grey(hidden))


def test_upload_carries_hashes_that_fit_the_database() -> None:
    found = [
        decode_picture(encoded(scene(number), "PNG"), "a.png").fingerprint for number in (1, 2)
    ]
    for hashes in found:
        assert hashes
        assert all(-(2**63) <= value < 2**63 for value in (hashes.straight, hashes.mirrored))
    assert found[0] == _hash(scene(1))


def _hash(picture: Image.Image) -> Fingerprint:
    small = picture.copy()
    small.thumbnail((512, 512), reducing_gap=1.0)
    found = fingerprint(grey(small))
    assert found
    return found


def _bits(one: int, other: int) -> int:
    return ((one ^ other) & (2**64 - 1)).bit_count()
