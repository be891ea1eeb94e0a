"""What a file carries beside its pixels may be broken or huge; what its pixels need may not."""

import io
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from services.core.errors import PictureRefusedError
from services.media.decode import DecodedPicture, decode_picture
from services.media.essentials import essentials
from services.media.formats import PictureFormat, RefusalReason
from services.media.outputs import inspect_output
from tests.unit.media.drawn import (
    BLUE,
    RED,
    encoded,
    halves,
    is_near,
    noise,
    opened,
    phone_photo,
    png_claiming,
    swapped_profile,
)

Spoil = Callable[[bytes], bytes]


def chunk(kind: bytes, data: bytes, *, is_sound: bool = True) -> bytes:
    """A PNG chunk."""
    checksum = zlib.crc32(kind + data) ^ (not is_sound)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def with_chunk(kind: bytes, data: bytes, *, is_sound: bool = True) -> bytes:
    """A PNG, red and blue, with one more chunk after its header."""
    content = encoded(halves(), "PNG")
    return content[:33] + chunk(kind, data, is_sound=is_sound) + content[33:]


def huge_text() -> bytes:
    """A text of 1.2 MB in 1.5 KB, as workflow editors write it."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("workflow", "x" * 1_200_000, zip=True)
    return encoded(halves(), "PNG", pnginfo=info)


SIDE_DATA = {
    "huge text": huge_text(),
    "huge profile": encoded(halves(), "PNG", icc_profile=b"a" * 1_500_000),
    "profile that does not unpack": with_chunk(b"iCCP", b"x\0\0not packed"),
    "text with a wrong checksum": with_chunk(b"tEXt", b"a\0b", is_sound=False),
    "packed text that does not unpack": with_chunk(b"zTXt", b"a\0\0rubbish"),
    "orientation with a wrong checksum": with_chunk(b"eXIf", b"MM\0*\0\0", is_sound=False),
    "broken orientation": with_chunk(b"eXIf", b"\xff" * 40),
    "resolution of the wrong length": with_chunk(b"pHYs", b"\0"),
    "gamma of the wrong length": with_chunk(b"gAMA", b"\0"),
    "chromaticities with a wrong checksum": with_chunk(b"cHRM", bytes(32), is_sound=False),
    "transparency with a wrong checksum": with_chunk(b"tRNS", b"\0\0\0\0\0\0", is_sound=False),
    "time of nonsense": with_chunk(b"tIME", b"\xff" * 7),
    "a private chunk": with_chunk(b"prVt", b"\0" * 70_000),
    "an animation of one frame": with_chunk(b"acTL", struct.pack(">II", 1, 0)),
    "content credentials": with_chunk(b"caBX", bytes(3_000_000)),
    "something behind its end": encoded(halves(), "PNG") + b"PK\x03\x04" * 1000,
}


def shown(picture: DecodedPicture) -> bool:
    """Whether it is red on the left and blue on the right."""
    left, right = (opened(picture.content).getpixel((x, 40)) for x in (3, 116))
    return is_near(left, RED) and is_near(right, BLUE)


@pytest.mark.parametrize("name", SIDE_DATA)
def test_side_data_of_a_png_refuses_no_upload(name: str) -> None:
    assert shown(decode_picture(SIDE_DATA[name], "a.png"))


@pytest.mark.parametrize("name", SIDE_DATA)
def test_side_data_of_a_png_refuses_no_output_and_stops_no_other_program(name: str) -> None:
    content = SIDE_DATA[name]

    found = inspect_output(content)

    assert (found.width, found.height) == (120, 80)
    # Opened anew, as models and browsers do.
    PngImagePlugin.PngImageFile(io.BytesIO(found.content)).verify()
    assert bool(found.conversion) == (found.content != content)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda png: png[:40] + chunk(b"CgBI", bytes(4)) + png[40:], RefusalReason.CORRUPT),
        (lambda png: png[:33] + chunk(b"QqQq", b"") + png[33:], RefusalReason.CORRUPT),
        (lambda png: png.replace(png[29:33], bytes(4), 1), RefusalReason.CORRUPT),
        (lambda png: png[:-4] + bytes(4), RefusalReason.CORRUPT),
        (lambda png: png[:-12], RefusalReason.TRUNCATED),
        (lambda png: png[:50], RefusalReason.TRUNCATED),
        (lambda png: png[:33] + chunk(b"prVt", b"") * 100_001 + png[33:], RefusalReason.CORRUPT),
    ],
)
def test_what_pixels_need_is_strict(spoil: Spoil, reason: RefusalReason) -> None:
    with pytest.raises(PictureRefusedError) as caught:
        decode_picture(spoil(encoded(halves(), "PNG")), "a.png")

    assert caught.value.reason == reason


def test_profile_and_orientation_of_a_png_still_count() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    content = encoded(halves(), "PNG", icc_profile=swapped_profile(), exif=exif)

    turned = decode_picture(content, "a.png")

    # Turned round and with its colours exchanged, it looks as before.
    left, right = (opened(turned.content).getpixel((x, 40)) for x in (3, 116))
    assert is_near(left, RED, 12) and is_near(right, BLUE, 12)


def jpeg_with(inserted: bytes) -> bytes:
    """A phone's JPEG with something after its start."""
    return phone_photo()[:2] + inserted + phone_photo()[2:]


