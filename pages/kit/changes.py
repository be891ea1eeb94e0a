"""The foot of every dialog that changes something: the reason, and a button that closes it."""

from collections.abc import Callable

import streamlit as st

from pages.kit.backend import clear_cached_reads
from pages.kit.frame import action, draw_message, flash, require_role
from services.core.actors import Actor
from services.core.states import Role

DONE = "change_is_done"
Save = Callable[[Actor, str], str]
"""Makes the change for a reason, and returns what to tell, in our words alone."""


def change_row(key: str, label: str, save: Save, role: Role = Role.ADMIN) -> None:
    """Draw the reason and the button; what goes wrong is told below them, and nothing closes."""
    if st.session_state.pop(DONE, False):
        st.rerun()
    st.text_input(
        "Reason",
        key=f"{key}_reason",
        max_chars=200,
        placeholder="Why; it is kept with the change",
    )
    st.button(
        label,
        type="primary",
        key=f"{key}_save",
        on_click=_save,
        args=(key, save, role),
        width="stretch",
    )
    draw_message(_told(key))


def _save(key: str, save: Save, role: Role) -> None:
    with action(key, message_key=_told(key)):
        actor = require_role(role)
        told = save(actor, str(st.session_state.get(f"{key}_reason") or ""))
        clear_cached_reads()
        flash(told)
        st.session_state[DONE] = True


def _told(key: str) -> str:
    return f"{key}_told"
