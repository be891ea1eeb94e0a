"""Which references the page shows: a search, a tag, their use, an order, or what was deleted."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.frame import action
from services.core.actors import Actor
from services.references.summaries import ReferenceQuery, Sort, Use

SAVED, DELETED = "Saved", "Recently deleted"
USES = {"Used or not": Use.ANY, "Used": Use.USED, "Unused": Use.UNUSED}
SORTS = {
    "Newest first": Sort.NEWEST,
    "Sharpest first": Sort.SHARPEST,
    "Largest first": Sort.LARGEST,
}


def draw_filters(actor: Actor, account_id: str) -> ReferenceQuery:
    """The filters; all stand in the address, so that a view can be shared."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="reference_filters"
    ):
        shown = st.segmented_control(
            "Show",
            [SAVED, DELETED],
            default=SAVED,
            required=True,
            key="show",
            bind="query-params",
            label_visibility="collapsed",
        )
        name = st.text_input(
            "Search names",
            type="search",
            live="300ms",
            placeholder="Search names",
            max_chars=100,
            key="name",
            bind="query-params",
            label_visibility="collapsed",
            width=200,
        )
        if shown == DELETED:
            return ReferenceQuery(name=name or "", is_deleted=True)
        return ReferenceQuery(
            name=name or "",
            tag=_tag(actor, account_id),
            use=USES[_choice("Use", list(USES), "use", 150)],
            sort=SORTS[_choice("Order", list(SORTS), "sort", 160)],
        )


def _choice(label: str, options: list[str], key: str, width: int) -> str:
    chosen = st.selectbox(
        label, options, key=key, bind="query-params", label_visibility="collapsed", width=width
    )
    return chosen or options[0]


def _tag(actor: Actor, account_id: str) -> str:
    with action("read_tags", is_page=True):
        counts = {found.tag: found.count for found in services().references.tags(actor, account_id)}
    if not counts:
        return ""
    tag = st.selectbox(
        "Tag",
        list(counts),
        index=None,
        placeholder="Every tag",
        key="tag",
        bind="query-params",
        label_visibility="collapsed",
        width=160,
    )
    return tag or ""
