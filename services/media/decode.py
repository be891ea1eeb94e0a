"""Decode an upload in a child process and return pixels that can be trusted.

Nothing here decodes: an input that eats memory or time, or crashes the decoder, ends the child.
"""

import dataclasses
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import PIL

from services.core.errors import PictureRefusedError
from services.media.decode_child import ChildReply, ChildRequest
from services.media.formats import MEGABYTE, PictureFormat, RefusalReason, accepted_format, refusal
from services.media.measures import Fingerprint

log = logging.getLogger(__name__)

_MODULE = "services.media.decode_child"
_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_SITE_PACKAGES = Path(PIL.__file__).resolve().parents[1]
# -S with an explicit path leaves out site and its .pth files; -s the user's own packages.
_COMMAND = (sys.executable, "-S", "-s", "-m", _MODULE)
# None of our environment: a decoder that is taken over must find no token.
# MALLOC_ARENA_MAX: each further arena of glibc takes 64 MB of the address space.
_ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join((str(_PROJECT_ROOT), str(_SITE_PACKAGES))),
    "PYTHONSAFEPATH": "1",
    "MALLOC_ARENA_MAX": "2",
}
_ACCEPTED = frozenset(PictureFormat)
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class UploadLimits:
    """What an upload may cost. Sides and pixels are of the file itself, before any scaling.

    `max_side` scales down and never refuses. `memory_bytes` is address space: 25 megapixels of
    any format were measured to fit in 700 MB, libraries and threads included.
    """

    max_bytes: int = 25 * MEGABYTE
    max_pixels: int = 25_000_000
    min_side: int = 64
    max_side: int = 4096
    memory_bytes: int = 768 * MEGABYTE
    cpu_seconds: int = 20
    wall_seconds: float = 30.0


@dataclass(frozen=True)
class DecodedUpload:
    """An upload as its own fresh file: upright, sRGB, 4096 px at most, without any metadata.

    `content` is a JPEG, or a PNG where `has_alpha`; `sha256` is the hex digest of `content`.
    `original_width` and `original_height` are the sender's, upright. `sharpness` and `fingerprint`
    are of the picture as it is stored; a plain surface has neither.
    """

    content: bytes
    content_type: str
    extension: str
    width: int
    height: int
    sha256: str
    source_format: PictureFormat
    was_resized: bool
    original_width: int
    original_height: int
    has_alpha: bool
    thumbnail: bytes
    placeholder: str
    sharpness: float | None
    fingerprint: Fingerprint | None


_DEFAULT_LIMITS = UploadLimits()


def decode_upload(
    content: bytes, filename: str, *, limits: UploadLimits = _DEFAULT_LIMITS
) -> DecodedUpload:
    """Decode a JPEG, PNG, WebP or HEIC of unknown origin; the name is only for the sentence.

    Blocks for as long as the child works (0.1 to 2 s, at most `limits.wall_seconds`) and while two
    others are at work. Raises PictureRefusedError, and nothing else, for whatever the bytes hold.
    """
    source_format = accepted_format(content, filename, _ACCEPTED, limits.max_bytes)
    with _AT_ONCE:
        output = _run_child(content, filename, source_format, limits)
    line, _, body = output.partition(b"\n")
    try:
        reply = ChildReply(**json.loads(line))
    except (ValueError, TypeError):
        # Only a child that something has taken over answers in another form.
        raise refusal(RefusalReason.CORRUPT, filename) from None
    if reply.refused:
        raise _refusal_by(reply, filename, limits)
    return _decoded(reply, body, source_format)


def _run_child(
    content: bytes, filename: str, source_format: PictureFormat, limits: UploadLimits
) -> bytes:
    request = ChildRequest(
        source_format=source_format.value,
        max_pixels=limits.max_pixels,
        min_side=limits.min_side,
        max_side=limits.max_side,
        memory_bytes=limits.memory_bytes,
        cpu_seconds=limits.cpu_seconds,
    )
    line = json.dumps(dataclasses.asdict(request)).encode() + b"\n"
    try:
        child = subprocess.run(
            _COMMAND,
            input=line + content,
            capture_output=True,
            env=_ENVIRONMENT,
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refusal(RefusalReason.DECODE_TIMEOUT, filename) from None
    if child.returncode != 0:
        last_words = child.stderr[-500:].decode(errors="replace")
        log.warning(
            "picture_child_died",
            extra={"returncode": child.returncode, "last_words": last_words},
        )
        raise refusal(_reason_of_death(child.returncode), filename)
    return child.stdout


def _reason_of_death(returncode: int) -> RefusalReason:
    if returncode == -signal.SIGXCPU:
        return RefusalReason.DECODE_TIMEOUT
    # SIGKILL is what the kernel sends when memory runs out.
    return RefusalReason.DECODE_MEMORY if returncode == -signal.SIGKILL else RefusalReason.CORRUPT


def _refusal_by(reply: ChildReply, filename: str, limits: UploadLimits) -> PictureRefusedError:
    reason = RefusalReason(reply.refused)
    width, height = reply.original_width, reply.original_height
    if reason is RefusalReason.TOO_MANY_PIXELS:
        most = limits.max_pixels / 1_000_000
        return refusal(reason, filename, width=width, height=height, most=most)
    if reason is RefusalReason.TOO_SMALL:
        return refusal(reason, filename, width=width, height=height, least=limits.min_side)
    return refusal(reason, filename)


def _decoded(reply: ChildReply, body: bytes, source_format: PictureFormat) -> DecodedUpload:
    content = body[: reply.byte_count]
    original = (reply.original_width, reply.original_height)
    return DecodedUpload(
        content=content,
        content_type="image/png" if reply.has_alpha else "image/jpeg",
        extension="png" if reply.has_alpha else "jpg",
        width=reply.width,
        height=reply.height,
        sha256=hashlib.sha256(content).hexdigest(),
        source_format=source_format,
        was_resized=original != (reply.width, reply.height),
        original_width=reply.original_width,
        original_height=reply.original_height,
        has_alpha=reply.has_alpha,
        thumbnail=body[reply.byte_count : reply.byte_count + reply.thumbnail_byte_count],
        placeholder=reply.placeholder,
        sharpness=reply.sharpness,
        fingerprint=_fingerprint(reply),
    )


def _fingerprint(reply: ChildReply) -> Fingerprint | None:
    if reply.phash is None or reply.phash_mirrored is None:
        return None
    return Fingerprint(reply.phash, reply.phash_mirrored)