JPEG_SIDE_DATA = {
    "20 MB of padding": jpeg_with(b"\xff" * 20_000_000),
    "20 MB of notes": jpeg_with((b"\xff\xfe\xff\xfe" + bytes(65_532)) * 300),
    "a broken preview": jpeg_with(b"\xff\xe1\x00\x20Exif\0\0" + b"\xff" * 24),
    "a broken list of pictures": jpeg_with(b"\xff\xe2\x00\x10MPF\0" + b"\xff" * 10),
    "rubbish between segments": jpeg_with(b"\xff\xfe\0\x04ab" + b"rubbish" * 100),
    "a second start": jpeg_with(b"\xff\xd8"),
    "something behind its end": phone_photo() + b"\0" * 5_000_000,
}


@pytest.mark.parametrize("name", JPEG_SIDE_DATA)
def test_side_data_of_a_jpeg_refuses_no_upload(name: str) -> None:
    found = decode_picture(JPEG_SIDE_DATA[name], "a.jpg")

    assert (found.width, found.height) in ((80, 120), (120, 80))
    assert is_near(opened(found.content).getpixel((5, 5)), RED, 12)


def test_padding_never_reaches_the_decoder() -> None:
    kept = essentials(JPEG_SIDE_DATA["20 MB of padding"], PictureFormat.JPEG)

    assert len(kept) < len(phone_photo())
    assert b"<script>" not in kept and b"Exif" in kept


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda jpeg: jpeg[:2] + b"\xff\xd9", RefusalReason.CORRUPT),
        (lambda jpeg: jpeg[:2] + b"\xff" * 1000, RefusalReason.TRUNCATED),
        (lambda jpeg: jpeg[:20], RefusalReason.TRUNCATED),
        (lambda jpeg: jpeg[:2] + b"\xff\xfe\0\x02" * 5000 + jpeg[2:], RefusalReason.CORRUPT),
    ],
)
def test_jpeg_without_pixels_is_refused(spoil: Spoil, reason: RefusalReason) -> None:
    with pytest.raises(PictureRefusedError) as caught:
        decode_picture(spoil(encoded(halves(), "JPEG")), "a.jpg")

    assert caught.value.reason == reason


@pytest.mark.parametrize("source_format", [PictureFormat.PNG, PictureFormat.JPEG])
def test_any_bytes_are_taken_apart(source_format: PictureFormat) -> None:
    content, dice = encoded(noise(40, 30), source_format), random.Random(5)
    for _ in range(2000):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 9)):
            damaged[dice.randrange(2, len(damaged))] = dice.randrange(256)
        try:
            essentials(bytes(damaged[: dice.randrange(2, len(damaged))]), source_format)
        except (EOFError, ValueError, struct.error):
            continue


@pytest.mark.parametrize("bits", [16, 8, 1])
def test_grey_png_with_a_transparent_level_keeps_its_alpha(bits: int) -> None:
    rows = {
        16: (b"\0" + struct.pack(">100H", *([40_000] * 50 + [20_000] * 50))) * 100,
        8: (b"\0" + bytes([200] * 50 + [90] * 50)) * 100,
        1: (b"\0" + b"\xff" * 6 + b"\xf0" + b"\0" * 6) * 100,
    }
    level = {16: 20_000, 8: 90, 1: 0}[bits]
    header = struct.pack(">IIBBBBB", 100, 100, bits, 0, 0, 0, 0)
    content = (
        png_claiming(1, 1)[:8]
        + chunk(b"IHDR", header)
        + chunk(b"tRNS", struct.pack(">H", level))
        + chunk(b"IDAT", zlib.compress(rows[bits]))
        + chunk(b"IEND", b"")
    )

    found = opened(decode_picture(content, "scan.png").content)

    left, right = found.getpixel((10, 50)), found.getpixel((90, 50))
    assert isinstance(left, tuple) and isinstance(right, tuple)
    assert left[3] == 255 and right[3] == 0
    assert is_near(left[:3], ({16: 156, 8: 200, 1: 255}[bits],) * 3)


@pytest.mark.parametrize("bits", [16, 8])
def test_grey_and_alpha_keeps_both(bits: int) -> None:
    pixel = struct.pack(">HH", 40_000, 30_000) if bits == 16 else bytes((156, 117))
    content = (
        png_claiming(1, 1)[:8]
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 80, 80, bits, 4, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress((b"\0" + pixel * 80) * 80))
        + chunk(b"IEND", b"")
    )

    assert is_near(
        opened(decode_picture(content, "a.png").content).getpixel((9, 9)), (156, 156, 156, 117), 1
    )


def test_sixteen_bits_a_channel_are_scaled() -> None:
    pixel = struct.pack(">HHH", 60_000, 30_000, 10_000)
    content = (
        png_claiming(1, 1)[:8]
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 80, 80, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress((b"\0" + pixel * 80) * 80))
        + chunk(b"IEND", b"")
    )

    found = opened(decode_picture(content, "a.png").content).getpixel((9, 9))

    assert is_near(found, (234, 117, 39))


def test_large_photograph_is_scaled_while_it_is_decoded() -> None:
    large = halves(12_000, 9_000)
    content = encoded(large, "JPEG", quality=40)

    found = decode_picture(content, "IMG_0001.jpg")

    assert (found.original_width, found.original_height) == (12_000, 9_000)
    assert (found.width, found.height, found.was_resized) == (4096, 3072, True)
