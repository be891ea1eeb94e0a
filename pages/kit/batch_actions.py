"""What a person can do with a whole batch: cancel it, or have what is missing made again."""

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.widgets import CANCEL, RETRY
from pages.kit.wording import count_of, credits_of, dollars, escaped
from services.core.states import Role
from services.pipeline.cancel import CancelPreview
from services.recipes.registry import RECIPES

_ASKED, _DONE, _MESSAGE = "batch_asked", "batch_done", "batch_told"


def ask(wanted: str) -> None:
    """Remember the button that was clicked; its dialog opens with the next run."""
    st.session_state[_ASKED] = wanted
    st.rerun()


def answer() -> None:
    """Open the dialog that was asked for; call outside of fragments."""
    what, _, generation_id = str(st.session_state.pop(_ASKED, "")).partition(":")
    if what == CANCEL:
        _cancel(generation_id)
    elif what == RETRY:
        _retry(generation_id)


@st.dialog("Cancel it?", icon=":material/block:")
def _cancel(generation_id: str) -> None:
    _close_when_done()
    draw_message(_MESSAGE)
    with action("preview_cancel", is_page=True):
        preview = services().cancel.preview(require_role(Role.OPERATOR), generation_id)
    is_training = RECIPES[preview.kind].noun == "training"
    st.write(_what_cancel_does(preview, is_training))
    if preview.at_provider:
        st.caption(_what_is_there(preview, is_training))
    st.text_input("Reason (optional)", key="cancel_reason", max_chars=200)
    with st.container(horizontal=True):
        st.button(
            "Cancel the training" if is_training else "Cancel the batch",
            type="primary",
            key="cancel_go",
            on_click=_do_cancel,
            args=(generation_id,),
        )
        st.button("Let it run", key="cancel_keep", on_click=_finish)


def _what_cancel_does(preview: CancelPreview, is_training: bool) -> str:
    if is_training:
        return f"The training ends. {credits_of(preview.credits)} come back."
    pictures = count_of(preview.open_slots, "picture is", "pictures are")
    return (
        f"{pictures} not there yet. {credits_of(preview.credits)} come back for what is not made."
    )


def _what_is_there(preview: CancelPreview, is_training: bool) -> str:
    if is_training:
        return (
            "It is canceled at the provider. If it has finished there by then, it was paid for:"
            " the model is kept and stays charged."
        )
    return (
        f"{count_of(preview.at_provider, 'picture is', 'pictures are')} with a provider and"
        " canceled there. What it has finished by then was paid for: it is kept and stays charged."
    )


@st.dialog("Make what is missing again?", icon=":material/replay:")
def _retry(generation_id: str) -> None:
    _close_when_done()
    draw_message(_MESSAGE)
    with action("quote_retry", is_page=True):
        quote = services().retry.quote(require_role(Role.OPERATOR), generation_id)
    about = f"about {dollars(quote.cost_usd)}".replace("about under", "under").replace("$", r"\$")
    st.write(
        f"**{count_of(quote.slot_count, 'picture')}** · {credits_of(quote.price_credits)} · {about}"
    )
    st.caption(
        "Only what did not arrive is made. Its credits came back before; now they are charged again."
    )
    for problem in quote.problems:
        st.error(escaped(problem))
    with st.container(horizontal=True):
        st.button(
            f"Make {count_of(quote.slot_count, 'picture')}",
            type="primary",
            key="retry_go",
            disabled=bool(quote.problems),
            on_click=_do_retry,
            args=(generation_id,),
        )
        st.button("Not now", key="retry_keep", on_click=_finish)


def _do_cancel(generation_id: str) -> None:
    with action("cancel", message_key=_MESSAGE):
        reason = str(st.session_state.get("cancel_reason") or "")
        services().cancel.cancel(require_role(Role.OPERATOR), generation_id, reason)
        _finish()
        flash("Canceled. What was not made is refunded.")


def _do_retry(generation_id: str) -> None:
    with action("retry", message_key=_MESSAGE):
        count = services().retry.start(require_role(Role.OPERATOR), generation_id)
        _finish()
        flash(f"{count_of(count, 'picture is', 'pictures are')} being made again.")


def _finish() -> None:
    clear_cached_reads()
    st.session_state[_DONE] = True


def _close_when_done() -> None:
    if st.session_state.pop(_DONE, False):
        st.rerun()
