"""Inspect a provider's output: decoded in full before anything trusts it, stored byte for byte.

In this process, unlike uploads: the bytes come from an allow-listed host, in three formats alone.
Every other output goes through the child process and is stored as what that makes of it.
"""

import hashlib
import io
from dataclasses import dataclass, field

from PIL import Image, PngImagePlugin

from services.core.errors import PictureRefusedError
from services.media.decode import DecodedPicture, decode_picture
from services.media.decode_child import DecodeLimits
from services.media.essentials import essentials
from services.media.formats import MEGABYTE, STORED, PictureFormat, RefusalReason
from services.media.measures import Blankness, blankness
from services.media.pixels import (
    BROKEN_FILE_ERRORS,
    MAX_BYTES,
    MAX_PIXELS,
    THUMBNAIL_SIDE,
    load_reduced,
    orientation,
    placeholder_uri,
    plain_mode,
    shrunk,
    stored_picture,
    thumbnail_webp,
    to_srgb,
    upright,
    upright_size,
)

_CONVERTED = frozenset(
    {
        RefusalReason.UNSUPPORTED_FORMAT,
        RefusalReason.TOO_MANY_BYTES,
        RefusalReason.TOO_MANY_PIXELS,
    }
)
_LIMITS = DecodeLimits(
    max_bytes=200 * MEGABYTE,
    max_pixels=120_000_000,
    min_side=1,
    max_aspect=1000,
    memory_bytes=1536 * MEGABYTE,
    cpu_seconds=30,
    wall_seconds=60.0,
)


@dataclass(frozen=True)
class InspectedPicture:
    """An output as it can be stored. Sizes are upright pixels, `sha256` is the digest of `content`.

    `conversion` says in words how `content` differs from what the provider sent; empty where it
    does not. `blank` is the way in which it shows nothing, if it does not show anything.
    """

    content: bytes = field(repr=False)
    sha256: str
    extension: str
    width: int
    height: int
    thumbnail: bytes = field(repr=False)
    placeholder: str
    blank: Blankness | None
    conversion: str = ""

    @property
    def content_type(self) -> str:
        """The media type of `content`."""
        return "image/jpeg" if self.extension == "jpg" else f"image/{self.extension}"


def inspect_output(content: bytes, *, max_pixels: int = MAX_PIXELS) -> InspectedPicture:
    """Decode an output in full and make its thumbnail; one that is too large or in a rare format
    is scaled and converted, since it is paid for.

    About 35 ms of CPU for 1 megapixel; blocks while two others are inspected. Raises
    PictureRefusedError for whatever else the bytes hold.
    """
    try:
        with stored_picture(content, max_pixels=max_pixels, max_bytes=MAX_BYTES) as opened:
            return _inspected(content, *opened)
    except PictureRefusedError as refused:
        if refused.reason not in _CONVERTED:
            raise
    return _converted(
        decode_picture(content, "", accepted=frozenset(PictureFormat), limits=_LIMITS)
    )


def _inspected(
    content: bytes, picture: Image.Image, source_format: PictureFormat
) -> InspectedPicture:
    width, height = upright_size(picture)
    small = _small(picture)
    readable = _readable(content, source_format)
    return InspectedPicture(
        content=readable,
        sha256=hashlib.sha256(readable).hexdigest(),
        extension=STORED[source_format],
        width=width,
        height=height,
        thumbnail=thumbnail_webp(small),
        placeholder=placeholder_uri(small),
        blank=blankness(small),
        conversion="" if readable is content else "Stored without its broken or oversized notes.",
    )


def _small(picture: Image.Image) -> Image.Image:
    load_reduced(picture, THUMBNAIL_SIDE)
    small = shrunk(plain_mode(picture))
    return upright(to_srgb(small, picture.info.get("icc_profile")), orientation(picture))


def _readable(content: bytes, source_format: PictureFormat) -> bytes:
    """The bytes themselves; of a PNG at whose side chunks other programs stop, what they need."""
    if source_format is PictureFormat.PNG:
        try:
            PngImagePlugin.PngImageFile(io.BytesIO(content)).verify()
        except BROKEN_FILE_ERRORS:
            return essentials(content, source_format)
    return content


def _converted(decoded: DecodedPicture) -> InspectedPicture:
    size = f"{decoded.original_width} × {decoded.original_height}"
    return InspectedPicture(
        content=decoded.content,
        sha256=decoded.sha256,
        extension=decoded.extension,
        width=decoded.width,
        height=decoded.height,
        thumbnail=decoded.thumbnail,
        placeholder=decoded.placeholder,
        blank=decoded.blank,
        conversion=f"Stored as {decoded.extension.upper()} of {decoded.width} × {decoded.height};"
        f" the provider sent {decoded.source_format} of {size}.",
    )
