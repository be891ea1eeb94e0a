"""What an accepted upload becomes: upright sRGB pixels in a fresh file without metadata."""

import hashlib

import pytest
from PIL import Image

from services.media.decode import DecodedPicture, decode_picture
from services.media.decode_child import DecodeLimits
from services.media.formats import PictureFormat
from tests.unit.media.drawn import (
    BLUE,
    RED,
    encoded,
    halves,
    is_near,
    mpo,
    noise,
    opened,
    phone_photo,
    swapped_profile,
)


def colours(upload: DecodedPicture) -> tuple[object, object]:
    """The colours at the left and at the right edge of the re-encoded picture."""
    picture, middle = opened(upload.content), upload.height // 2
    return picture.getpixel((2, middle)), picture.getpixel((upload.width - 3, middle))


@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_every_accepted_format_comes_out_as_jpeg(source_format: str) -> None:
    upload = decode_picture(encoded(halves(), source_format, quality=95), "picture.dat")

    assert (upload.source_format, upload.content_type) == (
        PictureFormat(source_format),
        "image/jpeg",
    )
    assert (upload.extension, upload.width, upload.height) == ("jpg", 120, 80)
    assert (upload.original_width, upload.original_height) == (120, 80)
    assert not upload.was_resized
    assert upload.sha256 == hashlib.sha256(upload.content).hexdigest()
    left, right = colours(upload)
    assert is_near(left, RED) and is_near(right, BLUE)


def test_jpeg_keeps_full_colour_resolution() -> None:
    upload = decode_picture(encoded(halves(), "PNG"), "a.png")

    layers = [tuple(layer[1:3]) for layer in vars(opened(upload.content))["layer"]]
    assert layers == [(1, 1), (1, 1), (1, 1)]


def test_orientation_is_applied_and_metadata_is_gone() -> None:
    photo = phone_photo()
    assert b"<script>" in photo and b"SecretPhone" in photo and opened(photo).getexif()

    upload = decode_picture(photo, "IMG_1.jpg")

    assert (upload.width, upload.height) == (80, 120)
    assert (upload.original_width, upload.original_height, upload.was_resized) == (80, 120, False)
    picture = opened(upload.content)
    assert is_near(picture.getpixel((40, 5)), RED) and is_near(picture.getpixel((40, 115)), BLUE)
    assert is_near(opened(upload.thumbnail).getpixel((40, 5)), RED, 20)
    assert not picture.getexif()
    for trace in (b"<script>", b"SecretPhone", b"Exif"):
        assert trace not in upload.content + upload.thumbnail
    assert "comment" not in picture.info


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_shown_as_a_viewer_would(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = halves()
    picture.paste((0, 255, 0), (0, 0, 60, 40))
    # The upright picture, made by turning the other way what the tag turns.
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = picture.transpose(undone[orientation]) if orientation > 1 else picture

    upload = decode_picture(encoded(stored, "PNG", exif=exif), "a.png")

    shown = opened(upload.content)
    assert shown.size == (120, 80)
    assert is_near(shown.getpixel((10, 10)), (0, 255, 0))
    assert is_near(shown.getpixel((10, 70)), RED) and is_near(shown.getpixel((110, 10)), BLUE)


def test_colour_profile_is_converted_to_srgb() -> None:
    content = encoded(halves(), "JPEG", quality=95, icc_profile=swapped_profile())

    upload = decode_picture(content, "a.jpg")

    left, right = colours(upload)
    assert is_near(left, BLUE, 12) and is_near(right, RED, 12)
    assert "icc_profile" not in opened(upload.content).info


def test_broken_colour_profile_is_ignored() -> None:
    content = encoded(halves(), "JPEG", quality=95, icc_profile=b"not a profile" * 20)

    assert is_near(colours(decode_picture(content, "a.jpg"))[0], RED)


def test_broken_exif_is_ignored() -> None:
    content = encoded(halves(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage")

    assert is_near(colours(decode_picture(content, "a.jpg"))[0], RED)


def test_cmyk_jpeg_keeps_its_colours() -> None:
    inks = Image.new("CMYK", (120, 80), (0, 255, 255, 0))
    inks.paste((255, 255, 0, 0), (60, 0, 120, 80))

    left, right = colours(decode_picture(encoded(inks, "JPEG", quality=95), "press.jpg"))

    assert is_near(left, RED, 12) and is_near(right, BLUE, 12)


def test_sixteen_bit_grey_is_scaled_not_cut_off() -> None:
    picture = Image.new("I;16", (120, 80), 20_000)
    picture.paste(Image.new("I;16", (60, 80), 50_000), (60, 0))

    left, right = colours(decode_picture(encoded(picture, "PNG"), "scan.png"))

    assert is_near(left, (78, 78, 78)) and is_near(right, (195, 195, 195))


def test_palette_with_transparency_keeps_its_alpha() -> None:
    picture = Image.new("P", (120, 80), 0)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.paste(1, (60, 0, 120, 80))

    upload = decode_picture(encoded(picture, "PNG", transparency=0), "sticker.png")

    assert (upload.content_type, upload.extension) == ("image/png", "png")
    left, right = colours(upload)
    assert isinstance(left, tuple) and left[3] == 0
    assert right == (*BLUE, 255)
    assert opened(upload.thumbnail).mode == "RGBA"


@pytest.mark.parametrize("source_format", ["PNG", "WEBP"])
def test_alpha_is_preserved(source_format: str) -> None:
    picture = halves()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))

    upload = decode_picture(encoded(picture, source_format, lossless=True), "cutout")

    assert upload.extension == "png"
    assert (
        opened(upload.content).getchannel("A").getextrema() == picture.getchannel("A").getextrema()
    )


def test_alpha_that_hides_nothing_is_dropped() -> None:
    upload = decode_picture(encoded(halves().convert("RGBA"), "PNG"), "screenshot.png")

    assert upload.extension == "jpg"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P"])
def test_other_colour_modes_are_accepted(mode: str) -> None:
    upload = decode_picture(encoded(halves().convert(mode), "PNG"), "a.png")

    assert opened(upload.content).mode == "RGB"


def test_first_picture_of_an_mpo_decides() -> None:
    content = mpo()
    assert getattr(opened(content), "n_frames", 1) == 2

    left, right = colours(decode_picture(content, "iphone.jpg"))

    assert is_near(left, RED) and is_near(right, BLUE)


def test_large_picture_is_scaled_down_to_the_longest_side() -> None:
    limits = DecodeLimits(max_side=300)

    upload = decode_picture(encoded(halves(600, 200), "JPEG"), "wide.jpg", limits=limits)

    assert (upload.width, upload.height, upload.was_resized) == (300, 100, True)
    assert (upload.original_width, upload.original_height) == (600, 200)
    assert opened(upload.content).size == (300, 100)


def test_thumbnail_and_placeholder_come_with_the_picture() -> None:
    upload = decode_picture(encoded(noise(1200, 600), "JPEG"), "a.jpg")

    thumbnail = opened(upload.thumbnail)
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (512, 256))
    assert upload.placeholder.startswith("data:image/webp;base64,")


def test_smallest_side_is_accepted() -> None:
    assert decode_picture(encoded(halves(64, 64), "PNG"), "icon.png").width == 64
