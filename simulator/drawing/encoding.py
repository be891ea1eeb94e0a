"""Encodes pictures and stamps each with its order's digest, so that no two orders share bytes."""

import io
import struct
import zlib

from PIL import Image

_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def encode(image: Image.Image, picture_format: str, quality: int) -> bytes:
    """The picture as `webp`, `jpg` or `png`; `quality` is 0..100 and means nothing to a PNG."""
    buffer = io.BytesIO()
    if picture_format == "webp":
        image.save(buffer, "WEBP", quality=quality, method=1)
    elif picture_format == "jpg":
        image.convert("RGB").save(buffer, "JPEG", quality=max(quality, 1))
    else:
        image.save(buffer, "PNG", compress_level=2)
    return buffer.getvalue()


def stamp(content: bytes, picture_format: str, text: str) -> bytes:
    """Add `text` as metadata that leaves the pixels alone."""
    if picture_format == "webp":
        return _stamped_webp(content, text.encode())
    if picture_format == "jpg":
        comment = text.encode()
        return (
            content[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + content[2:]
        )
    return _stamped_png(content, text.encode())


def _stamped_png(content: bytes, text: bytes) -> bytes:
    chunk = b"tEXtdigest\x00" + text
    framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content.removesuffix(_PNG_END) + framed + _PNG_END


def _stamped_webp(content: bytes, text: bytes) -> bytes:
    """Unknown chunks may follow the picture's own; RIFF pads each to an even length."""
    padded = text + b"\x00" * (len(text) % 2)
    body = content[8:] + b"NOTE" + struct.pack("<I", len(text)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body
