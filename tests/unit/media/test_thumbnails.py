"""The thumbnail and the placeholder: their sizes, their formats and their upper bounds."""

import base64

import pytest
from PIL import Image

from services.media.pixels import placeholder_uri, shrunk, thumbnail_webp
from tests.unit.media.drawn import halves, noise, opened


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1024, 1024), (512, 512)),
        ((4000, 1000), (512, 128)),
        ((100, 2000), (26, 512)),
        ((300, 200), (300, 200)),
        ((4096, 3), (512, 1)),
    ],
)
def test_thumbnail_fits_into_512_pixels(size: tuple[int, int], expected: tuple[int, int]) -> None:
    original = halves(*size)

    thumbnail = opened(thumbnail_webp(shrunk(original)))

    assert (thumbnail.format, thumbnail.size) == ("WEBP", expected)
    assert original.size == size


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_placeholder_is_a_tiny_picture(mode: str) -> None:
    small = shrunk(halves(900, 600).convert(mode))

    uri = placeholder_uri(small)

    start = "data:image/webp;base64,"
    assert uri.startswith(start)
    tiny = opened(base64.b64decode(uri.removeprefix(start), validate=True))
    assert max(tiny.size) == 16 and small.size == (512, 341)


def test_placeholder_is_short_for_noise_too() -> None:
    picture = noise(16, 16)
    picture.putalpha(Image.effect_noise((16, 16), 120))

    assert len(placeholder_uri(picture)) <= 400
    assert len(placeholder_uri(noise(16, 16))) <= 400
