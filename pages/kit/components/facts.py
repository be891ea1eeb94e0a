"""Rows of facts: a label with its parts, or plain lines without labels."""

from collections.abc import Sequence

from pages.kit.components.elements import Element, register

Line = tuple[str, Sequence[Element]]

_facts = register("facts")


def facts(
    lines: Sequence[Line],
    *,
    key: str,
    title: str = "",
    parts: Sequence[Element] = (),
    is_page_title: bool = False,
) -> str | None:
    """Draw one row a line; lines without labels become a list with hairlines.

    Returns the id of the `go` part that was clicked in this run.
    """
    result = _facts(
        key=key,
        data={
            "title": title,
            "is_page_title": is_page_title,
            "parts": list(parts),
            "rows": [{"label": label, "parts": list(row)} for label, row in lines],
        },
        on_go_change=_nothing,
    )
    clicked = result.get("go")
    return str(clicked) if clicked else None


def _nothing() -> None:
    """Streamlit returns only the triggers that have a callback."""
