"""Audit, for admins: who changed what, when and why, newest first."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, table
from pages.kit.fields import choice_field, csv_button, search_field
from pages.kit.frame import action, require_role
from pages.kit.widgets import draw_pager, empty_state, page_title, shown_after
from pages.kit.wording import audit_field, audit_place, audit_words, escaped
from services.audit.trail import AuditChoices, AuditFilters, AuditView, Change
from services.core.actors import Actor
from services.core.states import Role

LIST = "audit"
MAX_FIELDS, MAX_CHARACTERS = 6, 120
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
    """Draw the filters, one page of changes, and the pager."""
    with action("read_audit_choices", is_page=True):
        offered = services().audit_trail.choices(actor)
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit_filters"):
        filters = draw_filters(offered)
        st.space("stretch")
        csv_button("audit", "audit_csv", services().audit_trail.csv, actor, filters)
    view = repr(filters)
    with action("read_audit", is_page=True):
        after = shown_after(view) or ""
        before = int(after) if after.isdecimal() else None
        page = services().audit_trail.page(actor, filters, before=before)
    if not page.items:
        _empty(is_filtered=filters != AuditFilters())
        return
    table(COLUMNS, [_row(change) for change in page.items], key="audit_rows")
    draw_pager(LIST, view, str(page.next_before) if page.next_before else None)


def _row(change: AuditView) -> Cells:
    return [
        [elements.time(change.at)],
        [elements.text(change.by)],
        [_what(change)],
        [elements.chip(change.subject_id, name="subject id")],
        [elements.text(change.reason)],
        [elements.text(line) for line in _differences(change.changes)],
    ]


def _what(change: AuditView) -> elements.Element:
    """Return the action, as a link to its subject where there is one."""
    place = audit_place(change.action, change.subject_id)
    words = audit_words(change.action)
    return elements.text(words, "strong") if place is None else elements.link(words, place or "/")


def _differences(changes: tuple[Change, ...]) -> list[str]:
    lines = [_difference(change) for change in changes[:MAX_FIELDS]]
    left = len(changes) - MAX_FIELDS
    return [*lines, f"and {left} more in the CSV"] if left > 0 else lines


def _difference(change: Change) -> str:
    name = audit_field(change.name)
    before, after = _short(change.before), _short(change.after)
    if after is None:
        return f"{name} was {before}"
    return f"{name}: {after}" if before is None else f"{name}: {before} → {after}"


def _short(value: str | None) -> str | None:
    """Return a shortened value; a code such as `needs_review` becomes words."""
    if value is None or len(value) > MAX_CHARACTERS:
        return value and f"{value[:MAX_CHARACTERS]}…"
    return value.replace("_", " ") if _CODE.fullmatch(value) else value


def _empty(*, is_filtered: bool) -> None:
    if is_filtered:
        empty_state("No matching changes", "Remove a filter to see more.", icon="filter_alt_off")
        return
    empty_state(
        "No changes yet",
        "Grants, prices, poses, pauses and fixes are listed here, each with its reason and the"
        " values before and after.",
        icon="history_edu",
    )


def draw_filters(offered: AuditChoices) -> AuditFilters:
    """Draw the filters; the address holds them, so that a view can be shared."""
    words = search_field("Reason", "words", width=200, is_in_address=True, max_chars=100)
    subject = st.text_input(
        "Subject id",
        placeholder="Subject id",
        max_chars=200,
        key="subject",
        bind="query-params",
        label_visibility="collapsed",
        width=170,
    )
    actions = {name: audit_words(name) for name in offered.actions}
    found = AuditFilters(
        actor_id=choice_field("Everyone", _sorted(dict(offered.people)), "who", 150) or "",
        action=choice_field("Every change", _sorted(actions), "what", 200) or "",
        subject_id=(subject or "").strip(),
        words=words,
    )
    with st.popover(_days(), icon=":material/calendar_today:", key="audit_days"):
        found = replace(found, since=_midnight("From"), until=_midnight("Until", days=1))
    return found


def _days() -> str:
    """Return the selected days from the address, before their fields are drawn."""
    since, until = (escaped(st.query_params.get(name, "")) for name in ("from", "until"))
    if since and until:
        return f"{since} – {until}"
    return f"From {since}" if since else f"Until {until}" if until else "Any time"


def _sorted(labels: dict[str, str]) -> dict[str, str]:
    return dict(sorted(labels.items(), key=lambda pair: pair[1]))


def _midnight(label: str, days: int = 0) -> datetime | None:
    """Draw a date; return the start of that day plus `days`, in the visitor's time zone."""
    chosen = st.date_input(
        label, value=None, key=label.lower(), bind="query-params", format="YYYY-MM-DD"
    )
    if not isinstance(chosen, date):
        return None
    zone = ZoneInfo(st.context.timezone or "UTC")
    return datetime.combine(chosen + timedelta(days=days), time(), zone)


person = require_role(Role.ADMIN)
page_title("Audit", "Who changed what, when and why. Entries are never deleted.")
draw(person)
