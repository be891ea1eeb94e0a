"""Choose the pictures of a training among the references, by name or tag."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import Choice, Section, tile_grid, toggles
from pages.kit.fields import search_field
from pages.kit.frame import action
from pages.kit.references import reference_tile
from services.core.actors import Actor
from services.references.summaries import ReferenceQuery

GRID = "training_grid"
SHOWN = 120
HEIGHT = 304
FEW = 12


def picked_key(account_id: str) -> str:
    """Return the session's name for the choice of one account."""
    return f"training_picked_{account_id}"


def choose_pictures(actor: Actor, account_id: str, can_start: bool) -> tuple[str, ...]:
    """Draw the account's references and return the ids of the chosen ones, in order."""
    key = picked_key(account_id)
    picked: list[str] = list(st.session_state.get(key, []))
    query = _query(actor, account_id)
    with action("read_references", is_page=True):
        cards = services().references.page(actor, account_id, query=query, limit=SHOWN).items
    with st.container(
        height=HEIGHT if len(cards) > FEW else "content", border=False, key="training_picker"
    ):
        if not cards:
            st.caption("No reference has this name and tag.")
        tile_grid(
            [Section("references", [reference_tile(card) for card in cards])],
            key=GRID,
            label="Training pictures",
            min_width=92,
            choice=Choice("many", picked, not can_start, toggles(GRID, key)),
        )
    _count(key, picked, [card.id for card in cards], can_start)
    return tuple(picked)


def _query(actor: Actor, account_id: str) -> ReferenceQuery:
    with action("read_tags", is_page=True):
        tags = [count.tag for count in services().references.tags(actor, account_id)]
    with st.container(horizontal=True, vertical_alignment="center", key="training_filters"):
        name = search_field("Find a picture", "training_words", width=200)
        tag = st.selectbox(
            "Tag",
            tags,
            index=None,
            key="training_tag",
            placeholder="Every tag",
            label_visibility="collapsed",
            width=180,
            disabled=not tags,
        )
    return ReferenceQuery(name=name, tag=tag or "")


def _count(key: str, picked: list[str], shown: list[str], can_start: bool) -> None:
    hidden = len(set(picked) - set(shown))
    with st.container(horizontal=True, vertical_alignment="center", key="training_chosen"):
        summary = f"{len(picked)} chosen" + (f", {hidden} not shown" if hidden else "")
        st.caption(summary, width="content")
        st.button(
            "Choose all shown",
            type="tertiary",
            key="training_all",
            on_click=_choose_all,
            args=(key, shown),
            disabled=not can_start or set(shown) <= set(picked),
        )
        st.button(
            "Clear",
            type="tertiary",
            key="training_clear",
            on_click=_choose,
            args=(key, []),
            disabled=not picked,
        )


def _choose_all(key: str, shown: list[str]) -> None:
    _choose(key, list(dict.fromkeys([*st.session_state.get(key, []), *shown])))


def _choose(key: str, picked: list[str]) -> None:
    st.session_state[key] = picked
