"""A query's result: row count, duration, table and CSV."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.fields import csv_button
from pages.kit.widgets import empty_state
from services.core.actors import Actor
from services.core.humanize import count_of
from services.database.query_result import QueryResult

ROW_PIXELS = 30
MAX_VISIBLE_ROWS = 16
_DIAGNOSED = re.compile(r"(gen|run|ast|mas|batch)_\w+", re.ASCII)
_INTEGERS = frozenset({"int2", "int4", "int8"})
_MAX_EXACT = 2**53
"""A browser's numbers are exact up to here; a larger seed is shown as text."""
_TIME = "YYYY-MM-DD HH:mm:ss"
_FRACTIONS = frozenset({"numeric", "float4", "float8"})


def draw_result(actor: Actor, result: QueryResult, *, name: str, link: str = "") -> None:
    """Draw the result; `link` is its address, `name` the CSV file's name."""
    facts([("", _summary(result, link))], key="sql_summary")
    if not result.rows:
        empty_state(
            "No rows",
            "The query ran; nothing matches now.",
            icon="table_rows",
        )
        return
    with st.container(key="sql_rows"):
        _table(result)
    csv_button(name, "sql_csv", services().sql_views.csv, actor, result)


def _summary(result: QueryResult, link: str) -> list[elements.Element]:
    summary = [
        elements.text(count_of(len(result.rows), "row"), "strong"),
        elements.text(f"in {result.seconds:.2f} s"),
    ]
    if result.is_truncated:
        summary.append(
            elements.badge("Truncated: more rows or longer cells exist", "amber", "content_cut")
        )
    if link:
        summary.append(elements.chip(link, name="link to this answer", shown="Copy link"))
    return summary


def _table(result: QueryResult) -> None:
    names = _unique(result.columns)
    types = dict(zip(names, result.types, strict=True)) if result.types else {}
    frame = pd.DataFrame(result.rows, columns=names, dtype=object)
    columns = {name: _typed(frame[name], types.get(name, "")) for name in names}
    seen = min(len(result.rows), MAX_VISIBLE_ROWS)
    st.dataframe(
        pd.DataFrame({name: cells for name, (cells, _) in columns.items()}),
        column_config={name: config for name, (_, config) in columns.items()},
        hide_index=True,
        row_height=ROW_PIXELS,
        height=(seen + 1) * ROW_PIXELS + 6,
        placeholder="",
        key="sql_table",
    )


def _unique(names: Sequence[str]) -> list[str]:
    """Number equal column names: a statement may return them, a table may not."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def _typed(cells: "pd.Series[Any]", kind: str) -> tuple["pd.Series[Any]", Any]:
    """Return typed cells and their column; a column with a value that does not parse is text."""
    given = cells.dropna()
    try:
        if kind in _INTEGERS and all(abs(int(cell)) <= _MAX_EXACT for cell in given):
            return pd.to_numeric(cells).astype("Int64"), st.column_config.NumberColumn()
        if kind in _FRACTIONS:
            return pd.to_numeric(cells).astype("Float64"), st.column_config.NumberColumn()
        if kind == "timestamptz":
            zone = st.context.timezone
            config = st.column_config.DatetimeColumn(format=_TIME, timezone=zone)
            return pd.to_datetime(cells, utc=True, format="ISO8601"), config
    except ValueError:
        return cells, st.column_config.TextColumn()
    if len(given) and all(_DIAGNOSED.fullmatch(cell) for cell in given):
        config = st.column_config.LinkColumn(display_text=r"id=(.+)$")
        return ("diagnose?id=" + cells).where(cells.notna(), None), config
    return cells, st.column_config.TextColumn()
