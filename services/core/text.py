"""Cleans people's text for the database and the providers."""

import re
import unicodedata

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Composed (NFC), without control characters and lone surrogates; nothing else is changed."""
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))
