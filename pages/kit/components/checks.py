"""Rows of checks in groups: a status, a name, what was found, and the fix below what needs one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.kit.components.elements import Element, register

_checks = register("checks")


@dataclass(frozen=True)
class Row:
    """One line; `tone` is how loud it is: quiet, loud, or code where the name is a setting's."""

    name: str
    text: str
    badge: Element | None = None
    note: str = ""
    """Small words below the text."""
    fix: str = ""
    tone: str = "quiet"


@dataclass(frozen=True)
class Group:
    """Rows that belong together."""

    title: str
    rows: Sequence[Row]


def checks(groups: Sequence[Group], *, key: str) -> None:
    """Draw the groups."""
    _checks(key=key, data={"groups": [asdict(group) for group in groups]})
