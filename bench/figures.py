"""A measured figure, the aim that it is held against, and how both are written down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Sense(StrEnum):
    """On which side of its bound a figure should lie."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True)
class Aim:
    """The bound that a figure should keep, in the figure's own unit."""

    sense: Sense
    bound: float

    def is_met_by(self, value: float) -> bool:
        """Whether `value` lies on the right side; the bound itself does."""
        return value <= self.bound if self.sense is Sense.AT_MOST else value >= self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}"


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark's result. Without an aim it only explains the others."""

    name: str
    value: float
    unit: str
    aim: Aim | None = None

    @property
    def is_met(self) -> bool | None:
        """None where nothing is aimed at."""
        return None if self.aim is None else self.aim.is_met_by(self.value)

    def as_json(self) -> dict[str, Any]:
        """The shape that `--json` prints."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "aim": None if self.aim is None else str(self.aim),
            "met": self.is_met,
        }


def at_most(bound: float) -> Aim:
    """An aim that larger values miss."""
    return Aim(Sense.AT_MOST, bound)


def at_least(bound: float) -> Aim:
    """An aim that smaller values miss."""
    return Aim(Sense.AT_LEAST, bound)


def as_json(figures: Sequence[Figure]) -> str:
    """A JSON list, one object for each figure."""
    return json.dumps([figure.as_json() for figure in figures], indent=2, ensure_ascii=False)


def as_table(figures: Sequence[Figure]) -> str:
    """The same for people."""
    width = max(len(figure.name) for figure in figures)
    return "\n".join(_line(figure, width) for figure in figures)


def exit_code(figures: Sequence[Figure]) -> int:
    """1 when an aim is missed, else 0."""
    return int(any(figure.is_met is False for figure in figures))


def _line(figure: Figure, width: int) -> str:
    amount = f"{figure.value:>10,.2f} {figure.unit:<8}"
    if figure.aim is None:
        return f"{figure.name:<{width}}  {amount}".rstrip()
    verdict = "met" if figure.is_met else "MISSED"
    return f"{figure.name:<{width}}  {amount}  {figure.aim!s:<8} {verdict}"
