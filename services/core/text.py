"""Cleans people's text for the database and the providers."""

import re
import unicodedata

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Beside control characters: those that reverse the direction of what follows.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Composed (NFC), without control characters and lone surrogates; nothing else is changed."""
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))


def for_terminal(text: str) -> str:
    """Return text that gives a terminal no commands: control characters become visible escapes."""
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)


_JOINERS = "\u200c\u200d"
_EMOJI_TAGS = range(0xE0020, 0xE0080)


def printable(text: str) -> str:
    """A name without control, direction and invisible characters, whatever its script.

    The joiners stay: without them emoji fall apart and Persian is misspelled. What this Python's
    Unicode tables do not know yet stays too.
    """
    return "".join(character for character in text if _is_printable(character))


def _is_printable(character: str) -> bool:
    if character in _JOINERS or ord(character) in _EMOJI_TAGS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
