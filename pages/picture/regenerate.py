"""Making one picture of a mascot again: the button on its page, and the dialog with its price."""

import secrets

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.components import elements
from pages.kit.components.facts import facts
from pages.kit.frame import action, flash, require_role
from pages.kit.widgets import price_line
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.states import Kind, Role, SlotRole
from services.gallery.picture import PictureDetail
from services.recipes.base import Quote

ROLES = (SlotRole.FULL_BODY, SlotRole.AVATAR, SlotRole.SQUARE_ICON)
WORDS = "again_words"
KEY = "again_key"


def offer_again(actor: Actor, picture: PictureDetail) -> None:
    """The button, on a mascot's own pictures and for those who may start."""
    if picture.kind is not Kind.MASCOTS or picture.role not in ROLES or picture.slot_id is None:
        return
    if actor.role is Role.VIEWER:
        return
    if st.button("Make this one again", icon=":material/refresh:", key="make_again"):
        st.session_state[KEY] = secrets.token_hex(16)
        st.session_state.pop(WORDS, None)
        ask_again(picture.slot_id, picture.role)


@st.dialog("Make this one again", icon=":material/refresh:")
def ask_again(slot_id: str, role: SlotRole) -> None:
    """Price, prompt and words of the new picture, and the button that starts it once."""
    actor = require_role(Role.OPERATOR)
    st.caption(_what(role))
    words = st.text_input(
        "Words to add (optional)", key=WORDS, max_chars=300, placeholder="smiling, eyes open"
    )
    with action("quote_again"):
        quote = services().mascots.regenerate_quote(actor, slot_id, words or "")
        _draw(actor, slot_id, words or "", quote)


def _what(role: SlotRole) -> str:
    made_from = (
        "It is made from the same references"
        if role is SlotRole.FULL_BODY
        else "It is made from the newest full body"
    )
    return f"{made_from}. The picture that is there stays; the newest one stands for the mascot."


def _draw(actor: Actor, slot_id: str, words: str, quote: Quote) -> None:
    lines: list[tuple[str, list[elements.Element]]] = [
        (prompt.label, [elements.text(prompt.text, "prose")]) for prompt in quote.final_prompts
    ]
    facts(lines, title="What will be sent", key="again_prompt")
    st.markdown(price_line(quote))
    for problem in quote.problems:
        st.error(escaped(problem))
    if st.button("Make it again", type="primary", key="again_go", disabled=bool(quote.problems)):
        key = st.session_state.setdefault(KEY, secrets.token_hex(16))
        started = services().mascots.regenerate(actor, slot_id, key, words)
        clear_cached_reads()
        later = "" if started.is_queue_available else " It begins when the queue answers again."
        flash(f"It is being made again: see Mascots.{later}", ":material/refresh:")
        st.rerun()
