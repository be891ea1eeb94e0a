"""References: add pictures, read each file's result, find, tag, delete and restore them."""

import streamlit as st

from pages.kit.backend import services
from pages.kit.fields import choice_field, search_field, segments
from pages.kit.frame import action, require_role
from pages.kit.sidebar import current_account
from pages.kit.widgets import page_title
from pages.references.deleted import draw_bin, draw_undo
from pages.references.saved import draw_saved
from pages.references.upload import draw_upload
from services.core.actors import Actor
from services.core.states import Role
from services.references.summaries import ReferenceQuery, Sort, Use

SAVED, DELETED = "Saved", "Recently deleted"
USES = {"Used or not": Use.ANY, "Used": Use.USED, "Unused": Use.UNUSED}
SORTS = {
    "Newest first": Sort.NEWEST,
    "Sharpest first": Sort.SHARPEST,
    "Largest first": Sort.LARGEST,
}


def draw_filters(actor: Actor, account_id: str) -> ReferenceQuery:
    """Draw the filters; the address holds them, so that a view can be shared."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="reference_filters"
    ):
        shown = segments("Show", [SAVED, DELETED], "show")
        name = search_field("Search names", "name", width=200, is_in_address=True, max_chars=100)
        if shown == DELETED:
            return ReferenceQuery(name=name, is_deleted=True)
        return ReferenceQuery(
            name=name,
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
        tags = {one.tag: one.tag for one in services().references.tags(actor, account_id)}
    return (tags and choice_field("Every tag", tags, "tag", 160)) or ""


person = require_role(Role.VIEWER)
page_title("References")
account = current_account(person)
draw_upload(person, account.id)
draw_undo(person)
chosen = draw_filters(person, account.id)
(draw_bin if chosen.is_deleted else draw_saved)(person, account.id, chosen)
