"""References on several pages: their tile, the choice of one, and the field of their tags."""

from collections.abc import Sequence

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import Tile
from pages.kit.fields import search_field
from pages.kit.frame import action, require_role
from pages.kit.pickers import MAX_SHOWN, SEARCH_FROM, pick_one
from pages.kit.widgets import picture_tile
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.states import Role
from services.references.summaries import ReferencePage, ReferenceQuery, ReferenceSummary

PICKED, SEARCH = "photo_picked", "photo_words"


def photographs(actor: Actor, account_id: str) -> ReferencePage:
    """Return the account's references that match the search, all without one."""
    words = str(st.session_state.get(SEARCH) or "")
    with action("read_photographs", is_page=True):
        query = ReferenceQuery(name=words)
        return services().references.page(actor, account_id, query=query, limit=MAX_SHOWN)


def choose_photograph(page: ReferencePage) -> ReferenceSummary | None:
    """Draw the references and return the chosen one; the first is the default."""
    if page.total > SEARCH_FROM or st.session_state.get(SEARCH):
        search_field("Find a photograph", SEARCH)
    if not page.items:
        st.caption("No results")
        return None
    cards = {card.id: card for card in page.items}
    tiles = [reference_tile(card) for card in page.items]
    return cards[pick_one("Photograph", PICKED, tiles, can_search=False)]


def reference_tile(card: ReferenceSummary, sub: str = "") -> Tile:
    """A reference to choose, by its name."""
    return picture_tile(card.id, card.filename, card.thumbnail_key, card.placeholder, sub=sub)


def tag_field(
    actor: Actor, account_id: str, cards: Sequence[ReferenceSummary], *, key: str
) -> None:
    """Draw the tags that all of them have; a change applies to all at once."""
    everywhere = set.intersection(*(set(card.tags) for card in cards)) if cards else set()
    somewhere = {tag for card in cards for tag in card.tags} - everywhere
    with action("read_tags"):
        known = [found.tag for found in services().references.tags(actor, account_id)]
    if key not in st.session_state:
        st.session_state[key] = sorted(everywhere)
    st.multiselect(
        "Tags",
        sorted({*known, *everywhere, *st.session_state[key]}),
        accept_new_options=True,
        max_selections=20,
        placeholder="Choose a tag or type a new one",
        key=key,
        on_change=_save,
        args=([card.id for card in cards], sorted(everywhere), key),
    )
    if somewhere:
        st.caption(f"Some of them also have: {escaped(', '.join(sorted(somewhere)))}")


def _save(reference_ids: list[str], before: list[str], key: str) -> None:
    with action("change_tags"):
        actor = require_role(Role.OPERATOR)
        # Read anew in this run: tags are stored in lower case.
        requested = st.session_state.pop(key, None) or []
        services().references.change_tags(
            actor,
            reference_ids,
            add=[tag for tag in requested if tag not in before],
            remove=[tag for tag in before if tag not in requested],
        )
