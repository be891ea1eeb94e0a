"""Choosing one photograph among an account's references, found by name when there are many."""

import streamlit as st

from pages.kit.backend import picture_url, services
from pages.kit.components.tile_grid import Choice, Section, Tile, tile_grid
from pages.kit.frame import action
from services.core.actors import Actor
from services.references.summaries import ReferencePage, ReferenceQuery, ReferenceSummary

PICKED = "photo_picked"
SHOWN = 60
SEARCH_FROM = 12
IN_ONE_ROW = 3


def photographs(actor: Actor, account_id: str) -> ReferencePage:
    """The account's references that the search finds; all of them while nothing is searched."""
    words = str(st.session_state.get("photo_search") or "")
    with action("read_photographs", is_page=True):
        query = ReferenceQuery(name=words)
        return services().references.page(actor, account_id, query=query, limit=SHOWN)


def choose_photograph(page: ReferencePage) -> ReferenceSummary | None:
    """Draw the references and return the chosen one; the newest is chosen to begin with."""
    st.markdown(":small[Photograph]")
    if page.total > SEARCH_FROM or st.session_state.get("photo_search"):
        st.text_input(
            "Find a photograph",
            key="photo_search",
            type="search",
            live="300ms",
            placeholder="Find a photograph",
            label_visibility="collapsed",
        )
    if not page.items:
        st.caption("No photograph has this in its name.")
        return None
    chosen = st.session_state.get(PICKED)
    picked = next((card for card in page.items if card.id == chosen), page.items[0])
    with st.container(
        height=300 if len(page.items) > IN_ONE_ROW else "content", border=False, key="photo_picker"
    ):
        tile_grid(
            [Section("photographs", [reference_tile(card) for card in page.items])],
            key="photo_grid",
            label="Photograph",
            min_width=104,
            choice=Choice("one", [picked.id], on_pick=_pick),
        )
    return picked


def reference_tile(card: ReferenceSummary) -> Tile:
    """A reference to choose, by its name."""
    return Tile(
        id=card.id,
        caption=card.filename,
        src=picture_url(card.thumbnail_key),
        key=card.thumbnail_key,
        placeholder=card.placeholder,
        alt=card.filename,
    )


def _pick() -> None:
    clicked = st.session_state["photo_grid"].get("pick")
    if clicked:
        st.session_state[PICKED] = clicked
