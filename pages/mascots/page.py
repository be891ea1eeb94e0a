"""Mascots: the form with its price and prompts, and the batches."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.batches import batches
from pages.kit.components.tile_grid import Choice, Section, picked_among, tile_grid, toggles
from pages.kit.forms import start_row
from pages.kit.frame import action, require_role
from pages.kit.references import reference_tile
from pages.kit.sidebar import current_account
from pages.kit.widgets import page_title
from services.core.actors import Actor
from services.core.states import Kind, Role
from services.recipes.mascots.pictures import CUSTOM_STYLE, STYLES
from services.recipes.mascots.recipe import MascotsRequest

PICKED, GRID = "mascot_references", "mascot_reference_grid"


def draw_form(actor: Actor) -> None:
    """Draw the form with its price."""
    account = current_account(actor)
    can_start = actor.role is not Role.VIEWER
    with st.container(border=True, key="mascots_form"):
        words, choices = st.columns([3, 2], gap="medium")
        with words:
            st.text_input(
                "Name", key="mascot_name", max_chars=80, placeholder="Pip", disabled=not can_start
            )
            st.text_area(
                "Description",
                key="mascot_description",
                height=112,
                placeholder="A round fox with a red scarf, big curious eyes and short legs",
                disabled=not can_start,
            )
        with choices:
            _style(can_start)
            st.slider(
                "Variations",
                1,
                6,
                3,
                key="mascot_variations",
                help="Each is a full body, then an avatar and a square icon made from it.",
                disabled=not can_start,
            )
        _references(actor, account.id, can_start)
        _start(actor, _request(account.id), can_start)


def _style(can_start: bool) -> None:
    chosen = st.selectbox(
        "Style", [*STYLES, CUSTOM_STYLE], key="mascot_style", disabled=not can_start
    )
    if chosen == CUSTOM_STYLE:
        st.text_input(
            "Style in words",
            key="mascot_style_words",
            max_chars=80,
            placeholder="1930s rubber hose cartoon",
            disabled=not can_start,
        )


def _request(account_id: str) -> MascotsRequest:
    state = st.session_state
    return MascotsRequest(
        account_id=account_id,
        name=state["mascot_name"] or "",
        description=state["mascot_description"] or "",
        style=state["mascot_style"],
        reference_ids=tuple(state.get(PICKED, ())),
        variations=state["mascot_variations"],
        style_words=state.get("mascot_style_words") or "",
    )


def _references(actor: Actor, account_id: str, can_start: bool) -> None:
    with action("read_references", is_page=True):
        cards = services().references.page(actor, account_id, limit=24).items
    picked = picked_among(PICKED, (card.id for card in cards))
    if not cards:
        st.caption("References are optional. Add some on the References page to work from them.")
        return
    label = f"References · {len(picked)} chosen" if picked else "References (optional)"
    with st.expander(label, icon=":material/imagesmode:", key="references_open"):
        tile_grid(
            [Section("references", [reference_tile(card) for card in cards])],
            key=GRID,
            label="References",
            min_width=84,
            choice=Choice("many", picked, not can_start, toggles(GRID, PICKED)),
        )


def _start(actor: Actor, request: MascotsRequest, can_start: bool) -> None:
    with action("quote_mascots", is_page=True):
        quote = services().mascots.quote(actor, request)
    names = "variation" if request.variations == 1 else "variations"
    start_row(
        "mascots",
        f"Make {request.variations} {names}",
        quote,
        request,
        lambda key: services().mascots.start(actor, request, key),
        is_blank=not (request.name.strip() and request.description.strip()),
        can_start=can_start,
    )


person = require_role(Role.VIEWER)
page_title("Mascots")
draw_form(person)
batches(Kind.MASCOTS, empty_sentence="Your first batch will appear here.")
