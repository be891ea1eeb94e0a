"""Pictures drawn for tests: good ones of every kind, and the broken and hostile ones."""

import io
import random
import struct
import zlib

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

RED, BLUE = (255, 0, 0), (0, 0, 255)


def halves(width: int = 120, height: int = 80) -> Image.Image:
    """An RGB picture, red on the left and blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def noise(width: int = 120, height: int = 80) -> Image.Image:
    """An RGB picture that does not compress."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 80) for _ in range(3)])


def scene(number: int, width: int = 640, height: int = 480) -> Image.Image:
    """A picture full of shapes, the same for the same number, and sharp as a drawing is."""
    dice = random.Random(number)
    picture = Image.new("RGB", (width, height), _colour(dice))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        left, top = dice.randrange(-60, width), dice.randrange(-60, height)
        box = (
            left,
            top,
            left + dice.randrange(20, width // 3),
            top + dice.randrange(20, height // 2),
        )
        draw = pen.ellipse if dice.random() < 0.5 else pen.rectangle
        draw(box, fill=_colour(dice))
    return picture


def _colour(dice: random.Random) -> tuple[int, int, int]:
    return dice.randrange(256), dice.randrange(256), dice.randrange(256)


def encoded(picture: Image.Image, source_format: str, **options: object) -> bytes:
    """The picture as a file of that format."""
    if source_format == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture.save(out, source_format, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """A decoded picture, to look at what came out."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def is_near(found: object, wanted: tuple[int, ...], tolerance: int = 6) -> bool:
    """Whether two colours differ by no more than lossy encoding makes them."""
    if not isinstance(found, tuple) or len(found) != len(wanted):
        return False
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def phone_photo() -> bytes:
    """A JPEG held sideways (EXIF 6), with a GPS position and a comment that is a script."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    comment = b"<script>alert(1)</script>"
    return encoded(halves(), "JPEG", quality=95, subsampling=0, exif=exif, comment=comment)


def mpo() -> bytes:
    """Two pictures in one JPEG, as phones store them; the first is red and blue."""
    second = Image.new("RGB", (120, 80), "green")
    return encoded(halves(), "MPO", save_all=True, append_images=[second], quality=95)


def animation(source_format: str) -> bytes:
    """An animated PNG or WebP of two frames."""
    frames = [Image.new("RGB", (80, 80), "green")]
    return encoded(halves(80, 80), source_format, save_all=True, append_images=frames, duration=90)


def swapped_profile() -> bytes:
    """An ICC profile in which red means blue and blue means red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    renamed = profile.replace(b"\0s\0R\0G\0B", b"\0o\0d\0d\0s")
    return renamed.replace(b"rXYZ", b"-XYZ").replace(b"bXYZ", b"rXYZ").replace(b"-XYZ", b"bXYZ")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    content = bytearray(encoded(halves(), "JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG whose header claims another size, with the right checksum."""
    content = bytearray(encoded(halves(), "PNG"))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def heic_claiming(width: int, height: int) -> bytes:
    """A small HEIC whose header claims another size."""
    content = bytearray(encoded(halves(), "HEIF"))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", width, height)
    return bytes(content)


def png_with_broken_pixels() -> bytes:
    """A PNG whose header and end are right and whose compressed pixels are not."""
    content = bytearray(encoded(noise(), "PNG"))
    at = content.index(b"IDAT") + 2000
    content[at : at + 400] = bytes(400)
    return bytes(content)
