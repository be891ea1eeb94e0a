"""The gallery: everything that was made, newest first, page by page."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.components.tile_grid import Section, tile_grid
from pages.kit.fields import choice_field, segments
from pages.kit.frame import action, require_role
from pages.kit.widgets import empty_state, gallery_tile, open_picture, page_title
from pages.kit.wording import KIND_WORDS
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import Kind, Role
from services.gallery.gallery import GalleryItem, GalleryPage

OLDER = "gallery_older"
ALL = "All"


def draw_filters(actor: Actor) -> tuple[Kind | None, str | None]:
    """Draw kind and mascot; the address holds both, so that a view can be shared."""
    with action("read_mascots", is_page=True):
        kinds = {KIND_WORDS[kind]: kind for kind in services().gallery.kinds(actor)}
        mascots = {it.id: it.label for it in services().gallery.mascot_choices(actor)}
    with st.container(horizontal=True, vertical_alignment="bottom", key="gallery_filters"):
        kind = kinds.get(segments("Kind", [ALL, *kinds], "kind"))
        return kind, choice_field("Every mascot", mascots, "mascot", 260)


def _draw(kind: Kind | None, mascot_id: str | None) -> None:
    actor = require_role(Role.VIEWER)
    with action("read_gallery", is_page=True):
        newest = services().gallery.page(actor, kind=kind, mascot_id=mascot_id)
    if not newest.items:
        _empty(is_filtered=kind is not None or mascot_id is not None)
        return
    items, cursor = _with_older(newest, f"{kind}/{mascot_id}")
    st.caption(count_of(newest.total, "picture"))
    clicked = tile_grid(
        [Section("all", [gallery_tile(item) for item in items])],
        key="gallery_grid",
        label="Pictures",
        min_width=168,
    )
    open_picture(next((item.asset_id for item in items if item.slot_id == clicked.open), None))
    if cursor and st.button("Load older", key="load_older", width="stretch"):
        _load_older(actor, kind, mascot_id, items, cursor)
        st.rerun()


_ticking = st.fragment(_draw, run_every=10)
_static = st.fragment(_draw)


def _with_older(newest: GalleryPage, view: str) -> tuple[list[GalleryItem], str | None]:
    """Return the newest page followed by the older pages loaded for the same view.

    When so much is new that the two do not overlap, the older pages are dropped: no gap is shown.
    """
    stored = st.session_state.get(OLDER)
    if stored and stored["view"] == view:
        known = {item.slot_id for item in stored["items"]}
        fresh = [item for item in newest.items if item.slot_id not in known]
        if len(fresh) < len(newest.items):
            return [*fresh, *stored["items"]], stored["cursor"]
    st.session_state.pop(OLDER, None)
    return list(newest.items), newest.next_cursor


def _load_older(
    actor: Actor, kind: Kind | None, mascot_id: str | None, shown: list[GalleryItem], cursor: str
) -> None:
    with action("read_older"):
        page = services().gallery.page(actor, kind=kind, mascot_id=mascot_id, before=cursor)
        st.session_state[OLDER] = {
            "view": f"{kind}/{mascot_id}",
            "items": [*shown, *page.items],
            "cursor": page.next_cursor,
        }


def _empty(*, is_filtered: bool) -> None:
    if is_filtered:
        empty_state(
            "No results", "Choose another kind or mascot to see more.", icon="filter_alt_off"
        )
        return
    empty_state(
        "No pictures yet",
        "Every finished picture appears here, newest first.",
        icon="grid_view",
        page="mascots/page.py",
        label="Create a mascot",
    )


person = require_role(Role.VIEWER)
page_title("Gallery")
chosen = draw_filters(person)
# Once older pages are loaded, new pictures wait for the next click: a tick would resend them all.
has_older = OLDER in st.session_state
(_static if has_older else _ticking)(*chosen)
