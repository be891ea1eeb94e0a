"""A strip of numbers with their names; each one opens its list."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.kit.components.elements import register

_figures = register("figures")


@dataclass(frozen=True)
class Figure:
    """One number; `tone` puts a dot of that colour before its name."""

    id: str
    label: str
    value: str
    note: str = ""
    tone: str = ""
    opens: bool = False
    spark: Sequence[int] = ()
    """One bar each, oldest first."""
    spark_label: str = ""


def figures(strip: Sequence[Figure], *, key: str) -> str | None:
    """Draw the strip; returns the id of the number that was clicked in this run."""
    result = _figures(
        key=key, data={"figures": [asdict(figure) for figure in strip]}, on_go_change=_nothing
    )
    clicked = result.get("go")
    return str(clicked) if clicked else None


def _nothing() -> None:
    """Streamlit returns only the triggers that have a callback."""
