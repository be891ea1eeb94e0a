"""A provider's output is decoded in full, described and kept as it is; anything else is refused."""

import hashlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import ImageFile

from services.core.errors import PictureRefusedError
from services.media import outputs
from services.media.formats import MEGABYTE, RefusalReason
from services.media.outputs import inspect_output
from tests.unit.media import drawn
from tests.unit.media.drawn import BLUE, RED, encoded, halves, is_near, noise, opened, phone_photo


def refused(content: bytes) -> PictureRefusedError:
    """The refusal of these bytes; fails when they are accepted."""
    with pytest.raises(PictureRefusedError) as caught:
        inspect_output(content)
    return caught.value


@pytest.mark.parametrize(
    ("source_format", "content_type", "extension"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("WEBP", "image/webp", "webp"),
    ],
)
@pytest.mark.parametrize("size", [(120, 80), (1024, 1024), (1344, 768)])
def test_output_is_described(
    source_format: str, content_type: str, extension: str, size: tuple[int, int]
) -> None:
    content = encoded(halves(*size), source_format, quality=92)

    found = inspect_output(content)

    assert (found.content_type, found.extension) == (content_type, extension)
    assert (found.width, found.height, found.content) == (*size, content)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.placeholder.startswith("data:image/webp;base64,")
    thumbnail = opened(found.thumbnail)
    assert thumbnail.format == "WEBP" and max(thumbnail.size) == min(512, max(size))
    middle = thumbnail.height // 2
    assert is_near(thumbnail.getpixel((9, middle)), RED, 20)
    assert is_near(thumbnail.getpixel((thumbnail.width - 9, middle)), BLUE, 20)


def test_size_and_thumbnail_follow_the_orientation() -> None:
    found = inspect_output(phone_photo())

    assert (found.width, found.height) == (80, 120)
    thumbnail = opened(found.thumbnail)
    assert thumbnail.size == (80, 120)
    assert is_near(thumbnail.getpixel((40, 9)), RED, 20)
    assert is_near(thumbnail.getpixel((40, 110)), BLUE, 20)


@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(120, 80), (512, 512), (1024, 1024)])
def test_truncated_output_is_refused(source_format: str, size: tuple[int, int]) -> None:
    content = encoded(noise(*size), source_format)

    for length in (len(content) // 2, len(content) - 6):
        assert refused(content[:length]).reason == RefusalReason.TRUNCATED


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", RefusalReason.EMPTY),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", RefusalReason.UNSUPPORTED_FORMAT),
        (b'{"detail": "not found"}', RefusalReason.NOT_AN_IMAGE),
        (b"<html>", RefusalReason.NOT_AN_IMAGE),
        (drawn.animation("PNG"), RefusalReason.ANIMATED),
        (drawn.animation("WEBP"), RefusalReason.ANIMATED),
        (drawn.png_with_broken_pixels(), RefusalReason.CORRUPT),
        (drawn.png_claiming(30_000, 30_000), RefusalReason.TOO_MANY_PIXELS),
        (drawn.jpeg_claiming(30_000, 30_000), RefusalReason.TOO_MANY_PIXELS),
        (b"\xff\xd8\xff" + bytes(201 * MEGABYTE), RefusalReason.TOO_MANY_BYTES),
        (drawn.animation("GIF"), RefusalReason.ANIMATED),
    ],
)
def test_other_output_is_refused(content: bytes, reason: RefusalReason) -> None:
    refusal = refused(content)

    assert refusal.reason == reason
    assert refusal.sentence.startswith("The file ")
    # Nobody sent it, so nobody is advised to send another.
    assert "send" not in refusal.sentence


def test_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: Any) -> None:
        raise AssertionError

    bombs = [drawn.png_claiming(12_000, 12_000), drawn.jpeg_claiming(16_000, 16_000)]
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)

    assert [refused(bomb).reason for bomb in bombs] == [RefusalReason.TOO_MANY_PIXELS] * 2


@pytest.mark.parametrize("source_format", ["AVIF", "HEIF", "GIF", "BMP", "TIFF"])
def test_output_in_a_rare_format_is_converted(source_format: str) -> None:
    found = inspect_output(encoded(halves(), source_format))

    assert (found.extension, found.width, found.height) == ("jpg", 120, 80)
    assert found.sha256 == hashlib.sha256(found.content).hexdigest()
    assert source_format in found.conversion and "120 × 80" in found.conversion
    left, right = (opened(found.content).getpixel((x, 40)) for x in (9, 110))
    assert is_near(left, RED, 20) and is_near(right, BLUE, 20)


def test_output_of_too_many_pixels_is_scaled() -> None:
    found = inspect_output(encoded(halves(9600, 6400), "PNG"))

    assert (found.width, found.height) == (4096, 2731)
    assert "9600 × 6400" in found.conversion and "4096 × 2731" in found.conversion
    assert opened(found.content).size == (4096, 2731)


def test_usual_output_is_stored_byte_for_byte() -> None:
    content = encoded(halves(), "PNG")

    found = inspect_output(content)

    assert found.content is content and not found.conversion


def test_two_outputs_at_once_are_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(halves(), "PNG")
    third_came = threading.Barrier(3)
    inspected = outputs._inspected

    def counted(*arguments: Any) -> Any:
        try:
            third_came.wait(timeout=0.3)
        except threading.BrokenBarrierError:
            return inspected(*arguments)
        raise AssertionError

    monkeypatch.setattr(outputs, "_inspected", counted)
    with ThreadPoolExecutor(4) as pool:
        assert [found.width for found in pool.map(inspect_output, [content] * 4)] == [120] * 4
    assert third_came.broken


@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP"])
def test_damaged_output_raises_nothing_unknown(source_format: str) -> None:
    content, dice, refusals = encoded(noise(70, 66), source_format), random.Random(7), 0
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 12)):
            damaged[dice.randrange(12, min(len(damaged), 900))] = dice.randrange(256)
        try:
            assert inspect_output(bytes(damaged)).thumbnail
        except PictureRefusedError:
            refusals += 1
    assert refusals > 10
