"""What is refused, why, and with which sentence: by content alone, whatever the name says."""

import io
import zipfile
from collections.abc import Callable

import pytest

from services.core.errors import PictureRefusedError
from services.media.decode import decode_picture
from services.media.decode_child import DecodeLimits
from services.media.formats import MEGABYTE, RefusalReason
from tests.unit.media import drawn
from tests.unit.media.drawn import encoded, halves, noise

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def refused(
    content: bytes, name: str = "photo.jpg", limits: DecodeLimits | None = None
) -> PictureRefusedError:
    """The refusal of these bytes; fails when they are accepted."""
    with pytest.raises(PictureRefusedError) as caught:
        decode_picture(content, name, limits=limits or DecodeLimits())
    return caught.value


def zipped() -> bytes:
    """A ZIP archive with a picture in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jpg", encoded(halves(), "JPEG"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (encoded(halves(), "GIF"), "a GIF"),
        (encoded(halves(), "TIFF"), "a TIFF"),
        (encoded(halves(), "BMP"), "a BMP"),
        (SVG, "an SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --> ' + SVG, "an SVG"),
        (b"\xff\x0a" + bytes(99), "a JPEG XL"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript file"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(99), "a raw photograph"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(99), "a raw photograph"),
    ],
)
def test_other_picture_formats_are_refused(content: bytes, found: str) -> None:
    refusal = refused(content)

    assert refusal.reason == RefusalReason.UNSUPPORTED_FORMAT
    assert f"is {found}" in refusal.sentence and "Save it as JPEG" in refusal.sentence


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n" + bytes(99), "a PDF"),
        (zipped(), "a ZIP archive"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(99), "a video"),
        (b"MZ" + bytes(99), "a program"),
        (b"<html><body>hello</body></html>", "a web page"),
        (b'{"detail": "not found"}', "a JSON text"),
        ("Wörter\n".encode() * 99, "a text"),
        (b"\xff\xfe\xfd\xfc", "another kind of file"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, found: str) -> None:
    refusal = refused(content)

    assert refusal.reason == RefusalReason.NOT_AN_IMAGE
    assert f"but {found}" in refusal.sentence


def test_empty_file_is_refused() -> None:
    assert refused(b"").reason == RefusalReason.EMPTY


def test_too_many_bytes_are_refused_before_anything_is_decoded() -> None:
    refusal = refused(b"\xff\xd8\xff" + bytes(61 * MEGABYTE))

    assert refusal.reason == RefusalReason.TOO_MANY_BYTES
    assert "61.0 MB and the most is 60 MB" in refusal.sentence


@pytest.mark.parametrize(
    ("bomb", "most"),
    [(drawn.jpeg_claiming, 220), (drawn.png_claiming, 50), (drawn.heic_claiming, 50)],
)
def test_bomb_is_refused_by_its_header(bomb: Callable[[int, int], bytes], most: int) -> None:
    refusal = refused(bomb(30_000, 30_000))

    assert refusal.reason == RefusalReason.TOO_MANY_PIXELS
    assert (refusal.width, refusal.height, refusal.most) == (30_000, 30_000, most)


def test_pixel_limit_is_the_product_not_a_side() -> None:
    content = encoded(halves(200, 100), "PNG")

    assert decode_picture(content, "a.png", limits=DecodeLimits(max_pixels=20_000)).width == 200
    limits = DecodeLimits(max_pixels=19_999)
    assert refused(content, limits=limits).reason == RefusalReason.TOO_MANY_PIXELS


@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_truncated_file_is_refused(source_format: str) -> None:
    content = encoded(noise(), source_format)

    assert refused(content[: len(content) // 2]).reason == RefusalReason.TRUNCATED
    assert refused(content[:-6]).reason == RefusalReason.TRUNCATED


@pytest.mark.parametrize("source_format", ["PNG", "WEBP"])
def test_animation_is_refused(source_format: str) -> None:
    assert refused(drawn.animation(source_format)).reason == RefusalReason.ANIMATED


def test_strip_is_refused() -> None:
    refusal = refused(encoded(halves(390_000, 64), "PNG"))

    assert refusal.reason == RefusalReason.TOO_NARROW
    assert "390000 × 64" in refusal.sentence and "32 times" in refusal.sentence


def test_broken_pixels_are_refused() -> None:
    assert refused(drawn.png_with_broken_pixels()).reason == RefusalReason.CORRUPT


def test_header_alone_is_refused() -> None:
    for start in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8 "):
        reason = refused(start + b"\x01" * 300).reason
        assert reason in (RefusalReason.CORRUPT, RefusalReason.TRUNCATED)


def test_too_small_picture_is_refused() -> None:
    refusal = refused(encoded(halves(200, 63), "PNG"))

    assert refusal.reason == RefusalReason.TOO_SMALL
    assert "200 × 63" in refusal.sentence and "64" in refusal.sentence


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\me.jpg", "me.jpg"),
        ("a\0b.jpg", "ab.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("line\r\nbreak.jpg", "linebreak.jpg"),
        ("{reason}.jpg", "{reason}.jpg"),
        ("\ud800.jpg", ".jpg"),
    ],
)
def test_hostile_names_are_shown_cleaned(name: str, shown: str) -> None:
    refusal = refused(b"", name)

    assert refusal.filename == shown
    assert refusal.sentence.startswith(f"“{shown}” is empty.")


def test_endless_name_is_shortened_and_keeps_its_end() -> None:
    filename = refused(b"", "x" * 300 + ".jpg").filename

    assert len(filename) == 60 and filename.endswith("x.jpg")


def test_name_of_nothing_visible_still_gives_a_sentence() -> None:
    assert refused(b"", "\u202e\0").sentence.startswith("The file is empty.")


def test_accepted_by_content_whatever_the_name() -> None:
    assert decode_picture(encoded(halves(), "PNG"), "a.jpg.php").extension == "jpg"
