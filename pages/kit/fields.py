"""Fields of a filter row: search, segments, choices whose labels the address holds, and CSV."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import streamlit as st
from streamlit.elements.lib.layout_utils import WidthWithoutContent


def search_field(
    label: str,
    key: str,
    *,
    width: WidthWithoutContent = "stretch",
    is_in_address: bool = False,
    max_chars: int | None = None,
) -> str:
    """Draw a search field that filters while typing; return its text."""
    text = st.text_input(
        label,
        type="search",
        live="300ms",
        placeholder=label,
        max_chars=max_chars,
        key=key,
        bind="query-params" if is_in_address else None,
        label_visibility="collapsed",
        width=width,
    )
    return text or ""


def segments(
    label: str,
    options: Iterable[str],
    key: str,
    *,
    default: str = "",
    is_in_address: bool = True,
    format_func: Callable[[str], str] = str,
) -> str:
    """Draw a choice of one without its label; the first option is the default."""
    offered = list(options)
    chosen = st.segmented_control(
        label,
        offered,
        default=default or offered[0],
        required=True,
        format_func=format_func,
        key=key,
        bind="query-params" if is_in_address else None,
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen or default or offered[0]


def choice_field(
    everything: str,
    labels: Mapping[str, str],
    key: str,
    width: int,
    *,
    is_in_address: bool = True,
) -> str | None:
    """Draw a filter of these values with their labels; return the value, None for `everything`."""
    names = unique_labels(labels)
    return st.selectbox(
        everything,
        list(names),
        index=None,
        format_func=lambda value: names.get(value, value),
        placeholder=everything,
        key=key,
        bind="query-params" if is_in_address else None,
        label_visibility="collapsed",
        width=width,
    )


def unique_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels by value; equal ones get their value appended, as the address holds labels."""
    counts = Counter(labels.values())
    return {
        value: label if counts[label] == 1 else f"{label} · {value}"
        for value, label in labels.items()
    }


def csv_button(name: str, key: str, read: Callable[..., str], *args: object) -> None:
    """Draw a download; `read` runs when it is clicked, in a request without a session."""
    st.download_button(
        "CSV",
        data=partial(read, *args),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
        key=key,
    )
