"""A table of parts: headings and aligned numbers where there is room, wrapped lines where not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pages.kit.components.elements import Element, register

Cells = Sequence[Sequence[Element]]

_table = register("table")


@dataclass(frozen=True)
class Column:
    """One heading; numbers stand to the right, and one wide column takes what room there is."""

    name: str
    is_number: bool = False
    is_wide: bool = False


@dataclass(frozen=True)
class Chosen:
    """What was done in a table whose rows can be chosen."""

    go: str | None
    ids: tuple[str, ...]
    """Of the chosen rows, in their order."""


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
    result = _table(key=key, data=_data(columns, rows, title, chosen), on_go_change=_nothing)
    clicked = result.get("go")
    return str(clicked) if clicked else None


def choice_table(
    columns: Sequence[Column], rows: Sequence[Cells], ids: Sequence[str], *, key: str
) -> Chosen:
    """The same with a box before each row; `ids` has one for each, and counts while it is shown."""
    result = _table(
        key=key,
        data=_data(columns, rows, "", None) | {"ids": list(ids)},
        default={"picked": []},
        on_go_change=_nothing,
        on_picked_change=_nothing,
    )
    picked = set(result.get("picked") or ())
    clicked = result.get("go")
    return Chosen(
        str(clicked) if clicked else None, tuple(row_id for row_id in ids if row_id in picked)
    )


def _data(
    columns: Sequence[Column], rows: Sequence[Cells], title: str, chosen: int | None
) -> dict[str, Any]:
    return {
        "title": title,
        "columns": [asdict(column) for column in columns],
        "rows": [[list(cell) for cell in row] for row in rows],
        "chosen": chosen,
    }


def _nothing() -> None:
    """Streamlit returns only the triggers that have a callback."""
