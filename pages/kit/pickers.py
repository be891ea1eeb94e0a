"""Choose one or several tiles of a form: a search where there are many, the tiles, the count."""

from collections.abc import Sequence

import streamlit as st

from pages.kit.components.tile_grid import Choice, Section, Tile, selects, tile_grid, toggles
from pages.kit.fields import search_field

SEARCH_FROM, MAX_SHOWN = 12, 60
HEIGHT = 300
TILE = 96


def pick_one(label: str, key: str, tiles: Sequence[Tile], *, can_search: bool = True) -> str:
    """Draw the tiles and return the chosen one's id, which `key` stores; the first is the default.

    `can_search`: many of them get a search by name; False where the page has searched already.
    """
    stored = st.session_state.get(key)
    picked = stored if stored in [tile.id for tile in tiles] else tiles[0].id
    st.markdown(f":small[{label}]")
    shown = _found(label, key, tiles) if can_search and len(tiles) > SEARCH_FROM else tiles
    _draw(label, key, shown, Choice("one", [picked], on_pick=selects(f"{key}_grid", key)))
    return picked


def pick_many(label: str, key: str, tiles: Sequence[Tile]) -> tuple[str, ...]:
    """Draw the tiles and return the chosen ids in their order; what is not shown stays chosen."""
    picked: list[str] = list(st.session_state.get(key, []))
    _draw(label, key, tiles, Choice("many", picked, on_pick=toggles(f"{key}_grid", key)))
    shown = [tile.id for tile in tiles]
    hidden = len(set(picked) - set(shown))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_chosen"):
        counted = f"{len(picked)} chosen" + (f", {hidden} not shown" if hidden else "")
        st.caption(counted, width="content")
        everything = list(dict.fromkeys([*picked, *shown]))
        for name, words, choice in (
            ("all", "Choose all shown", everything),
            ("clear", "Clear", []),
        ):
            st.button(
                words,
                type="tertiary",
                key=f"{key}_{name}",
                on_click=_choose,
                args=(key, choice),
                disabled=choice == picked,
            )
    return tuple(picked)


def _choose(key: str, picked: list[str]) -> None:
    st.session_state[key] = picked


def _found(label: str, key: str, tiles: Sequence[Tile]) -> list[Tile]:
    words = search_field(f"Find a {label.lower()}", f"{key}_words").lower()
    return [tile for tile in tiles if words in tile.alt.lower()][:MAX_SHOWN]


def _draw(label: str, key: str, tiles: Sequence[Tile], choice: Choice) -> None:
    with st.container(
        height=HEIGHT if len(tiles) > 3 else "content", border=False, key=f"{key}_box"
    ):
        if not tiles:
            st.caption("No results")
        tile_grid(
            [Section(key, tiles)], key=f"{key}_grid", label=label, min_width=TILE, choice=choice
        )
