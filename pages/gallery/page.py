"""The gallery: everything that was made, newest first, page by page."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.fields import choice_field, segments
from pages.kit.frame import action, require_role
from pages.kit.widgets import (
    draw_pager,
    empty_state,
    gallery_tile,
    page_title,
    picture_grid,
    shown_after,
)
from pages.kit.wording import KIND_WORDS
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import Kind, Role

ALL = "All"


def draw_filters(actor: Actor) -> tuple[Kind | None, str | None]:
    """Draw kind and mascot; the address holds both, so that a view can be shared."""
    with action("read_mascots", is_page=True):
        kinds = {KIND_WORDS[kind]: kind for kind in services().gallery.kinds(actor)}
        mascots = {it.id: it.label for it in services().gallery.mascot_choices(actor)}
    with st.container(horizontal=True, vertical_alignment="bottom", key="gallery_filters"):
        kind = kinds.get(segments("Kind", [ALL, *kinds], "kind"))
        return kind, choice_field("Every mascot", mascots, "mascot", 260)


@st.fragment(run_every=10)
def draw(kind: Kind | None, mascot_id: str | None) -> None:
    """Draw one page of pictures, the newest first; it refreshes by itself."""
    actor, view = require_role(Role.VIEWER), f"{kind}/{mascot_id}"
    after = shown_after(view)
    with action("read_gallery", is_page=True):
        page = services().gallery.page(actor, kind=kind, mascot_id=mascot_id, before=after)
    if not page.items:
        _empty(is_filtered=kind is not None or mascot_id is not None)
        return
    st.caption(count_of(page.total, "picture"))
    picture_grid(
        [gallery_tile(item) for item in page.items],
        key="gallery_grid",
        label="Pictures",
        is_titled=False,
        min_width=168,
        page=after or "",
    )
    draw_pager("gallery", view, page.next_cursor)


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
draw(*draw_filters(person))
