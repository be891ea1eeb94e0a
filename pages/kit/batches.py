"""Batches that fill in live: their tiles, and the dialogs that cancel or retry them."""

from collections.abc import Callable

import streamlit as st

from pages.kit.backend import generations, services
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.forms import change_row, close_when_done
from pages.kit.frame import action, require_role
from pages.kit.widgets import CANCEL, RETRY, WHY, batch_section, open_diagnosis, open_picture
from pages.kit.wording import RETRY_LABEL, escaped
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
    open_asked()
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
    """Draw these batches; a click opens a picture, a diagnosis or a dialog."""
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
    if clicked.act in slots:
        open_diagnosis(slots[clicked.act].generation_id)
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


_ASKED = "batch_asked"


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
    close_when_done()
    with action("preview_cancel", is_page=True):
        preview = services().cancel.preview(require_role(Role.OPERATOR), generation_id)
    is_training = RECIPES[preview.kind].noun == "training"
    st.write(_what_cancel_does(preview, is_training))
    if preview.at_provider:
        st.caption(_what_is_there(preview, is_training))

    def save(actor: Actor, reason: str) -> str:
        services().cancel.cancel(actor, generation_id, reason)
        return "Canceled. Unfinished pictures are refunded."

    label = "Cancel the training" if is_training else "Cancel the batch"
    change_row(
        "cancel", label, save, Role.OPERATOR, reason="Reason (optional)", dismiss="Keep running"
    )


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


@st.dialog(f"{RETRY_LABEL}?", icon=":material/replay:")
def _retry_dialog(generation_id: str) -> None:
    close_when_done()
    with action("quote_retry", is_page=True):
        quote = services().retry.quote(require_role(Role.OPERATOR), generation_id)
    is_training = RECIPES[quote.kind].noun == "training"
    what = "1 model" if is_training else count_of(quote.slot_count, "picture")
    about = about_dollars(quote.cost_usd).replace("$", r"\$")
    st.write(f"**{what}** · {credits_of(quote.price_credits)} · {about}")
    st.caption("Only what is missing is made and charged; its refund stands.")
    for problem in quote.problems:
        st.error(escaped(problem))

    def save(actor: Actor, reason: str) -> str:
        services().retry.start(actor, generation_id)
        return f"Retrying {what}."

    change_row(
        "retry", f"{RETRY_LABEL} {what}", save, Role.OPERATOR,
        reason=None, dismiss="Not now", is_disabled=bool(quote.problems),
    )  # fmt: skip
