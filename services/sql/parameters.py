"""What a named query asks for: a number, one of some words, or an id.

A value is checked here and then sent beside the statement; it never becomes a part of its text.
"""

import re
from dataclasses import dataclass

from psycopg import sql

from services.core.errors import InvalidRequestError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True)
class Number:
    """A whole number from `least` to `most`."""

    name: str
    label: str
    least: int
    most: int
    default: str

    def cleaned(self, text: str) -> str:
        """The number as it is sent; raises InvalidRequestError."""
        kept = text.strip()
        if not _DIGITS.fullmatch(kept) or not self.least <= int(kept) <= self.most:
            told = f"{self.label}: write a whole number from {self.least:,} to {self.most:,}."
            raise InvalidRequestError(problem=told)
        return str(int(kept))

    def literal(self, value: str) -> str:
        """A cleaned value as it is written in SQL."""
        return value


@dataclass(frozen=True)
class Choice:
    """One of these words; the first is the default."""

    name: str
    label: str
    options: tuple[str, ...]

    @property
    def default(self) -> str:
        """What is meant when nothing is chosen."""
        return self.options[0]

    def cleaned(self, text: str) -> str:
        """The word as it is sent; raises InvalidRequestError."""
        if text not in self.options:
            told = f"{self.label}: choose one of {', '.join(self.options)}."
            raise InvalidRequestError(problem=told)
        return text

    def literal(self, value: str) -> str:
        """A cleaned value as it is written in SQL."""
        return _quoted(value)


@dataclass(frozen=True)
class Identifier:
    """An id, as pages show and copy it; an empty one means all of them where `is_optional`."""

    name: str
    label: str
    default: str = ""
    is_optional: bool = False

    def cleaned(self, text: str) -> str:
        """The id as it is sent; raises InvalidRequestError."""
        kept = text.strip()
        if not kept and self.is_optional:
            return ""
        if not _ID.fullmatch(kept):
            told = f"{self.label}: an id has letters, digits, - and _, and 80 of them at most."
            raise InvalidRequestError(problem=told)
        return kept

    def literal(self, value: str) -> str:
        """A cleaned value as it is written in SQL."""
        return _quoted(value)


Parameter = Number | Choice | Identifier


def _quoted(value: str) -> str:
    return sql.Literal(value).as_string(None)
