"""The process in which one hostile upload is decoded: `python -m services.media.decode_child`.

Standard input: one JSON line (the fields of ChildRequest), then the file's bytes. Standard output:
one JSON line (ChildReply), then the bytes of the picture and of its thumbnail.
"""

import contextlib
import dataclasses
import io
import json
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from services.media.formats import PictureFormat, RefusalReason
from services.media.measures import fingerprint, sharpness
from services.media.pixels import (
    BROKEN_FILE_ERRORS,
    bare,
    broken_file_reason,
    grey,
    is_animated,
    open_picture,
    orientation,
    placeholder_uri,
    plain_mode,
    shrunk,
    thumbnail_webp,
    to_srgb,
    upright,
    upright_size,
)


@dataclass(frozen=True)
class ChildRequest:
    """What the parent requests: how to read the bytes and what they may cost."""

    source_format: str
    max_pixels: int
    min_side: int
    max_side: int
    memory_bytes: int
    cpu_seconds: int


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
    has_alpha: bool = False
    placeholder: str = ""
    byte_count: int = 0
    thumbnail_byte_count: int = 0
    sharpness: float | None = None
    phash: int | None = None
    phash_mirrored: int | None = None


def main() -> None:
    """Answer the one request on standard input."""
    request = ChildRequest(**json.loads(sys.stdin.buffer.readline()))
    limit_resources(request.memory_bytes, request.cpu_seconds)
    try:
        reply, picture, thumbnail = answer(request, sys.stdin.buffer.read())
    except MemoryError:
        reply, picture, thumbnail = _refusal(RefusalReason.DECODE_MEMORY)
    header = json.dumps(dataclasses.asdict(reply)).encode()
    sys.stdout.buffer.write(header + b"\n" + picture + thumbnail)
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


def answer(request: ChildRequest, content: bytes) -> tuple[ChildReply, bytes, bytes]:
    """Decode and re-encode: the reply, the picture's bytes and its thumbnail's, or a refusal.

    Raises MemoryError.
    """
    try:
        picture = _opened(content, PictureFormat(request.source_format))
        refused = _refused_by_header(picture, request)
        if refused:
            return _refusal(refused, _sizes(*picture.size))
        picture.load()
        sizes = _sizes(*upright_size(picture))
        return _encoded(_pixels(picture, request.max_side), sizes)
    except BROKEN_FILE_ERRORS as broken:
        return _refusal(broken_file_reason(broken))


def _sizes(width: int, height: int) -> ChildReply:
    return ChildReply(original_width=width, original_height=height)


def _refusal(
    reason: RefusalReason, sizes: ChildReply | None = None
) -> tuple[ChildReply, bytes, bytes]:
    return dataclasses.replace(sizes or ChildReply(), refused=reason.value), b"", b""


def _opened(content: bytes, source_format: PictureFormat) -> Image.Image:
    if source_format is not PictureFormat.HEIF:
        return open_picture(content, source_format)
    # Loaded for HEIF alone: it adds 25 ms to the start and a large library to what can break.
    import pillow_heif

    # Each decoding thread takes address space, which is limited here.
    pillow_heif.options.DECODE_THREADS = 2
    open_heif: Callable[[io.BytesIO], Image.Image] = pillow_heif.HeifImageFile
    return open_heif(io.BytesIO(content))


def _refused_by_header(picture: Image.Image, request: ChildRequest) -> RefusalReason | None:
    width, height = picture.size
    if width * height > request.max_pixels:
        return RefusalReason.TOO_MANY_PIXELS
    if min(width, height) < request.min_side:
        return RefusalReason.TOO_SMALL
    # A HEIC with more pictures is a burst or a live photo: its primary one is meant.
    if request.source_format != PictureFormat.HEIF and is_animated(picture):
        return RefusalReason.ANIMATED
    return None


def _pixels(picture: Image.Image, max_side: int) -> Image.Image:
    turned, icc_profile = orientation(picture), picture.info.get("icc_profile")
    plain = plain_mode(picture)
    if max(plain.size) > max_side:
        plain.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return bare(to_srgb(upright(plain, turned), icc_profile))


def _encoded(pixels: Image.Image, sizes: ChildReply) -> tuple[ChildReply, bytes, bytes]:
    small = shrunk(pixels)
    picture, thumbnail = _encode(pixels), thumbnail_webp(small)
    found = fingerprint(grey(small))
    reply = dataclasses.replace(
        sizes,
        width=pixels.width,
        height=pixels.height,
        has_alpha=pixels.mode == "RGBA",
        placeholder=placeholder_uri(small),
        byte_count=len(picture),
        thumbnail_byte_count=len(thumbnail),
        sharpness=sharpness(grey(pixels)),
        phash=found.straight if found else None,
        phash_mirrored=found.mirrored if found else None,
    )
    return reply, picture, thumbnail


def _encode(pixels: Image.Image) -> bytes:
    out = io.BytesIO()
    if pixels.mode == "RGBA":
        # Every provider takes PNG, not every one WebP; level 3 is 3 × faster than 6, 8% larger.
        pixels.save(out, "PNG", compress_level=3)
    else:
        pixels.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()


if __name__ == "__main__":
    main()
