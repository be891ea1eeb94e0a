"""One named query: the question, its statement, and what it asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.sql.parameters import Parameter

_PLACE = re.compile(r"\$([0-9]+)")


class Source(StrEnum):
    """Whose statement it is."""

    GUIDE = "guide"
    OURS = "ours"


class Group(StrEnum):
    """What a query is about."""

    GUIDES = "Guides"
    PIPELINE = "Pipeline"
    MONEY = "Money"
    STORAGE = "Storage"
    HOUSE = "House"


@dataclass(frozen=True)
class NamedQuery:
    """`sql` has $1, $2 and so on in its parameters' places.

    One of a guide is kept as it is printed: `printed` is the example in it that its one parameter
    takes the place of.
    """

    id: str
    title: str
    question: str
    group: Group
    sql: str
    parameters: tuple[Parameter, ...] = ()
    source: Source = Source.OURS
    printed: str = ""

    @property
    def statement(self) -> str:
        """What is sent to the database, with places for the parameters."""
        return self.sql.replace(self.printed, "$1") if self.printed else self.sql

    def values(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """The checked value of each parameter, its default where none is given.

        Raises InvalidRequestError.
        """
        return tuple(
            parameter.cleaned(given.get(parameter.name, parameter.default))
            for parameter in self.parameters
        )

    def shown(self, values: tuple[str, ...]) -> str:
        """The same statement with the values in it, to read and to copy."""
        texts = [p.literal(value) for p, value in zip(self.parameters, values, strict=True)]
        return _PLACE.sub(lambda place: texts[int(place[1]) - 1], self.statement)
