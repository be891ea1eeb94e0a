"""The saved references: a grid to open pictures from, or to select some for a change."""

from dataclasses import replace

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import (
    Choice,
    Section,
    Tile,
    picked_among,
    tile_grid,
    toggles,
)
from pages.kit.frame import action, require_role
from pages.kit.references import reference_tile, tag_field
from pages.kit.widgets import empty_state, open_picture, picture_href
from pages.references.deleted import remember_deleted
from services.core.actors import Actor
from services.core.humanize import count_of, pixel_size
from services.core.states import Role
from services.references.summaries import ReferenceQuery, ReferenceSummary

PAGE = 60
PICKED = "picked_references"
LIMIT = "references_limit"
GRID = "reference_grid"


def draw_saved(actor: Actor, account_id: str, query: ReferenceQuery) -> None:
    """The references that the query finds; in selection the tiles are ticked, not opened."""
    limit = int(st.session_state.get(LIMIT, PAGE))
    with action("read_references", is_page=True):
        page = services().references.page(actor, account_id, query=query, limit=limit)
    if not page.items:
        _empty(query)
        return
    is_selecting = _toolbar(actor, account_id, page.total, page.items)
    picked = st.session_state.get(PICKED, [])
    clicked = tile_grid(
        [Section("saved", [_tile(card) for card in page.items])],
        key=GRID,
        label="References",
        min_width=160,
        choice=Choice("many", picked, on_pick=toggles(GRID, PICKED)) if is_selecting else Choice(),
    )
    open_picture(next((card.asset_id for card in page.items if card.id == clicked.open), None))
    if page.next_cursor and st.button("Load more", key="older_references", width="stretch"):
        st.session_state[LIMIT] = limit + PAGE
        st.rerun()


def _tile(card: ReferenceSummary) -> Tile:
    """A reference with its size and sharpness, linked to its page."""
    size = pixel_size(card.width, card.height)
    tile = reference_tile(card, f"{size} · {card.sharpness.value}" if card.sharpness else size)
    return replace(tile, href=picture_href(card.asset_id))


def _empty(query: ReferenceQuery) -> None:
    if query != ReferenceQuery(sort=query.sort):
        empty_state(
            "No results",
            "Change the search or the filters to see more.",
            icon="filter_alt_off",
        )
        return
    empty_state(
        "No references yet",
        "Drop photographs or drawings above. Mascots can be made from them.",
        icon="imagesmode",
    )


def _toolbar(
    actor: Actor, account_id: str, total: int, cards: tuple[ReferenceSummary, ...]
) -> bool:
    known = {card.id: card for card in cards}
    picked = picked_among(PICKED, known)
    with st.container(horizontal=True, vertical_alignment="center", key="reference_tools"):
        st.caption(_counted(total, len(picked)), width="stretch")
        if actor.role is Role.VIEWER:
            return False
        is_selecting = st.toggle("Select", key="selecting")
        if is_selecting:
            with st.popover("Tags", icon=":material/sell:", disabled=not picked, width=112):
                if picked:
                    key = "picked_tags_" + "".join(chosen[-4:] for chosen in picked)
                    tag_field(actor, account_id, [known[chosen] for chosen in picked], key=key)
            st.button(
                "Delete",
                icon=":material/delete:",
                disabled=not picked,
                key="delete_picked",
                on_click=_delete,
            )
    return is_selecting


def _counted(total: int, chosen: int) -> str:
    counted = count_of(total, "reference")
    return f"{counted} · {chosen:,} chosen" if chosen else counted


def _delete() -> None:
    with action("delete_references"):
        actor = require_role(Role.OPERATOR)
        gone = services().references.delete_many(actor, st.session_state.get(PICKED, []))
        st.session_state[PICKED] = []
        remember_deleted(gone)
