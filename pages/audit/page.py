"""Audit, for admins: who changed what, when and why, newest first."""

import re
from functools import partial

import streamlit as st

from pages.audit.filters import draw_filters
from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, table
from pages.kit.frame import action, require_role
from pages.kit.widgets import draw_pager, empty_state, page_title, shown_after
from pages.kit.wording import audit_field, audit_place, audit_words
from services.audit.trail import AuditFilters, AuditView, Change
from services.core.actors import Actor
from services.core.states import Role

LIST = "audit"
MOST_FIELDS, MOST_CHARACTERS = 6, 120
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
COLUMNS = (
    Column("When"),
    Column("Who"),
    Column("What"),
    Column("Subject"),
    Column("Reason", is_wide=True),
    Column("Before → after", is_wide=True),
)


def draw(actor: Actor) -> None:
    """Filters, one page of changes, and the way to older ones."""
    with action("read_audit_choices", is_page=True):
        offered = services().audit_trail.choices(actor)
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit_filters"):
        filters = draw_filters(offered)
        _download(actor, filters)
    view = repr(filters)
    with action("read_audit", is_page=True):
        after = shown_after(LIST, view)
        page = services().audit_trail.page(actor, filters, before=int(after) if after else None)
    if not page.items:
        _empty(is_filtered=filters != AuditFilters())
        return
    table(COLUMNS, [_row(change) for change in page.items], key="audit_rows")
    draw_pager(LIST, view, str(page.next_before) if page.next_before else None)


def _download(actor: Actor, filters: AuditFilters) -> None:
    st.space("stretch")
    st.download_button(
        "CSV",
        data=partial(_csv, actor, filters),
        file_name="audit.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
        key="audit_csv",
    )


def _csv(actor: Actor, filters: AuditFilters) -> str:
    """Called when the file is fetched, where no visit can be asked who it is."""
    return services().audit_trail.csv(actor, filters)


def _row(change: AuditView) -> Cells:
    return [
        [elements.time(change.at)],
        [elements.text(change.by)],
        [_what(change)],
        [elements.chip(change.subject_id, name="the subject's id")],
        [elements.text(change.reason)],
        [elements.text(told) for told in _differences(change.changes)],
    ]


def _what(change: AuditView) -> elements.Element:
    """What was done, as the way to what it was done to where there is one."""
    place = audit_place(change.action, change.subject_id)
    words = audit_words(change.action)
    return elements.text(words, "strong") if place is None else elements.link(words, place or "/")


def _differences(changes: tuple[Change, ...]) -> list[str]:
    told = [_difference(change) for change in changes[:MOST_FIELDS]]
    left = len(changes) - MOST_FIELDS
    return [*told, f"and {left} more, in the CSV"] if left > 0 else told


def _difference(change: Change) -> str:
    name = audit_field(change.name)
    before, after = _short(change.before), _short(change.after)
    if after is None:
        return f"{name} was {before}"
    return f"{name}: {after}" if before is None else f"{name}: {before} → {after}"


def _short(value: str | None) -> str | None:
    """A value in one line; a code such as `needs_review` as words."""
    if value is None or len(value) > MOST_CHARACTERS:
        return value and f"{value[:MOST_CHARACTERS]}…"
    return value.replace("_", " ") if _CODE.fullmatch(value) else value


def _empty(*, is_filtered: bool) -> None:
    if is_filtered:
        empty_state(
            "No such change", "Take a filter away to see more of them.", icon="filter_alt_off"
        )
        return
    empty_state(
        "Nothing was changed yet",
        "Grants, prices, poses, pauses and remedies stand here as soon as somebody makes one,"
        " with the reason that they gave and what was there before.",
        icon="history_edu",
    )


person = require_role(Role.ADMIN)
page_title("Audit", "Who changed what, when and why. Nothing is ever taken out of it.")
draw(person)
