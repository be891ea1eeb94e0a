"""Embedded profiles: converted where they are sound, and ignored where a viewer ignores them."""

import struct
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from services.media.decode import decode_picture
from tests.unit.media.drawn import encoded, halves, is_near, opened, swapped_profile


def profile_with_gamma(gamma: float) -> bytes:
    """A profile like sRGB whose curves are a plain power, as AdobeRGB's are."""
    profile = bytearray(swapped_profile())
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        at = profile.index(name, 128)
        offset, length = struct.unpack_from(">II", profile, at + 4)
        assert length >= len(curve)
        profile[offset : offset + len(curve)] = curve
        struct.pack_into(">I", profile, at + 8, len(curve))
    return bytes(profile)


def shown(icc_profile: bytes, colour: tuple[int, int, int] = (180, 120, 60)) -> object:
    """How a picture of one colour with this profile looks."""
    content = encoded(
        Image.new("RGB", (80, 80), colour), "PNG", icc_profile=icc_profile, compress_level=1
    )
    return opened(decode_picture(content, "a.png").content).getpixel((40, 40))


def test_gamma_of_a_profile_is_converted() -> None:
    # The same share of light looks lighter in sRGB.
    assert is_near(shown(profile_with_gamma(1.0), (100, 100, 100)), (168, 168, 168), 4)


def cut_off(profile: bytes) -> bytes:
    """The same without its last tags."""
    return profile[: len(profile) - 80]


def other_white(profile: bytes) -> bytes:
    """The same with primaries that add up to no white."""
    damaged = bytearray(profile)
    at = damaged.index(b"rXYZ", 128)
    (offset,) = struct.unpack_from(">I", damaged, at + 4)
    struct.pack_into(">i", damaged, offset + 8, 3 * 65536)
    return bytes(damaged)


def curve_that_falls(profile: bytes) -> bytes:
    """The same with a curve that becomes darker in its middle."""
    damaged = bytearray(profile)
    at = damaged.index(b"gTRC", 128)
    offset, length = struct.unpack_from(">II", damaged, at + 4)
    points = [0, 60_000, 5_000, 65_535]
    curve = b"curv" + bytes(4) + struct.pack(">I4H", 4, *points)
    assert length >= len(curve)
    damaged[offset : offset + len(curve)] = curve
    struct.pack_into(">I", damaged, at + 8, len(curve))
    return bytes(damaged)


@pytest.mark.parametrize(
    "spoil",
    [
        cut_off,
        other_white,
        curve_that_falls,
        lambda profile: profile[:100],
        lambda profile: profile[:36] + b"abcd" + profile[40:],
        lambda profile: b"\xff\xff\xff\xff" + profile[4:],
        lambda profile: profile[:128] + b"\xff\xff\xff\xff" + profile[132:],
        lambda profile: profile[:16] + b"CMYK" + profile[20:],
        lambda profile: profile[:16] + b"GRAY" + profile[20:],
        lambda _: b"x" * 3000,
    ],
)
def test_broken_profile_changes_no_colour(spoil: Callable[[bytes], bytes]) -> None:
    assert is_near(shown(spoil(swapped_profile())), (180, 120, 60), 2)


def test_profile_with_padding_is_taken() -> None:
    left = shown(swapped_profile() + bytes(64), (200, 30, 30))

    assert is_near(left, (30, 30, 200), 12)


def test_grey_picture_with_a_profile_for_colours_is_shown_as_it_is() -> None:
    content = encoded(Image.new("L", (80, 80), 120), "PNG", icc_profile=swapped_profile())

    assert is_near(opened(decode_picture(content, "a.png").content).getpixel((9, 9)), (120,) * 3, 2)


def test_inverted_inks_of_adobe_come_out_upright() -> None:
    inks = Image.new("CMYK", (120, 80), (0, 255, 255, 0))
    plain = encoded(inks, "JPEG", quality=95)
    # Pillow writes Adobe's marker and inverts, as Photoshop does.
    assert b"Adobe" in plain

    found = opened(decode_picture(plain, "press.jpg").content).getpixel((9, 9))

    assert is_near(found, (255, 0, 0), 12)


def test_profile_of_srgb_itself_changes_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(halves(), "PNG", icc_profile=srgb)

    found = opened(decode_picture(content, "a.png").content)

    assert is_near(found.getpixel((9, 9)), (255, 0, 0), 3)
