"""The row component: facts, tables, rows to choose from, and groups that fold; rows hold elements."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pages.kit.components.elements import Element, ignore_change, register

Cells = Sequence[Sequence[Element]]
Line = tuple[str, Sequence[Element]]

_rows = register("rows")


@dataclass(frozen=True)
class Column:
    """A column; numbers are aligned right, a wide one takes the remaining space.

    `width`: at least so many pixels, so that the columns of several groups are aligned.
    """

    name: str = ""
    is_number: bool = False
    is_wide: bool = False
    width: int = 0


@dataclass(frozen=True)
class Row:
    """One row: its cells, with a label before them or an id by which it can be chosen.

    `is_pinned`: shown while its group is folded. `is_marked`: the one that is open elsewhere.
    """

    cells: Cells
    label: str = ""
    id: str = ""
    is_marked: bool = False
    is_pinned: bool = False


@dataclass(frozen=True)
class RowGroup:
    """Rows below one heading. `head` is drawn beside the title, `foot` below the rows.

    `icon` is a Material symbol in a circle of `tone`; `count` is a pill of `tone`.
    """

    rows: Sequence[Row] = ()
    id: str = ""
    title: str = ""
    level: int = 3
    head: Sequence[Element] = ()
    text: str = ""
    foot: Sequence[Element] = ()
    columns: Sequence[Column] = ()
    icon: str = ""
    tone: str = ""
    count: int | None = None
    is_folding: bool = False
    """Starts folded; the visitor opens it."""
    is_live: bool = False
    """Read out by screen readers when it changes."""
    is_choice: bool = False
    """A box before each row chooses it."""


@dataclass(frozen=True)
class Choice:
    """The element that was clicked, and the ids of the chosen rows in the rows' order."""

    clicked: str | None
    ids: tuple[str, ...]


def row_groups(groups: Sequence[RowGroup], *, key: str) -> str | None:
    """Draw the groups; returns the id of the element that was clicked in this run."""
    return _draw(groups, key).clicked


def facts(
    lines: Sequence[Line],
    *,
    key: str,
    title: str = "",
    head: Sequence[Element] = (),
    is_page_title: bool = False,
) -> str | None:
    """Draw label and elements of each line; returns the id of the element that was clicked."""
    rows = [Row([elements], label) for label, elements in lines]
    level = 1 if is_page_title else 3
    return row_groups([RowGroup(rows, title=title, level=level, head=head)], key=key)


def table(
    columns: Sequence[Column],
    rows: Sequence[Cells],
    *,
    key: str,
    title: str = "",
    marked: int | None = None,
) -> str | None:
    """Draw a table, row number `marked` highlighted; returns the id of the clicked element."""
    drawn = [Row(cells, is_marked=number == marked) for number, cells in enumerate(rows)]
    return row_groups([RowGroup(drawn, title=title, columns=columns)], key=key)


def choice_table(
    columns: Sequence[Column], rows: Sequence[Cells], ids: Sequence[str], *, key: str
) -> Choice:
    """Draw a table with a box before each row; `ids` has one id for each row."""
    drawn = [Row(cells, id=row_id) for cells, row_id in zip(rows, ids, strict=True)]
    return _draw([RowGroup(drawn, columns=columns, is_choice=True)], key)


def _draw(groups: Sequence[RowGroup], key: str) -> Choice:
    result: Any = _rows(
        key=key,
        data={"groups": [asdict(group) for group in groups]},
        default={"chosen": []},
        on_clicked_change=ignore_change,
        on_chosen_change=ignore_change,
    )
    clicked, chosen = result.get("clicked"), set(result.get("chosen") or ())
    ids = (row.id for group in groups for row in group.rows if row.id in chosen)
    return Choice(str(clicked) if clicked else None, tuple(ids))
