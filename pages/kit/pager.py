"""Newer and older: which page of a long list is shown, kept for as long as its view stays."""

import streamlit as st


def shown_after(key: str, view: str) -> str | None:
    """The cursor of the page that is to be shown; None for the first. Another view begins anew."""
    turned = _turned(key, view)
    return turned[-1] if turned else None


def draw_pager(
    key: str, view: str, next_cursor: str | None, words: tuple[str, str] = ("Newer", "Older")
) -> None:
    """Draw both buttons below a list; nothing where everything is on one page."""
    turned = _turned(key, view)
    if not turned and next_cursor is None:
        return
    with st.container(horizontal=True, key=f"{key}_pages"):
        st.button(
            words[0],
            icon=":material/chevron_left:",
            key=f"{key}_newer",
            disabled=not turned,
            on_click=_turn,
            args=(key, view, turned[:-1]),
        )
        st.button(
            words[1],
            icon=":material/chevron_right:",
            icon_position="right",
            key=f"{key}_older",
            disabled=next_cursor is None,
            on_click=_turn,
            args=(key, view, [*turned, next_cursor or ""]),
        )


def _turned(key: str, view: str) -> list[str]:
    kept_view, cursors = st.session_state.get(_name(key), ("", []))
    return list(cursors) if kept_view == view else []


def _turn(key: str, view: str, cursors: list[str]) -> None:
    st.session_state[_name(key)] = (view, cursors)


def _name(key: str) -> str:
    return f"{key}_cursors"
