"""Audit, for admins: who changed what, when and why, newest first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from pages.components import parts
from pages.components.table import Cells, Column, table
from pages.shared.frame import action, require_role
from pages.shared.pager import draw_pager, shown_after
from pages.shared.runtime import services
from pages.shared.widgets import empty_state, page_title
from pages.shared.wording import audit_field, audit_place, audit_words
from services.actors import Actor
from services.audit_changes import Change
from services.audit_trail import AuditChoices, AuditFilters, AuditView
from services.statuses import Role

LIST = "audit"
MOST_FIELDS, MOST_CHARACTERS = 6, 120
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
    filters = _filters(actor, offered)
    view = repr(filters)
    with action("read_audit", is_page=True):
        after = shown_after(LIST, view)
        page = services().audit_trail.page(actor, filters, before=int(after) if after else None)
    if not page.items:
        _empty(is_filtered=filters != AuditFilters())
        return
    table(COLUMNS, [_row(change) for change in page.items], key="audit_rows")
    draw_pager(LIST, view, str(page.next_before) if page.next_before else None)


def _filters(actor: Actor, offered: AuditChoices) -> AuditFilters:
    """All stand in the address, so that a view can be shared."""
    people = _told_apart({who: name for who, name in offered.people})
    actions = _told_apart({name: audit_words(name) for name in offered.actions})
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit_filters"):
        words = st.text_input(
            "Words of the reason",
            type="search",
            live="300ms",
            placeholder="Words of the reason",
            max_chars=100,
            key="words",
            bind="query-params",
            label_visibility="collapsed",
            width=210,
        )
        subject = st.text_input(
            "Id of the subject",
            placeholder="Id of the subject",
            max_chars=200,
            key="subject",
            bind="query-params",
            label_visibility="collapsed",
            width=190,
        )
        found = AuditFilters(
            actor_id=_choice("Everyone", people, "who", 150),
            action=_choice("Every change", actions, "what", 210),
            subject_id=(subject or "").strip(),
            words=words or "",
        )
        found = replace(found, since=_midnight("From"), until=_midnight("Until", days=1))
        _download(actor, found)
    return found


def _told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """Values by label; where two labels are the same, the value stands behind."""
    counts = Counter(labels.values())
    return {
        label if counts[label] == 1 else f"{label} · {value}": value
        for value, label in sorted(labels.items(), key=lambda pair: pair[1])
    }


def _choice(everything: str, values: Mapping[str, str], key: str, width: int) -> str:
    chosen = st.selectbox(
        everything,
        list(values),
        index=None,
        placeholder=everything,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
        width=width,
    )
    return values.get(chosen or "", "")


def _midnight(label: str, days: int = 0) -> datetime | None:
    """The beginning of the chosen day, so many days on, in the visitor's own time zone."""
    chosen = st.date_input(
        label, value=None, key=label.lower(), bind="query-params", format="YYYY-MM-DD", width=140
    )
    if not isinstance(chosen, date):
        return None
    zone = ZoneInfo(st.context.timezone or "UTC")
    return datetime.combine(chosen + timedelta(days=days), time(), zone)


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
        [parts.time(change.at)],
        [parts.text(change.by)],
        [parts.text(audit_words(change.action), "strong")],
        _subject(change),
        [parts.text(change.reason)],
        [parts.text(told) for told in _differences(change.changes)],
    ]


def _subject(change: AuditView) -> list[parts.Part]:
    chip = parts.chip(change.subject_id, name="the subject's id")
    place = audit_place(change.action, change.subject_id)
    return [chip] if place is None else [chip, parts.link("Open", place or "/")]


def _differences(changes: tuple[Change, ...]) -> list[str]:
    told = [_difference(change) for change in changes[:MOST_FIELDS]]
    left = len(changes) - MOST_FIELDS
    return [*told, f"and {left} more, in the CSV"] if left > 0 else told


def _difference(change: Change) -> str:
    name = audit_field(change.name)
    if change.after is None:
        return f"{name} was {_short(change.before or '')}"
    if change.before is None:
        return f"{name}: {_short(change.after)}"
    return f"{name}: {_short(change.before)} → {_short(change.after)}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


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
