"""Named queries: a question, its statement, and the parameters that it takes.

A value is checked here and then sent beside the statement; it never becomes part of its text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from psycopg import sql

from services.core.errors import InvalidRequestError
from services.core.ids import is_id

_DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)
_PLACEHOLDER = re.compile(r"\$([0-9]+)")


@dataclass(frozen=True)
class Number:
    """A whole number from `minimum` to `maximum`."""

    name: str
    label: str
    minimum: int
    maximum: int
    default: str

    def cleaned(self, text: str) -> str:
        """Return the number as it is sent; raises InvalidRequestError."""
        digits = text.strip()
        if not _DIGITS.fullmatch(digits) or not self.minimum <= int(digits) <= self.maximum:
            limits = f"from {self.minimum:,} to {self.maximum:,}"
            raise InvalidRequestError(problem=f"{self.label}: write a whole number {limits}.")
        return str(int(digits))


@dataclass(frozen=True)
class Choice:
    """One of these words; the first is the default."""

    name: str
    label: str
    options: tuple[str, ...]

    @property
    def default(self) -> str:
        """The first word."""
        return self.options[0]

    def cleaned(self, text: str) -> str:
        """Return the word as it is sent; raises InvalidRequestError."""
        if text not in self.options:
            problem = f"{self.label}: choose one of {', '.join(self.options)}."
            raise InvalidRequestError(problem=problem)
        return text


@dataclass(frozen=True)
class Identifier:
    """An id, as pages show and copy it; an empty one selects all where `is_optional`."""

    name: str
    label: str
    default: str = ""
    is_optional: bool = False

    def cleaned(self, text: str) -> str:
        """Return the id as it is sent; raises InvalidRequestError."""
        given = text.strip()
        if not (is_id(given) or (self.is_optional and not given)):
            problem = f"{self.label}: an id has letters, digits, - and _, at most 80."
            raise InvalidRequestError(problem=problem)
        return given


Parameter = Number | Choice | Identifier
GENERATION = Identifier("generation", "Generation", default="gen_xyz")


class Group(StrEnum):
    """What a query is about."""

    GUIDES = "Guides"
    PIPELINE = "Pipeline"
    MONEY = "Money"
    STORAGE = "Storage"
    OPERATIONS = "Operations"


@dataclass(frozen=True)
class NamedQuery:
    """A statement with $1, $2 and so on in its parameters' places.

    The guides' statements are stored as printed: their parameter replaces the example id.
    """

    group: Group
    id: str
    title: str
    question: str
    sql: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def statement(self) -> str:
        """The statement with placeholders, as it is sent."""
        return self.sql.replace(f"'{GENERATION.default}'", "$1")

    def values(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """Return each parameter's checked value, or its default; raises InvalidRequestError."""
        return tuple(
            parameter.cleaned(given.get(parameter.name, parameter.default))
            for parameter in self.parameters
        )

    def shown(self, values: tuple[str, ...]) -> str:
        """Return the statement with the values in it, to read and to copy."""
        literals = [
            value if isinstance(parameter, Number) else sql.Literal(value).as_string(None)
            for parameter, value in zip(self.parameters, values, strict=True)
        ]
        return _PLACEHOLDER.sub(lambda found: literals[int(found[1]) - 1], self.statement)
