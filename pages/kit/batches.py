"""Batches that fill in live: their tiles, and the dialogs that cancel, retry or settle them."""

from collections.abc import Callable

import streamlit as st

from pages.kit.backend import clear_cached_reads, generations, services
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.widgets import CANCEL, RETRY, WHY, batch_section, open_diagnosis, open_picture
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import about_dollars, count_of, credits_of
from services.core.states import Kind, Role
from services.monitoring.generations import GenerationSummary
from services.pipeline.cancel import CancelPreview
from services.recipes.registry import RECIPES

PAGE = 10
MOST = 60
TILE = 132


def batches(kind: Kind, *, empty_sentence: str) -> None:
    """Draw the newest batches of this kind; they refresh fast only while one is live."""
    actor = require_role(Role.VIEWER)
    ask_for_decision()
    with action("read_batches", is_page=True):
        is_live = any(card.is_live for card in _cards(kind, actor))
    (_live if is_live else _calm)(kind, is_live, empty_sentence)


def _draw(kind: Kind, was_live: bool, empty_sentence: str) -> None:
    actor = require_role(Role.VIEWER)
    with action("read_batches", is_page=True):
        cards = _cards(kind, actor)
    if not cards and empty_sentence:
        st.caption(empty_sentence)
    grid(cards, actor, key=f"batches_{kind.value}", group=RECIPES[kind].tiles_in_group)
    _more(kind, cards)
    if any(card.is_live for card in cards) != was_live:
        st.rerun()


_live = st.fragment(_draw, run_every=2)
_calm = st.fragment(_draw, run_every=10)


def grid(
    cards: list[GenerationSummary],
    actor: Actor,
    *,
    key: str,
    group: int = 1,
    section: Callable[..., Section] = batch_section,
) -> None:
    """Draw these batches; a click opens a picture, a decision, a diagnosis or a dialog."""
    can_act = actor.role is not Role.VIEWER
    clicked = tile_grid(
        [section(card, can_act=can_act) for card in cards],
        key=key,
        label="Pictures",
        min_width=TILE,
        group=group,
    )
    slots = {slot.id: slot for card in cards for slot in card.slots}
    if clicked.open in slots:
        open_picture(slots[clicked.open].asset_id)
    if clicked.act in slots and slots[clicked.act].run_id:
        st.session_state["decide"] = slots[clicked.act].run_id
        st.rerun()
    what, _, generation_id = (clicked.element or "").partition(":")
    if what == WHY:
        open_diagnosis(generation_id)
    elif clicked.element:
        ask_action(clicked.element)


def _cards(kind: Kind, actor: Actor) -> list[GenerationSummary]:
    limit = int(st.session_state.get(f"batches_{kind.value}_limit", PAGE))
    return list(generations(actor, (kind,), limit=limit).items)


def _more(kind: Kind, cards: list[GenerationSummary]) -> None:
    limit = int(st.session_state.get(f"batches_{kind.value}_limit", PAGE))
    if len(cards) < limit or limit >= MOST:
        return
    if st.button("Show older batches", type="tertiary", key=f"older_{kind.value}"):
        st.session_state[f"batches_{kind.value}_limit"] = limit + PAGE
        st.rerun(scope="fragment")


def ask_for_decision() -> None:
    """Open the dialog that a click asked for."""
    open_asked()
    run_id = st.session_state.pop("decide", None)
    if run_id:
        _decide(str(run_id))


@st.dialog("Was this picture made?", icon=":material/front_hand:")
def _decide(run_id: str) -> None:
    if st.session_state.pop("decided", False):
        st.rerun()
    draw_message("decide_message")
    st.write(
        "The provider's response was lost, so it is unknown whether the picture was made. A retry"
        " may be paid twice at the provider; failing it refunds the credits."
    )
    st.text_input("Reason", key="decide_reason", placeholder="What you found out", max_chars=200)
    with st.container(horizontal=True):
        st.button("Retry", type="primary", on_click=_settle, args=(run_id, True))
        st.button("Fail and refund", on_click=_settle, args=(run_id, False))


def _settle(run_id: str, is_retry: bool) -> None:
    reason = str(st.session_state.get("decide_reason") or "").strip() or "No reason given"
    with action("settle_review", message_key="decide_message"):
        actor = require_role(Role.OPERATOR)
        decide = services().review.resubmit if is_retry else services().review.give_up
        decide(actor, run_id, reason)
        clear_cached_reads()
        st.session_state["decided"] = True
        flash("Retrying." if is_retry else "Failed and refunded.")


_ASKED, _DONE, _MESSAGE = "batch_asked", "batch_done", "batch_message"


def ask_action(button_id: str) -> None:
    """Remember the button that was clicked; its dialog opens with the next run."""
    st.session_state[_ASKED] = button_id
    st.rerun()


def open_asked() -> None:
    """Open the dialog that was asked for; call outside of fragments."""
    what, _, generation_id = str(st.session_state.pop(_ASKED, "")).partition(":")
    if what == CANCEL:
        _cancel_dialog(generation_id)
    elif what == RETRY:
        _retry_dialog(generation_id)


@st.dialog("Cancel?", icon=":material/block:")
def _cancel_dialog(generation_id: str) -> None:
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
        st.button("Keep running", key="cancel_keep", on_click=_finish)


def _what_cancel_does(preview: CancelPreview, is_training: bool) -> str:
    if is_training:
        return f"The training ends. {credits_of(preview.credits)} will be refunded."
    pictures = count_of(preview.open_slots, "picture is", "pictures are")
    return f"{pictures} not finished. {credits_of(preview.credits)} will be refunded."


def _what_is_there(preview: CancelPreview, is_training: bool) -> str:
    if is_training:
        return (
            "It is canceled at the provider. If it has finished there by then, it was paid for:"
            " the model is saved and charged."
        )
    return (
        f"{count_of(preview.at_provider, 'picture is', 'pictures are')} with a provider and"
        " canceled there. What it has finished by then was paid for: it is saved and charged."
    )


@st.dialog("Retry failed pictures?", icon=":material/replay:")
def _retry_dialog(generation_id: str) -> None:
    _close_when_done()
    draw_message(_MESSAGE)
    with action("quote_retry", is_page=True):
        quote = services().retry.quote(require_role(Role.OPERATOR), generation_id)
    about = about_dollars(quote.cost_usd).replace("$", r"\$")
    st.write(
        f"**{count_of(quote.slot_count, 'picture')}** · {credits_of(quote.price_credits)} · {about}"
    )
    st.caption("Only the missing pictures are generated and charged.")
    for problem in quote.problems:
        st.error(escaped(problem))
    with st.container(horizontal=True):
        st.button(
            f"Retry {count_of(quote.slot_count, 'picture')}",
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
        flash("Canceled. Unfinished pictures are refunded.")


def _do_retry(generation_id: str) -> None:
    with action("retry", message_key=_MESSAGE):
        count = services().retry.start(require_role(Role.OPERATOR), generation_id)
        _finish()
        flash(f"{count_of(count, 'picture is', 'pictures are')} being retried.")


def _finish() -> None:
    clear_cached_reads()
    st.session_state[_DONE] = True


def _close_when_done() -> None:
    if st.session_state.pop(_DONE, False):
        st.rerun()
