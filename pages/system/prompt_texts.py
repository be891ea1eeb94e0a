"""The texts that prompts are made with, for admins: each with the dialog that changes it."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Column, table
from pages.kit.forms import change_row
from pages.kit.frame import action, require_role
from services.core.actors import Actor
from services.core.states import Role
from services.recipes.prompt_texts import MAX_CHARACTERS, PromptTextSummary

COLUMNS = (Column("Text", width=240), Column("Words", is_wide=True), Column("Changed"))
OPENED = "prompt_text_opened"


def draw_prompt_texts(actor: Actor) -> None:
    """Draw every text; a click on a name opens its dialog."""
    with action("read_prompt_texts"):
        texts = {text.id: text for text in services().prompt_texts.all(actor)}
        opened = st.session_state.pop(OPENED, None)
        with st.expander("Prompts and styles", icon=":material/edit_note:"):
            st.caption("A change counts from the next start on; running work keeps its prompts.")
            clicked = table(COLUMNS, [_row(text) for text in texts.values()], key="prompt_texts")
            if clicked:
                st.session_state[OPENED] = clicked
                st.rerun()
        if opened in texts:
            _edit(texts[opened])


def _row(text: PromptTextSummary) -> list[list[elements.Element]]:
    changed = (
        elements.text("default") if text.changed_at is None else elements.time(text.changed_at)
    )
    return [[elements.button(text.label, text.id)], [elements.text(text.text, "prose")], [changed]]


@st.dialog("Change a text", icon=":material/edit_note:", width="medium")
def _edit(text: PromptTextSummary) -> None:
    require_role(Role.ADMIN)
    key = f"prompt_text_{text.id}"
    st.text_area(text.label, text.text, key=key, height=160, max_chars=MAX_CHARACTERS)

    def save(actor: Actor, reason: str) -> str:
        words = str(st.session_state[key] or "")
        services().prompt_texts.change(actor, text.id, words, reason)
        return "Text changed."

    def restore(actor: Actor, reason: str) -> str:
        services().prompt_texts.change(actor, text.id, "", reason)
        return "Default restored."

    other = None if text.changed_at is None else ("Restore the default", restore)
    change_row(f"change_{text.id}", "Save", save, other=other)
