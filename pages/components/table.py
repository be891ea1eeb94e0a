"""A table of parts: headings and aligned numbers where there is room, wrapped lines where not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.components.parts import Part, register

Cells = Sequence[Sequence[Part]]

_table = register("table")


@dataclass(frozen=True)
class Column:
    """One heading; numbers stand to the right, and one wide column takes what room there is."""

    name: str
    is_number: bool = False
    is_wide: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Cells],
    *,
    key: str,
    title: str = "",
    chosen: int | None = None,
) -> str | None:
    """Draw one row for each list of cells; `chosen` is the number of the row that is marked.

    Returns the id of the `go` part that was clicked in this run.
    """
    result = _table(
        key=key,
        data={
            "title": title,
            "columns": [asdict(column) for column in columns],
            "rows": [[list(cell) for cell in row] for row in rows],
            "chosen": chosen,
        },
        on_go_change=_nothing,
    )
    clicked = result.get("go")
    return str(clicked) if clicked else None


def _nothing() -> None:
    """Streamlit returns only the triggers that have a callback."""
