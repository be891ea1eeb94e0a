"""The process in which one hostile upload is decoded: `python -m services.media.decode_child`.

Standard input: one JSON line (the fields of ChildRequest), then the file's bytes. Standard output:
one JSON line (ChildReply), then the bytes of the picture and of its thumbnail.
"""

import contextlib
import dataclasses
import importlib
import io
import json
import resource
import sys
from dataclasses import dataclass
from typing import Any

from PIL import Image

from services.media.essentials import essentials
from services.media.formats import MEGABYTE, PictureFormat, RefusalReason
from services.media.measures import blankness, fingerprint, sharpness
from services.media.pixels import (
    BROKEN_FILE_ERRORS,
    broken_file_reason,
    encoded,
    grey,
    is_animated,
    load_reduced,
    normalized,
    open_picture,
    placeholder_uri,
    shrunk,
    thumbnail_webp,
    upright_size,
)

# Loaded where they are needed: a decoder adds 25 ms to the start, and a library that can break.
_OTHER_DECODERS = {
    PictureFormat.HEIF: ("pillow_heif", "HeifImageFile"),
    PictureFormat.AVIF: ("PIL.AvifImagePlugin", "AvifImageFile"),
    PictureFormat.GIF: ("PIL.GifImagePlugin", "GifImageFile"),
    PictureFormat.BMP: ("PIL.BmpImagePlugin", "BmpImageFile"),
    PictureFormat.TIFF: ("PIL.TiffImagePlugin", "TiffImageFile"),
}
# A file with more pictures is a burst, a live photo or a scan of pages: the first one is meant.
_SEVERAL_PICTURES = frozenset({PictureFormat.HEIF, PictureFormat.TIFF})


@dataclass(frozen=True)
class DecodeLimits:
    """What one picture may cost. Sides and pixels are of the file itself, before any scaling.

    `max_side` scales down and never refuses. A JPEG may have more pixels, since it is scaled while
    it is decoded. `memory_bytes` is address space, libraries and threads included.
    """

    max_bytes: int = 60 * MEGABYTE
    max_pixels: int = 50_000_000
    max_jpeg_pixels: int = 220_000_000
    min_side: int = 64
    max_side: int = 4096
    max_aspect: int = 32
    memory_bytes: int = 1024 * MEGABYTE
    cpu_seconds: int = 15
    wall_seconds: float = 30.0

    def pixels_of(self, source_format: str) -> int:
        """The most pixels of a picture in this format."""
        return self.max_jpeg_pixels if source_format == PictureFormat.JPEG else self.max_pixels


@dataclass(frozen=True)
class ChildReply:
    """The first line of the answer; `refused` is a RefusalReason or empty.

    Sizes are upright pixels; `byte_count` and `thumbnail_byte_count` measure what follows. A plain
    surface has no sharpness and no hash.
    """

    refused: str = ""
    original_width: int = 0
    original_height: int = 0
    width: int = 0
    height: int = 0
    extension: str = ""
    placeholder: str = ""
    byte_count: int = 0
    thumbnail_byte_count: int = 0
    blank: str | None = None
    sharpness: float | None = None
    phash: int | None = None
    phash_mirrored: int | None = None


def main() -> None:
    """Answer the one request on standard input."""
    request = json.loads(sys.stdin.buffer.readline())
    source_format, limits = PictureFormat(request.pop("source_format")), DecodeLimits(**request)
    limit_resources(limits.memory_bytes, limits.cpu_seconds)
    try:
        reply, *files = answer(source_format, limits, sys.stdin.buffer.read())
    except MemoryError:
        reply, files = ChildReply(refused=RefusalReason.DECODE_MEMORY), []
    header = json.dumps(dataclasses.asdict(reply)).encode()
    sys.stdout.buffer.write(b"".join((header, b"\n", *files)))
    sys.stdout.buffer.flush()


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Cap address space and CPU time, and write no core dump; what a system lacks is left out."""
    limits = (
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        # SIGXCPU at the first, which shows the parent what happened; SIGKILL at the second.
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for kind, soft, hard in limits:
        # macOS refuses RLIMIT_AS; the parent's wall-clock limit holds there all the same.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))


def answer(
    source_format: PictureFormat, limits: DecodeLimits, content: bytes
) -> tuple[ChildReply, bytes, bytes]:
    """Decode and re-encode: the reply, the picture's bytes and its thumbnail's, or a refusal.

    Raises MemoryError.
    """
    try:
        picture = _opened(content, source_format)
        refused = _refused_by_header(picture, source_format, limits)
        width, height = picture.size
        if refused:
            return ChildReply(refused, original_width=width, original_height=height), b"", b""
        load_reduced(picture, limits.max_side)
        # What a JPEG was before it was reduced.
        if upright_size(picture) != picture.size:
            width, height = height, width
        return _encoded(normalized(picture, limits.max_side), (width, height))
    except BROKEN_FILE_ERRORS as broken:
        return ChildReply(refused=broken_file_reason(broken)), b"", b""


def _opened(content: bytes, source_format: PictureFormat) -> Image.Image:
    if source_format not in _OTHER_DECODERS:
        return open_picture(content, source_format)
    module, name = _OTHER_DECODERS[source_format]
    decoder: Any = importlib.import_module(module)
    if source_format is PictureFormat.HEIF:
        # Each decoding thread takes address space, which is limited here.
        decoder.options.DECODE_THREADS = 2
    opened: Image.Image = getattr(decoder, name)(io.BytesIO(essentials(content, source_format)))
    return opened


def _refused_by_header(
    picture: Image.Image, source_format: PictureFormat, limits: DecodeLimits
) -> RefusalReason | None:
    width, height = picture.size
    if width * height > limits.pixels_of(source_format):
        return RefusalReason.TOO_MANY_PIXELS
    if min(width, height) < limits.min_side:
        return RefusalReason.TOO_SMALL
    if max(width, height) > limits.max_aspect * min(width, height):
        return RefusalReason.TOO_NARROW
    if source_format not in _SEVERAL_PICTURES and is_animated(picture):
        return RefusalReason.ANIMATED
    return None


def _encoded(
    pixels: Image.Image, original_size: tuple[int, int]
) -> tuple[ChildReply, bytes, bytes]:
    small = shrunk(pixels)
    (extension, picture), thumbnail = encoded(pixels), thumbnail_webp(small)
    found = fingerprint(grey(small))
    reply = ChildReply(
        original_width=original_size[0],
        original_height=original_size[1],
        width=pixels.width,
        height=pixels.height,
        extension=extension,
        placeholder=placeholder_uri(small),
        byte_count=len(picture),
        thumbnail_byte_count=len(thumbnail),
        blank=blankness(small),
        sharpness=sharpness(grey(pixels)),
        phash=found.straight if found else None,
        phash_mirrored=found.mirrored if found else None,
    )
    return reply, picture, thumbnail


if __name__ == "__main__":
    main()
