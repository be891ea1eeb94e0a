"""Accept a picture's format and length by its first bytes, and word the refusal of every other file.

Nothing is decoded, and names and declared types are never read; a sender's file name enters a
sentence cleaned, never raw.
"""

import unicodedata
from collections.abc import Collection
from enum import StrEnum

from services.core.errors import PictureRefusedError

MEGABYTE = 1024 * 1024
_SHOWN_NAME_CHARACTERS = 60


class RefusalReason(StrEnum):
    """What is wrong with a refused picture."""

    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"
    ANIMATED = "animated"
    CORRUPT = "corrupt"
    TOO_SMALL = "too_small"
    DECODE_TIMEOUT = "decode_timeout"
    DECODE_MEMORY = "decode_memory"
    EMPTY = "empty"


_SENTENCES = {
    RefusalReason.NOT_AN_IMAGE: (
        "{name} is not a picture but {found}. Choose a photograph as JPEG, PNG, WebP or HEIC."
    ),
    RefusalReason.UNSUPPORTED_FORMAT: (
        "{name} is {found}, which Atelier does not take. Save it as JPEG or PNG and send it again."
    ),
    RefusalReason.TOO_MANY_BYTES: (
        "{name} has {megabytes:.1f} MB and the most is {most:g} MB. "
        "Save it smaller, for example as JPEG, and send it again."
    ),
    RefusalReason.TOO_MANY_PIXELS: (
        "{name} has {width} × {height} pixels and the most is {most:g} megapixels. "
        "Scale it down and send it again."
    ),
    RefusalReason.TRUNCATED: (
        "{name} breaks off before its end, as after a broken transfer. "
        "Copy the original once more and send that."
    ),
    RefusalReason.ANIMATED: (
        "{name} is an animation. Save the one frame you mean as JPEG or PNG and send that."
    ),
    RefusalReason.CORRUPT: (
        "{name} is damaged and cannot be opened. "
        "Open it in a photo program, save it as JPEG and send that."
    ),
    RefusalReason.TOO_SMALL: (
        "{name} has only {width} × {height} pixels and each side needs {least} at least. "
        "Send a larger picture."
    ),
    RefusalReason.DECODE_TIMEOUT: (
        "{name} took too long to open. Save it anew as JPEG and send that."
    ),
    RefusalReason.DECODE_MEMORY: (
        "{name} needs too much memory to open. Scale it down, save it as JPEG and send that."
    ),
    RefusalReason.EMPTY: "{name} is empty. Check that it opens on your device and send it again.",
}


def refusal(reason: RefusalReason, filename: str, **facts: float | str) -> PictureRefusedError:
    """Make the error for one refused picture; `facts` fill the sentence and travel as attributes.

    NOT_AN_IMAGE and UNSUPPORTED_FORMAT take `found`; TOO_MANY_BYTES `megabytes` and `most` (MB);
    TOO_MANY_PIXELS `width`, `height` and `most` (megapixels); TOO_SMALL `width`, `height`, `least`.
    """
    shown = shown_name(filename)
    name = f"“{shown}”" if shown else "The picture"
    sentence = _SENTENCES[reason].format(name=name, **facts)
    return PictureRefusedError(reason=reason.value, sentence_text=sentence, filename=shown, **facts)


def shown_name(filename: str) -> str:
    """The last component of a file name without control and direction marks, 60 characters at most.

    It is for people to read, still unescaped, and never used in a path.
    """
    # Cc, Cf, Cs, Co, Cn: NUL and newlines, right-to-left overrides, lone surrogates.
    visible = "".join(c for c in filename if not unicodedata.category(c).startswith("C"))
    last = visible.replace("\\", "/").rsplit("/", 1)[-1].strip()
    if len(last) <= _SHOWN_NAME_CHARACTERS:
        return last
    # Both ends are shown: the end names the format.
    half = _SHOWN_NAME_CHARACTERS // 2
    return f"{last[: half - 1]}…{last[-half:]}"


class PictureFormat(StrEnum):
    """The formats that are decoded at all; the value is Pillow's name for it."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIF = "HEIF"


# Stills and sequences that carry HEVC; the primary item of either decides.
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_GENERIC_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1"})

_FOREIGN_PICTURES = (
    (b"GIF8", "a GIF"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"BM", "a BMP"),
    (b"\0\0\1\0", "an icon file"),
    (b"8BPS", "a Photoshop file"),
    (b"%!PS", "a PostScript file"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
)
_FOREIGN_FILES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)


def sniff(content: bytes) -> PictureFormat | None:
    """The accepted format that these bytes begin with, or None."""
    if content.startswith(b"\xff\xd8\xff"):
        return PictureFormat.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureFormat.PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return PictureFormat.WEBP
    if _HEVC_BRANDS & _iso_brands(content):
        return PictureFormat.HEIF
    return None


def foreign_picture(content: bytes) -> str | None:
    """The name of a picture format that is not taken, with its article, or None."""
    brands = _iso_brands(content)
    if brands & {b"avif", b"avis"}:
        return "an AVIF"
    if brands & _GENERIC_HEIF_BRANDS:
        return "a HEIF without HEVC"
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!")) and b"<svg" in start):
        return "an SVG"
    return _named(content, _FOREIGN_PICTURES)


def foreign_file(content: bytes) -> str:
    """What a file that is no picture seems to be, with its article."""
    if content[4:8] == b"ftyp":
        return "a video"
    return _named(content, _FOREIGN_FILES) or "another kind of file"


def _named(content: bytes, signatures: tuple[tuple[bytes, str], ...]) -> str | None:
    return next((name for start, name in signatures if content.startswith(start)), None)


def _iso_brands(content: bytes) -> frozenset[bytes]:
    """The major and compatible brands of an ISO media file; none for any other file."""
    if content[4:8] != b"ftyp":
        return frozenset()
    box = content[8 : min(int.from_bytes(content[:4], "big"), 256)]
    brands = [box[:4], *(box[at : at + 4] for at in range(8, len(box), 4))]
    return frozenset(brands)


def accepted_format(
    content: bytes, filename: str, accepted: Collection[PictureFormat], max_bytes: int
) -> PictureFormat:
    """The format the content begins with, one of `accepted`; raises PictureRefusedError."""
    if not content:
        raise refusal(RefusalReason.EMPTY, filename)
    source_format = sniff(content)
    if source_format is None:
        raise _foreign(content, filename)
    if source_format not in accepted:
        found = f"a {source_format.value}"
        raise refusal(RefusalReason.UNSUPPORTED_FORMAT, filename, found=found)
    if len(content) > max_bytes:
        facts = {"megabytes": len(content) / MEGABYTE, "most": max_bytes / MEGABYTE}
        raise refusal(RefusalReason.TOO_MANY_BYTES, filename, **facts)
    return source_format


def _foreign(content: bytes, filename: str) -> PictureRefusedError:
    picture = foreign_picture(content)
    if picture:
        return refusal(RefusalReason.UNSUPPORTED_FORMAT, filename, found=picture)
    return refusal(RefusalReason.NOT_AN_IMAGE, filename, found=foreign_file(content))
