"""A strip of figures: a number with its name, and a button that opens its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

MIN_WIDTH = 150


@dataclass(frozen=True)
class Figure:
    """One number; `tone`, a badge's, puts a dot of that color before its name.

    `opens`: the note is a button. `spark`: a bar each, oldest first.
    """

    id: str
    label: str
    value: str
    note: str = ""
    tone: str = ""
    opens: bool = False
    spark: Sequence[int] = ()
    spark_label: str = ""


def figures(strip: Sequence[Figure], *, key: str) -> str | None:
    """Draw the strip; returns the id of the figure that was clicked in this run."""
    with st.grid(
        len(strip), min_column_width=MIN_WIDTH, border=True, gap="xsmall", key=key
    ) as grid:
        clicked = [figure.id for figure in strip if _draw(figure, grid, key)]
    return clicked[0] if clicked else None


def _draw(figure: Figure, grid: Any, key: str) -> bool:
    color = "orange" if figure.tone == "amber" else figure.tone
    dot = f":{color}[●] " if color else ""
    with grid.cell(), st.container(gap=None):
        st.metric(
            f"{dot}{figure.label}",
            figure.value.replace("$", r"\$"),
            help=figure.spark_label or None,
            chart_data=figure.spark or None,
            chart_type="bar",
        )
        if figure.opens:
            return st.button(
                figure.note.replace("$", r"\$"),
                type="tertiary",
                wrap=True,
                key=f"{key}_{figure.id}",
            )
        if figure.note:
            st.caption(figure.note.replace("$", r"\$"))
    return False
