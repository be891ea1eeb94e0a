"""The gallery: everything that was made, newest first, page by page."""

from collections import Counter

import streamlit as st

from pages.components.tile_grid import Section, Tile, tile_grid
from pages.shared.frame import action, require_role
from pages.shared.runtime import picture_url, services
from pages.shared.widgets import empty_state, open_picture, page_title, picture_href
from pages.shared.wording import KIND_WORDS, ROLE_WORDS, count_of
from services.actors import Actor
from services.gallery import GalleryItem, GalleryPage, MascotChoice
from services.statuses import Kind, Role

OLDER = "gallery_older"
ALL = "All"


def draw_filters(actor: Actor) -> tuple[Kind | None, str | None]:
    """Kind and mascot; both stand in the address, so that a view can be shared."""
    words = {KIND_WORDS[kind]: kind for kind in Kind}
    with action("read_mascots", is_page=True):
        names = _names(services().gallery.mascot_choices(actor))
    with st.container(horizontal=True, vertical_alignment="bottom", key="gallery_filters"):
        word = st.segmented_control(
            "Kind",
            [ALL, *words],
            default=ALL,
            required=True,
            key="kind",
            bind="query-params",
            label_visibility="collapsed",
        )
        mascot_id = st.selectbox(
            "Mascot",
            list(names),
            index=None,
            format_func=lambda mascot: names.get(mascot, mascot),
            placeholder="Every mascot",
            key="mascot",
            bind="query-params",
            label_visibility="collapsed",
            width=260,
        )
    return words.get(word or ALL), mascot_id


def _names(choices: list[MascotChoice]) -> dict[str, str]:
    """Labels by id, told apart where two are the same: the address holds the label."""
    counts = Counter(choice.label for choice in choices)
    return {
        choice.id: choice.label if counts[choice.label] == 1 else f"{choice.label} · {choice.id}"
        for choice in choices
    }


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
        [Section("all", [_tile(item) for item in items])],
        key="gallery_grid",
        label="Pictures",
        min_width=168,
    )
    open_picture(next((item.asset_id for item in items if item.slot_id == clicked.open), None))
    if cursor and st.button("Load older", key="load_older", width="stretch"):
        _load_older(actor, kind, mascot_id, cursor)
        st.rerun()


_ticking = st.fragment(_draw, run_every=10)
_still = st.fragment(_draw)


def _with_older(newest: GalleryPage, view: str) -> tuple[list[GalleryItem], str | None]:
    """The newest page, and below it what was loaded before for the same view."""
    kept = st.session_state.get(OLDER)
    first = {item.slot_id for item in newest.items}
    if not kept or kept["view"] != view:
        st.session_state[OLDER] = {"view": view, "seen": first, "items": [], "cursor": None}
        return list(newest.items), newest.next_cursor
    if not kept["items"]:
        kept["seen"] = first
        return list(newest.items), newest.next_cursor
    older = [item for item in kept["items"] if item.slot_id not in first]
    return [*newest.items, *older], kept["cursor"]


def _load_older(actor: Actor, kind: Kind | None, mascot_id: str | None, cursor: str) -> None:
    with action("read_older"):
        page = services().gallery.page(actor, kind=kind, mascot_id=mascot_id, before=cursor)
        kept = st.session_state[OLDER]
        kept["items"] = [*kept["items"], *page.items]
        kept["cursor"] = page.next_cursor


def _tile(item: GalleryItem) -> Tile:
    is_pose = item.kind is Kind.POSES
    return Tile(
        id=item.slot_id,
        caption=item.title,
        sub=(item.mascot_name or "") if is_pose else ROLE_WORDS[item.role],
        src=picture_url(item.thumbnail_key),
        key=item.thumbnail_key,
        placeholder=item.placeholder,
        alt=f"{item.title}, {ROLE_WORDS[item.role]}",
        href=picture_href(item.asset_id),
    )


def _empty(*, is_filtered: bool) -> None:
    if is_filtered:
        empty_state(
            "Nothing matches", "Choose another kind or mascot to see more.", icon="filter_alt_off"
        )
        return
    empty_state(
        "Nothing was made yet",
        "Every finished picture appears here, newest first.",
        icon="grid_view",
        page="mascots.py",
        label="Make the first mascot",
    )


person = require_role(Role.VIEWER)
page_title("Gallery")
chosen = draw_filters(person)
# Once older pages are loaded, new pictures wait for the next click: a tick would resend them all.
has_older = bool((st.session_state.get(OLDER) or {}).get("items"))
(_still if has_older else _ticking)(*chosen)
