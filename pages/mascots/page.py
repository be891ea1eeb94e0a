"""Mascots: the form with its price and prompts, and the batches."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.batches import batches
from pages.kit.components.tile_grid import picked_among
from pages.kit.forms import start_row
from pages.kit.frame import action, require_role
from pages.kit.pickers import pick_many
from pages.kit.references import reference_tile
from pages.kit.sidebar import current_account
from pages.kit.widgets import page_title
from services.core.actors import Actor
from services.core.states import Kind, Role
from services.recipes.mascots.pictures import CUSTOM_STYLE
from services.recipes.mascots.recipe import MascotsRequest

PICKED = "mascot_references"


def draw_form(actor: Actor) -> None:
    """Draw the form with its price."""
    account = current_account(actor)
    with st.container(border=True, key="mascots_form"):
        words, choices = st.columns([3, 2], gap="medium")
        with words:
            st.text_input("Name", key="mascot_name", max_chars=80, placeholder="Pip")
            st.text_area(
                "Description",
                key="mascot_description",
                height=112,
                placeholder="A round fox with a red scarf, big curious eyes and short legs",
            )
        with choices:
            _style(actor)
            st.slider(
                "Variations",
                1,
                6,
                3,
                key="mascot_variations",
                help="Each is a full body, then an avatar and a square icon made from it.",
            )
        _references(actor, account.id)
        _start(actor, _request(account.id))


def _style(actor: Actor) -> None:
    with action("read_styles", is_page=True):
        styles = services().mascots.styles(actor)
    chosen = st.selectbox("Style", [*styles, CUSTOM_STYLE], key="mascot_style")
    if chosen == CUSTOM_STYLE:
        st.text_input(
            "Style in words",
            key="mascot_style_words",
            max_chars=80,
            placeholder="1930s rubber hose cartoon",
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


def _references(actor: Actor, account_id: str) -> None:
    with action("read_references", is_page=True):
        cards = services().references.page(actor, account_id, limit=24).items
    if not cards:
        st.caption("References are optional. Add some on the References page to work from them.")
        return
    count = len(picked_among(PICKED, (card.id for card in cards)))
    label = f"References · {count} chosen" if count else "References (optional)"
    with st.expander(label, icon=":material/imagesmode:", key="references_open"):
        pick_many("References", PICKED, [reference_tile(card) for card in cards])


def _start(actor: Actor, request: MascotsRequest) -> None:
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
    )


person = require_role(Role.VIEWER)
page_title("Mascots")
draw_form(person)
batches(Kind.MASCOTS, empty_sentence="Your first batch will appear here.")
