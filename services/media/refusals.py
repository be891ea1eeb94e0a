"""Why a picture is refused, and the sentence that tells its sender what to do about it.

The only place that words a refusal; a sender's file name enters a sentence cleaned, never raw.
"""

import unicodedata
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
    """The last part of a file name without control and direction marks, 60 characters at most.

    It is for people to read, still unescaped, and never part of a path.
    """
    # Cc, Cf, Cs, Co, Cn: NUL and newlines, right-to-left overrides, lone surrogates.
    visible = "".join(c for c in filename if not unicodedata.category(c).startswith("C"))
    last = visible.replace("\\", "/").rsplit("/", 1)[-1].strip()
    if len(last) <= _SHOWN_NAME_CHARACTERS:
        return last
    # Both ends stay: the end of a name tells what the sender's device calls the format.
    half = _SHOWN_NAME_CHARACTERS // 2
    return f"{last[: half - 1]}…{last[-half:]}"
