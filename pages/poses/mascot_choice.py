"""Choosing the mascot that is to pose: one picture a mascot, found by name when there are many."""

import streamlit as st

from pages.kit.backend import picture_url
from pages.kit.components.tile_grid import Choice, Section, Tile, tile_grid
from services.recipes.mascots.pictures import MascotCard

PICKED = "pose_mascot"
SHOWN = 60
SEARCH_FROM = 12
IN_ONE_ROW = 3


def choose_mascot(mascots: list[MascotCard], can_start: bool) -> str:
    """Draw the mascots and return the chosen one's id; the first is chosen to begin with."""
    chosen = st.session_state.get(PICKED)
    picked = next((card for card in mascots if card.id == chosen), mascots[0])
    st.markdown(":small[Mascot]")
    words = ""
    if len(mascots) > SEARCH_FROM:
        words = (
            st.text_input(
                "Find a mascot",
                key="pose_search",
                type="search",
                live="300ms",
                placeholder="Find a mascot",
                label_visibility="collapsed",
            )
            or ""
        )
    shown = [card for card in mascots if words.lower() in card.label.lower()][:SHOWN]
    with st.container(
        height=236 if len(shown) > IN_ONE_ROW else "content", border=False, key="mascot_picker"
    ):
        if not shown:
            st.caption("No mascot has this in its name.")
        tile_grid(
            [Section("mascots", [_tile(card) for card in shown])],
            key="mascot_grid",
            label="Mascot",
            min_width=92,
            choice=Choice("one", [picked.id], not can_start, _pick),
        )
    return picked.id


def _tile(card: MascotCard) -> Tile:
    return Tile(
        id=card.id,
        caption=card.name,
        sub=f"Variation {card.variation}",
        src=picture_url(card.thumbnail_key),
        key=card.thumbnail_key,
        placeholder=card.placeholder,
        alt=card.label,
    )


def _pick() -> None:
    clicked = st.session_state["mascot_grid"].get("pick")
    if clicked:
        st.session_state[PICKED] = clicked
