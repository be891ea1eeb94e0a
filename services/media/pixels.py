"""Open stored or received pictures, and turn them into upright sRGB pixels that carry nothing else."""

import base64
import io
import math
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image, ImageMath, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from services.media.colour_profiles import convert_profile
from services.media.essentials import essentials
from services.media.formats import (
    MEGABYTE,
    STORED,
    PictureFormat,
    RefusalReason,
    accepted_format,
    refusal,
)

# What Pillow raises on broken files; measured over public fuzz corpora, not only documented.
BROKEN_FILE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    ArithmeticError,
    struct.error,
    Image.DecompressionBombError,
)

# The classes themselves instead of Image.open: no search through other formats, no MPO (the first
# picture of one is a plain JPEG), and our own pixel limit instead of a warning and a second limit.
_CLASSES: dict[PictureFormat, Callable[[io.BytesIO], Image.Image]] = {
    PictureFormat.JPEG: JpegImagePlugin.JpegImageFile,
    PictureFormat.PNG: PngImagePlugin.PngImageFile,
    PictureFormat.WEBP: WebPImagePlugin.WebPImageFile,
}
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
# A picture of 25 megapixels takes 310 MB while it is decoded.
_AT_ONCE = threading.BoundedSemaphore(2)
MAX_PIXELS = 25_000_000
MAX_BYTES = 100 * MEGABYTE


@contextmanager
def stored_picture(
    content: bytes, name: str = "", *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[Image.Image, PictureFormat]]:
    """Open a JPEG, PNG or WebP still in this process; for a provider's output and what we stored.

    Blocks while two others are open. Raises PictureRefusedError, also for what a broken file
    raises in the block.
    """
    source_format = accepted_format(content, name, STORED, max_bytes)
    with _AT_ONCE, _broken_files_refused(name):
        picture = open_picture(content, source_format)
        width, height = picture.size
        if width * height > max_pixels:
            facts = {"width": width, "height": height, "most": max_pixels / 1_000_000}
            raise refusal(RefusalReason.TOO_MANY_PIXELS, name, **facts)
        if is_animated(picture):
            raise refusal(RefusalReason.ANIMATED, name)
        yield picture, source_format


def open_picture(content: bytes, source_format: PictureFormat) -> Image.Image:
    """Read the header of a JPEG, PNG or WebP, whatever its size; no pixel is decoded yet.

    Raises one of BROKEN_FILE_ERRORS.
    """
    return _CLASSES[source_format](io.BytesIO(essentials(content, source_format)))


@contextmanager
def _broken_files_refused(name: str) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise refusal(RefusalReason.DECODE_MEMORY, name) from None
    except BROKEN_FILE_ERRORS as broken:
        raise refusal(broken_file_reason(broken), name) from broken


def is_animated(picture: Image.Image) -> bool:
    """Whether an opened PNG or WebP has more than one frame."""
    return bool(getattr(picture, "is_animated", False))


def broken_file_reason(broken: BaseException) -> RefusalReason:
    """TRUNCATED or CORRUPT, from one of BROKEN_FILE_ERRORS."""
    # A file that ends too early has no class of its own, only Pillow's and libheif's words.
    words = str(broken).lower()
    is_short = isinstance(broken, EOFError) or "truncated" in words or "end of file" in words
    return RefusalReason.TRUNCATED if is_short else RefusalReason.CORRUPT


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it cannot be read.

    Decodes the pixels of a PNG to find it: check the size first.
    """
    try:
        value = picture.getexif().get(_ORIENTATION_TAG, 1)
    except BROKEN_FILE_ERRORS:
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1


def upright_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height as a viewer that follows the EXIF orientation shows them; decodes a PNG."""
    width, height = picture.size
    return (height, width) if orientation(picture) in _SIDEWAYS else (width, height)


def upright(picture: Image.Image, turned: int) -> Image.Image:
    """The pixels turned as the EXIF orientation `turned` asks."""
    turn = _TURNS.get(turned)
    return picture if turn is None else picture.transpose(turn)


def normalized(picture: Image.Image, max_side: int | None = None) -> Image.Image:
    """The decoded pixels alone: upright, 8 bits, sRGB, RGB or RGBA, no side above `max_side`.

    It may scale the picture itself, to spare the memory of a copy.
    """
    turned, icc_profile = orientation(picture), picture.info.get("icc_profile")
    plain = plain_mode(picture)
    if max_side and max(plain.size) > max_side:
        plain.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return bare(to_srgb(upright(plain, turned), icc_profile))


