"""Newer and older: a list's keyset cursors, kept for as long as what it shows stays the same."""

import streamlit as st


def cursor_of(name: str, view: str) -> str | None:
    """The cursor of the page to show; the first page again when `view` is another than before."""
    cursors = _kept(name, view)
    return cursors[-1] if cursors else None


def draw_turn(
    name: str, view: str, next_cursor: str | None, words: tuple[str, str] = ("Newer", "Older")
) -> None:
    """The two buttons; nothing where everything is on one page."""
    cursors = _kept(name, view)
    if not cursors and next_cursor is None:
        return
    newer = cursors[:-1] if len(cursors) > 2 else []
    older = [*(cursors or [view]), next_cursor or ""]
    with st.container(horizontal=True, key=f"{name}_pages"):
        st.button(
            words[0], icon=":material/chevron_left:", key=f"{name}_newer", disabled=not cursors,
            on_click=_show, args=(name, newer),
        )  # fmt: skip
        st.button(
            words[1], icon=":material/chevron_right:", icon_position="right", key=f"{name}_older",
            disabled=next_cursor is None, on_click=_show, args=(name, older),
        )  # fmt: skip


def _kept(name: str, view: str) -> list[str]:
    """What is shown, and then the cursor of each page up to the present one."""
    cursors = list(st.session_state.get(_key(name), []))
    return cursors if cursors and cursors[0] == view else []


def _show(name: str, cursors: list[str]) -> None:
    st.session_state[_key(name)] = cursors


def _key(name: str) -> str:
    return f"{name}_cursors"
