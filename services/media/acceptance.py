"""The first gate for any picture: is there something, is it a format we take, is it small enough.

Looks at the first bytes and the length alone; nothing is decoded.
"""

from collections.abc import Collection

from services.core.errors import PictureRefusedError
from services.media.refusals import MEGABYTE, RefusalReason, refusal
from services.media.sniff import PictureFormat, foreign_file, foreign_picture, sniff


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