def load_reduced(picture: Image.Image, side: int) -> None:
    """Decode; a JPEG to 1/2, 1/4 or 1/8 of its size where its longer side is still `side` then."""
    scale = max(1.0, max(picture.size) / side)
    # Every coefficient is still read, but fewer pixels come out.
    picture.draft(None, (math.ceil(picture.width / scale), math.ceil(picture.height / scale)))
    picture.load()


def encoded(picture: Image.Image) -> tuple[str, bytes]:
    """What `normalized` returned as a file, with its extension: a PNG where it has alpha, else a JPEG."""
    out = io.BytesIO()
    if picture.mode == "RGBA":
        # Every provider takes PNG, not every one WebP; level 3 is 3 × faster than 6, 8% larger.
        picture.save(out, "PNG", compress_level=3)
        return "png", out.getvalue()
    picture.save(out, "JPEG", quality=92, subsampling=0)
    return "jpg", out.getvalue()


def plain_mode(picture: Image.Image) -> Image.Image:
    """The same picture as L, RGB, RGBA or CMYK: 8 bits, no palette, no colour-key transparency."""
    if picture.mode.startswith("I"):
        transparent = picture.info.get("transparency")
        # Pillow's own conversion of 16 bits to 8 cuts off at 255 instead of scaling.
        grey_levels = picture.point(lambda level: level * (1 / 256)).convert("L")
        if isinstance(transparent, int):
            # The colour key is of 16 bits as well.
            grey_levels.putalpha(
                ImageMath.lambda_eval(
                    lambda its: its["convert"]((its["level"] != transparent) * 255, "L"),
                    level=picture.convert("I"),
                )
            )
        picture = grey_levels
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode in ("L", "1"):
        return picture.convert("L")
    return picture if picture.mode in ("RGB", "CMYK") else picture.convert("RGB")


def to_srgb(picture: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """RGB or RGBA in sRGB, from what `plain_mode` returned and its embedded profile, if any."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    colours = picture.convert("RGB") if alpha else picture
    converted = convert_profile(colours, icc_profile) if icc_profile else None
    converted = converted or colours.convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        converted.putalpha(alpha)
    return converted


def grey(picture: Image.Image) -> Image.Image:
    """The brightness of an RGB or RGBA picture as mode L; what is transparent counts as white."""
    if picture.mode != "RGBA":
        return picture.convert("L")
    # Transparent pixels may hold any colour.
    white = Image.new("L", picture.size, 255)
    white.paste(picture.convert("L"), mask=picture.getchannel("A"))
    return white


def bare(picture: Image.Image) -> Image.Image:
    """The pixels alone in a fresh picture: no EXIF, GPS, comment, profile or text chunk."""
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)
    return fresh


THUMBNAIL_SIDE = 512
PLACEHOLDER_SIDE = 16
_PLACEHOLDER_CHARACTERS = 400


def shrunk(picture: Image.Image) -> Image.Image:
    """A copy of an RGB or RGBA picture whose longest side is 512 px at most."""
    small = picture.copy()
    # A gap of 1 lets whole factors be averaged (1 ms where plain bicubic takes 7 at 1 MP).
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=1.0)
    return small


def thumbnail_webp(small: Image.Image) -> bytes:
    """Encode what `shrunk` returned as WebP."""
    # Method 2 is 8 ms for 512×512; method 4 takes 19 for 6% fewer bytes.
    return _webp(small, quality=80, method=2)


def placeholder_uri(small: Image.Image) -> str:
    """A `data:image/webp;base64,…` picture of 16 px at most, 400 characters at most."""
    tiny = small.convert("RGB") if small.mode != "RGBA" else small.copy()
    tiny.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), reducing_gap=1.0)
    for quality in (50, 10):
        uri = "data:image/webp;base64," + base64.b64encode(_webp(tiny, quality, 4)).decode()
        if len(uri) <= _PLACEHOLDER_CHARACTERS:
            return uri
    # Only noisy transparency comes here: alpha is encoded without loss.
    return placeholder_uri(tiny.convert("RGB"))


def _webp(picture: Image.Image, quality: int, method: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=method)
    return out.getvalue()
