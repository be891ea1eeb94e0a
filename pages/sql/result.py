"""An answer in rows: how many, how long it took, the table and the file."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.widgets import empty_state
from services.core.actors import Actor
from services.core.humanize import count_of
from services.database.read_only.reader import QueryResult

ROW_PIXELS = 30
MOST_ROWS_SEEN = 16
_DIAGNOSED = re.compile(r"(gen|run|ast|mas|batch)_\w+", re.ASCII)
_WHOLE = frozenset({"int2", "int4", "int8"})
_EXACT = 2**53
"""A browser's numbers are exact up to here: a seed beyond it stays a text."""
_TIME = "YYYY-MM-DD HH:mm:ss"
_BROKEN = frozenset({"numeric", "float4", "float8"})


def draw_result(actor: Actor, result: QueryResult, *, name: str, link: str = "") -> None:
    """Draw it; `link` is the address that shows it again, and `name` the file's."""
    facts([("", _told(result, link))], key="sql_told")
    if not result.rows:
        empty_state(
            "No rows",
            "The question was answered: there is nothing of that kind now.",
            icon="table_rows",
        )
        return
    with st.container(key="sql_rows"):
        _table(result)
    st.download_button(
        "CSV",
        data=partial(_csv, actor, result),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="sql_csv",
    )


def _told(result: QueryResult, link: str) -> list[elements.Element]:
    told = [
        elements.text(count_of(len(result.rows), "row"), "strong"),
        elements.text(f"in {result.seconds:.2f} s"),
    ]
    if result.is_truncated:
        told.append(
            elements.badge("Cut: more rows or longer cells are there", "amber", "content_cut")
        )
    if link:
        told.append(elements.chip(link, name="the link to this answer", shown="Copy link"))
    return told


def _csv(actor: Actor, result: QueryResult) -> str:
    """Called when the file is fetched, where no visit can be asked who it is."""
    return services().sql_views.csv(actor, result)


def _table(result: QueryResult) -> None:
    names = _told_apart(result.columns)
    types = result.types or ("",) * len(names)
    columns: dict[str, Any] = {}
    looks: dict[str, Any] = {}
    for index, (name, kind) in enumerate(zip(names, types, strict=True)):
        cells = [row[index] for row in result.rows]
        columns[name], looks[name] = _column(name, kind, cells)
    seen = min(len(result.rows), MOST_ROWS_SEEN)
    st.dataframe(
        columns,
        column_config=looks,
        hide_index=True,
        row_height=ROW_PIXELS,
        height=(seen + 1) * ROW_PIXELS + 6,
        placeholder="",
        key="sql_table",
    )


def _told_apart(names: Sequence[str]) -> list[str]:
    """A statement may name two columns alike, a table may not."""
    seen: Counter[str] = Counter()
    apart = []
    for name in names:
        seen[name] += 1
        apart.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return apart


def _column(name: str, kind: str, cells: list[str | None]) -> tuple[list[Any], Any]:
    """The cells as a table sorts and shows them; what has no such value stays a text."""
    given = [cell for cell in cells if cell is not None]
    try:
        if kind in _WHOLE and all(abs(int(cell)) <= _EXACT for cell in given):
            return _each(int, cells), st.column_config.NumberColumn(name)
        if kind in _BROKEN:
            return _each(float, cells), st.column_config.NumberColumn(name)
        if kind == "timestamptz":
            zone = st.context.timezone
            look = st.column_config.DatetimeColumn(name, format=_TIME, timezone=zone)
            return _each(datetime.fromisoformat, cells), look
    except ValueError:
        return cells, st.column_config.TextColumn(name)
    if given and all(_DIAGNOSED.fullmatch(cell) for cell in given):
        look = st.column_config.LinkColumn(name, display_text=r"id=(.+)$")
        return _each("diagnose?id={}".format, cells), look
    return cells, st.column_config.TextColumn(name)


def _each(made: Callable[[str], Any], cells: list[str | None]) -> list[Any]:
    return [None if cell is None else made(cell) for cell in cells]
