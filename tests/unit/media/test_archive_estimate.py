"""What an archive is said to come to before it is made is never less than what it comes to."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.core.errors import PictureRefusedError
from services.media.archive import (
    MOST_CAPTION_CHARACTERS,
    TrainingPictureFile,
    estimated_bytes,
    write_training_archive,
)
from services.media.fit import training_picture
from tests.unit.media import drawn
from tests.unit.media.drawn import encoded


def half_seen(width: int, height: int) -> Image.Image:
    """Red, and on the right nothing."""
    picture = Image.new("RGBA", (width, height), (255, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (width // 2, 0, width, height))
    return picture


NOISE: list[Callable[[int, int], Image.Image]] = [
    lambda width, height: Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)),
    lambda width, height: Image.frombytes("RGBA", (width, height), os.urandom(width * height * 4)),
    drawn.noise,
    half_seen,
]


@pytest.mark.parametrize("draw", NOISE)
@pytest.mark.parametrize("size", [(64, 64), (1, 900), (1531, 77), (1999, 1333), (3333, 500)])
def test_estimate_is_never_too_small(
    tmp_path: Path, draw: Callable[[int, int], Image.Image], size: tuple[int, int]
) -> None:
    # Longest caption, longest name.
    picture = draw(*size)
    source_format = "JPEG" if picture.mode == "RGB" else "PNG"
    content = encoded(picture, source_format, quality=60, compress_level=0)
    caption = "\U0001f98a" * MOST_CAPTION_CHARACTERS

    target = tmp_path / "training.zip"
    write_training_archive(target, [TrainingPictureFile("x" * 32, lambda: content, caption)])

    assert target.stat().st_size <= estimated_bytes(len(content), *size)


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(0, 200_000_000))
def test_estimate_stays_within_reason(width: int, height: int, byte_count: int) -> None:
    found = estimated_bytes(byte_count, width, height)

    largest = 1536 * 1536 + 10_000
    is_larger = max(width, height) > 1536
    assert found <= (largest if is_larger else max(byte_count + 10_000, largest))
    assert is_larger or found >= byte_count


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_picture_or_a_refusal(content: bytes) -> None:
    for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b""):
        try:
            training_picture(start + content, "01")
        except PictureRefusedError:
            continue
