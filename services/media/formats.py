"""Accept a picture's format and length by its first bytes, and word the refusal of every other file.

Nothing is decoded, and names and declared types are never read; a sender's file name enters a
sentence cleaned, never raw.
"""

from collections.abc import Collection
from enum import StrEnum

from services.core.errors import PictureRefusedError
from services.core.text import printable

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
    TOO_NARROW = "too_narrow"
    DECODE_TIMEOUT = "decode_timeout"
    DECODE_MEMORY = "decode_memory"
    EMPTY = "empty"


_SENTENCES = {
    RefusalReason.NOT_AN_IMAGE: (
        "{name} is not a picture but {found}.",
        "Choose a photograph as JPEG, PNG, WebP, HEIC or AVIF.",
    ),
    RefusalReason.UNSUPPORTED_FORMAT: (
        "{name} is {found}, which Atelier does not take.",
        "Save it as JPEG or PNG and send it again.",
    ),
    RefusalReason.TOO_MANY_BYTES: (
        "{name} has {megabytes:.1f} MB and the most is {most:g} MB.",
        "Save it smaller, for example as JPEG, and send it again.",
    ),
    RefusalReason.TOO_MANY_PIXELS: (
        "{name} has {width} × {height} pixels and the most is {most:g} megapixels.",
        "Scale it down and send it again.",
    ),
    RefusalReason.TRUNCATED: (
        "{name} breaks off before its end, as after a broken transfer.",
        "Copy the original once more and send that.",
    ),
    RefusalReason.ANIMATED: (
        "{name} is an animation.",
        "Save the one frame you mean as JPEG or PNG and send that.",
    ),
    RefusalReason.CORRUPT: (
        "{name} is damaged and cannot be opened.",
        "Open it in a photo program, save it as JPEG and send that.",
    ),
    RefusalReason.TOO_SMALL: (
        "{name} has only {width} × {height} pixels and each side needs {least} at least.",
        "Send a larger picture.",
    ),
    RefusalReason.TOO_NARROW: (
        "{name} has {width} × {height} pixels; one side may be {most:g} times the other at most.",
        "Cut it and send it again.",
    ),
    RefusalReason.DECODE_TIMEOUT: (
        "{name} took too long to open.",
        "Save it anew as JPEG and send that.",
    ),
    RefusalReason.DECODE_MEMORY: (
        "{name} needs too much memory to open.",
        "Scale it down, save it as JPEG and send that.",
    ),
    RefusalReason.EMPTY: (
        "{name} is empty.",
        "Check that it opens on your device and send it again.",
    ),
}
"""What is wrong, and the advice for the person who sent the file."""


def refusal(reason: RefusalReason, filename: str, **facts: float | str) -> PictureRefusedError:
    """Make the error for one refused picture; `facts` fill the sentence and travel as attributes.

    A file without a name was sent by nobody, so its sentence carries no advice. NOT_AN_IMAGE and
    UNSUPPORTED_FORMAT take `found`; TOO_MANY_BYTES `megabytes` and `most` (MB); TOO_MANY_PIXELS
    `width`, `height` and `most` (megapixels); TOO_SMALL `width`, `height`, `least`; TOO_NARROW
    `width`, `height`, `most`.
    """
    shown = shown_name(filename)
    what, advice = _SENTENCES[reason]
    sentence = what.format(name=f"“{shown}”" if shown else "The file", **facts)
    if filename:
        sentence = f"{sentence} {advice}"
    return PictureRefusedError(reason=reason.value, sentence_text=sentence, filename=shown, **facts)


def shown_name(filename: str) -> str:
    """The last component of a file name as people may read it, 60 characters at most.

    Still unescaped, and never used in a path.
    """
    last = printable(filename).replace("\\", "/").rsplit("/", 1)[-1].strip()
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
    AVIF = "AVIF"
    GIF = "GIF"
    BMP = "BMP"
    TIFF = "TIFF"


STORED = {PictureFormat.JPEG: "jpg", PictureFormat.PNG: "png", PictureFormat.WEBP: "webp"}
"""What is stored byte for byte, with its extension: every browser and model takes these."""
UPLOADED = frozenset({*STORED, PictureFormat.HEIF, PictureFormat.AVIF})
"""What people may send. GIF, BMP and TIFF are decoded only where a provider sent them."""

_BRANDS = (
    (PictureFormat.AVIF, frozenset({b"avif", b"avis"})),
    # Stills and sequences that carry HEVC, and files that name only the container.
    (PictureFormat.HEIF, frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})),
    (PictureFormat.HEIF, frozenset({b"mif1", b"mif2", b"msf1"})),
)
_BEGINNINGS = (
    (b"\xff\xd8\xff", PictureFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", PictureFormat.PNG),
    (b"GIF8", PictureFormat.GIF),
    (b"BM", PictureFormat.BMP),
    (b"II*\0", PictureFormat.TIFF),
    (b"MM\0*", PictureFormat.TIFF),
)
_FOREIGN_PICTURES = (
    (b"\0\0\1\0", "an icon file"),
    (b"8BPS", "a Photoshop file"),
    (b"FUJIFILMCCD-RAW", "a raw photograph"),
    (b"IIU\0", "a raw photograph"),
    (b"IIRO", "a raw photograph"),
    (b"IIRS", "a raw photograph"),
    (b"%!PS", "a PostScript file"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000"),
)
_FOREIGN_FILES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"RIFF", "a sound or video file"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_TEXTS = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML text"),
    (b"{", "a JSON text"),
    (b"[", "a JSON text"),
)


def sniff(content: bytes) -> PictureFormat | None:
    """The format that these bytes begin with, one that can be decoded, or None."""
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return PictureFormat.WEBP
    found = next((known for start, known in _BEGINNINGS if content.startswith(start)), None)
    brands = _iso_brands(content)
    return found or next((known for known, its in _BRANDS if its & brands), None)


def _foreign_picture(content: bytes) -> str | None:
    """The name of a picture format that nothing here decodes, with its article, or None."""
    start = _text_start(content)
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!")) and b"<svg" in start):
        return "an SVG"
    if content[4:12] == b"ftypcrx ":
        return "a raw photograph"
    return _named(content, _FOREIGN_PICTURES)


def _foreign_file(content: bytes) -> str:
    """What a file that is no picture seems to be, with its article."""
    if content[4:8] == b"ftyp":
        return "a video"
    text = _named(_text_start(content), _TEXTS) or ("a text" if _is_text(content) else None)
    return _named(content, _FOREIGN_FILES) or text or "another kind of file"


def _is_text(content: bytes) -> bool:
    # A character may be cut off at the end.
    start = content[:512].decode(errors="ignore")
    is_whole = len(start.encode()) + 3 >= len(content[:512])
    return is_whole and all(letter.isprintable() or letter.isspace() for letter in start)


def _text_start(content: bytes) -> bytes:
    return content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


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
    if source_format not in accepted or source_format is None:
        raise _foreign(content, source_format, filename)
    if len(content) > max_bytes:
        facts = {"megabytes": len(content) / MEGABYTE, "most": max_bytes / MEGABYTE}
        raise refusal(RefusalReason.TOO_MANY_BYTES, filename, **facts)
    return source_format


def _foreign(content: bytes, known: PictureFormat | None, filename: str) -> PictureRefusedError:
    article = "an" if known is PictureFormat.AVIF else "a"
    picture = f"{article} {known.value}" if known else _foreign_picture(content)
    if picture:
        return refusal(RefusalReason.UNSUPPORTED_FORMAT, filename, found=picture)
    return refusal(RefusalReason.NOT_AN_IMAGE, filename, found=_foreign_file(content))
