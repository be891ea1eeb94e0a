"""What was checked for a verdict: one line of parts, each with what it said."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.kit.components.elements import register

_checked = register("checked")


@dataclass(frozen=True)
class CheckedPart:
    """One part that was asked; `is_ok` None: not asked."""

    name: str
    is_ok: bool | None
    sentence: str


def checked(parts: Sequence[CheckedPart], *, key: str) -> None:
    """Draw the line; what failed shows its sentence below, the others when the line is opened."""
    _checked(key=key, data={"parts": [asdict(part) for part in parts]})
