"""Take from a PNG or JPEG what its pixels need, before a decoder sees the file.

Text, previews, private data and their checksums may be broken or huge: viewers skip them, Pillow
refuses the file or reads them byte by byte.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from services.media.formats import PictureFormat

_PNG_SIGNATURE_BYTES = 8
_MAX_PNG_CHUNKS = 100_000
_PNG_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
# Transparency, orientation, colours and whether it is an animation.
_PNG_HELPFUL = frozenset({b"tRNS", b"eXIf", b"iCCP", b"acTL"})
# Pillow's own limit; profiles of monitors and cameras are far smaller.
_MAX_PROFILE_BYTES = 1_000_000

_BOXES = frozenset({PictureFormat.HEIF, PictureFormat.AVIF})

_FILL = re.compile(rb"\xff+")
_MAX_JPEG_SEGMENTS = 4000
_SCAN, _END = 0xDA, 0xD9
# Tables, frame header, restart interval; DNL, DHP and EXP as libjpeg is to refuse them itself.
_JPEG_TABLES = frozenset({*range(0xC0, 0xD0), *range(0xDB, 0xE0)})
# A SOI within, TEM and the restart markers have no length.
_JPEG_BARE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_JPEG_HELPFUL = ((0xE0, b"JFIF"), (0xE1, b"Exif\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))


def essentials(content: bytes, source_format: PictureFormat) -> bytes:
    """The same picture without what its pixels do not need; other formats are returned as they are.

    Raises EOFError for a file that ends too early, and ValueError for a wrong checksum or an
    unknown part where it matters.
    """
    if _ends_too_early(content, source_format):
        raise EOFError
    pieces = _PIECES.get(source_format)
    return content if pieces is None else b"".join(pieces(memoryview(content)))


def _ends_too_early(content: bytes, source_format: PictureFormat) -> bool:
    """Whether a container claims more bytes than there are; decoders call such a file a broken one."""
    if source_format is PictureFormat.WEBP:
        return int.from_bytes(content[4:8], "little") + 8 > len(content)
    at = 0
    while source_format in _BOXES and at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if length < 8:
            # To the end of the file, or a length of 64 bits.
            return False
        if at + length > len(content):
            return kind in (b"ftyp", b"meta", b"mdat")
        at += length
    return False


def _png_pieces(content: memoryview) -> Iterator[memoryview]:
    yield content[:_PNG_SIGNATURE_BYTES]
    at = _PNG_SIGNATURE_BYTES
    for _ in range(_MAX_PNG_CHUNKS):
        if at + 12 > len(content):
            raise EOFError
        length, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise EOFError
        if _is_needed(kind, chunk):
            yield chunk
        if kind == b"IEND":
            return
        at += len(chunk)
    raise ValueError("far too many chunks")


def _is_needed(kind: bytes, chunk: memoryview) -> bool:
    """Whether the chunk is passed on; raises ValueError where the picture needs it and it is broken."""
    is_critical = kind[:1].isupper()
    if not is_critical and kind not in _PNG_HELPFUL:
        return False
    is_sound = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
    if is_critical and (kind not in _PNG_CRITICAL or not is_sound):
        raise ValueError("a critical chunk is unknown or broken")
    if kind == b"acTL" and int.from_bytes(chunk[8:12], "big") < 2:
        return False
    return is_sound and (kind != b"iCCP" or _is_small_profile(bytes(chunk[8:-4])))


def _is_small_profile(data: bytes) -> bool:
    inflate = zlib.decompressobj()
    try:
        inflate.decompress(data.partition(b"\0")[2][1:], _MAX_PROFILE_BYTES)
    except zlib.error:
        return False
    return inflate.eof


def _jpeg_pieces(content: memoryview) -> Iterator[memoryview | bytes]:
    yield content[:2]
    at = 2
    for _ in range(_MAX_JPEG_SEGMENTS):
        # Any number of fill bytes may stand before a marker; decoders skip other bytes there too.
        fill = _FILL.search(content, at)
        if fill is None or fill.end() == len(content):
            raise EOFError
        at, marker = fill.end() + 1, content[fill.end()]
        if marker == _SCAN:
            yield content[at - 2 :]
            return
        if marker == _END:
            raise ValueError("it ends before its pixels")
        if marker in _JPEG_BARE:
            continue
        segment = content[at : at + max(2, int.from_bytes(content[at : at + 2], "big"))]
        at += len(segment)
        if marker in _JPEG_TABLES or _is_helpful(marker, segment):
            yield bytes((0xFF, marker))
            yield segment
    raise ValueError("far too many segments")


def _is_helpful(marker: int, segment: memoryview) -> bool:
    return any(
        marker == known and segment[2:].tobytes().startswith(start)
        for known, start in _JPEG_HELPFUL
    )


_PIECES: dict[PictureFormat, Callable[[memoryview], Iterator[memoryview | bytes]]] = {
    PictureFormat.PNG: _png_pieces,
    PictureFormat.JPEG: _jpeg_pieces,
}
