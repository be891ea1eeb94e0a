"""Decode a picture of unknown origin in a child process, and return a file that can be trusted.

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
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import PIL

from services.core.errors import PictureRefusedError
from services.media.decode_child import ChildReply, DecodeLimits
from services.media.formats import (
    UPLOADED,
    PictureFormat,
    RefusalReason,
    accepted_format,
    refusal,
)
from services.media.measures import Blankness, Fingerprint

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
_AT_ONCE = threading.BoundedSemaphore(2)
# Their decoders hold the whole picture several times over.
_HEAVY = frozenset({PictureFormat.WEBP, PictureFormat.HEIF, PictureFormat.AVIF})
_ONE_HEAVY = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class DecodedPicture:
    """A picture as a fresh file of ours: upright, sRGB, 4096 px at most, without any metadata.

    `content` is a JPEG, or a PNG where it has alpha; `sha256` is the hex digest of `content`.
    `original_width` and `original_height` are the sender's, upright. `sharpness` and `fingerprint`
    are of the picture as it is stored; a plain surface has neither.
    """

    content: bytes
    extension: str
    width: int
    height: int
    sha256: str
    source_format: PictureFormat
    original_width: int
    original_height: int
    thumbnail: bytes
    placeholder: str
    blank: Blankness | None
    sharpness: float | None
    fingerprint: Fingerprint | None

    @property
    def content_type(self) -> str:
        """The media type of `content`."""
        return "image/png" if self.extension == "png" else "image/jpeg"

    @property
    def was_resized(self) -> bool:
        """Whether it is smaller than what was sent."""
        return (self.width, self.height) != (self.original_width, self.original_height)


_DEFAULT_LIMITS = DecodeLimits()


def decode_picture(
    content: bytes,
    filename: str,
    *,
    accepted: Collection[PictureFormat] = UPLOADED,
    limits: DecodeLimits = _DEFAULT_LIMITS,
) -> DecodedPicture:
    """Decode a picture of unknown origin; the name is only for the sentence.

    Blocks for as long as the child works (0.1 to 3 s, at most `limits.wall_seconds`) and while two
    others are at work. Raises PictureRefusedError, and nothing else, for whatever the bytes hold.
    """
    source_format = accepted_format(content, filename, accepted, limits.max_bytes)
    with _ONE_HEAVY if source_format in _HEAVY else nullcontext(), _AT_ONCE:
        output = _run_child(content, filename, source_format, limits)
    line, _, body = output.partition(b"\n")
    try:
        reply = ChildReply(**json.loads(line))
    except (ValueError, TypeError):
        # Only a child that something has taken over answers in another form.
        raise refusal(RefusalReason.CORRUPT, filename) from None
    if reply.refused:
        raise _refusal_by(reply, filename, source_format, limits)
    return _decoded(reply, body, source_format)


def _run_child(
    content: bytes, filename: str, source_format: PictureFormat, limits: DecodeLimits
) -> bytes:
    request = {"source_format": source_format} | dataclasses.asdict(limits)
    line = json.dumps(request).encode() + b"\n"
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


def _refusal_by(
    reply: ChildReply, filename: str, source_format: PictureFormat, limits: DecodeLimits
) -> PictureRefusedError:
    reason = RefusalReason(reply.refused)
    sizes = {"width": reply.original_width, "height": reply.original_height}
    if reason is RefusalReason.TOO_MANY_PIXELS:
        most = limits.pixels_of(source_format) / 1_000_000
        return refusal(reason, filename, **sizes, most=most)
    if reason is RefusalReason.TOO_SMALL:
        return refusal(reason, filename, **sizes, least=limits.min_side)
    if reason is RefusalReason.TOO_NARROW:
        return refusal(reason, filename, **sizes, most=limits.max_aspect)
    return refusal(reason, filename)


def _decoded(reply: ChildReply, body: bytes, source_format: PictureFormat) -> DecodedPicture:
    content = body[: reply.byte_count]
    has_hash = reply.phash is not None and reply.phash_mirrored is not None
    return DecodedPicture(
        content=content,
        extension=reply.extension,
        width=reply.width,
        height=reply.height,
        sha256=hashlib.sha256(content).hexdigest(),
        source_format=source_format,
        original_width=reply.original_width,
        original_height=reply.original_height,
        thumbnail=body[reply.byte_count : reply.byte_count + reply.thumbnail_byte_count],
        placeholder=reply.placeholder,
        blank=Blankness(reply.blank) if reply.blank else None,
        sharpness=reply.sharpness,
        fingerprint=Fingerprint(reply.phash or 0, reply.phash_mirrored or 0) if has_hash else None,
    )
