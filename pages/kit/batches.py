"""Batches that fill in while one looks, and the decision that a lost answer needs."""

from collections.abc import Callable

import streamlit as st

from pages.kit import batch_actions
from pages.kit.backend import clear_cached_reads, generations, services
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.widgets import WHY, batch_section, open_diagnosis, open_picture
from services.core.actors import Actor
from services.core.states import Kind, Role
from services.monitoring.generations import GenerationCard
from services.recipes.registry import RECIPES

PAGE = 10
MOST = 60
TILE = 132


def batches(kind: Kind, *, empty_sentence: str) -> None:
    """The newest batches of this kind; they tick fast only while one of them is live."""
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
    cards: list[GenerationCard],
    actor: Actor,
    *,
    key: str,
    group: int = 1,
    section: Callable[..., Section] = batch_section,
) -> None:
    """Draw these batches; opens pictures, and asks for the decision that a slot needs."""
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
    wanted, _, generation_id = (clicked.go or "").partition(":")
    if wanted == WHY:
        open_diagnosis(generation_id)
    elif clicked.go:
        batch_actions.ask(clicked.go)


def _cards(kind: Kind, actor: Actor) -> list[GenerationCard]:
    limit = int(st.session_state.get(f"batches_{kind.value}_limit", PAGE))
    return list(generations(actor, (kind,), limit=limit).items)


def _more(kind: Kind, cards: list[GenerationCard]) -> None:
    limit = int(st.session_state.get(f"batches_{kind.value}_limit", PAGE))
    if len(cards) < limit or limit >= MOST:
        return
    if st.button("Show older batches", type="tertiary", key=f"older_{kind.value}"):
        st.session_state[f"batches_{kind.value}_limit"] = limit + PAGE
        st.rerun(scope="fragment")


def ask_for_decision() -> None:
    """Open the dialog that a click asked for."""
    batch_actions.answer()
    run_id = st.session_state.pop("decide", None)
    if run_id:
        _decide(str(run_id))


@st.dialog("Was this picture made?", icon=":material/front_hand:")
def _decide(run_id: str) -> None:
    if st.session_state.pop("decided", False):
        st.rerun()
    draw_message("decide_told")
    st.write(
        "The provider's answer was lost, so nobody knows whether it made the picture. Making it"
        " again may cost the provider's price a second time; giving up returns the credits."
    )
    st.text_input("Reason", key="decide_reason", placeholder="What you found out", max_chars=200)
    with st.container(horizontal=True):
        st.button("Make it again", type="primary", on_click=_settle, args=(run_id, True))
        st.button("Give up and refund", on_click=_settle, args=(run_id, False))


def _settle(run_id: str, is_again: bool) -> None:
    reason = str(st.session_state.get("decide_reason") or "").strip() or "No reason given"
    with action("settle_review", message_key="decide_told"):
        actor = require_role(Role.OPERATOR)
        decide = services().review.resubmit if is_again else services().review.give_up
        decide(actor, run_id, reason)
        clear_cached_reads()
        st.session_state["decided"] = True
        flash("It is being made again." if is_again else "Given up. The credits are back.")
