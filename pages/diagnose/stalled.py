"""What stands still in the whole desk: one row for each cause, and one click for all of it."""

from collections.abc import Sequence

import streamlit as st

from pages.diagnose import bulk_fixes, remedy_dialog
from pages.kit.backend import stalled
from pages.kit.components import elements
from pages.kit.components.cause_groups import CauseGroup, GroupRow, cause_groups
from pages.kit.components.rows import facts
from pages.kit.frame import action, require_role
from pages.kit.remedy_labels import REMEDY_WORDS, SEVERITY_BADGES
from pages.kit.widgets import badge, open_diagnosis
from pages.kit.wording import KIND_WORDS, count_of
from services.core.states import Role
from services.diagnosis.causes import Severity
from services.diagnosis.stalled_report import StalledGroup, StalledItem, StalledReport
from services.remedies.base import RemedyKind
from services.remedies.bulk import MOST

REFRESH_SECONDS = 10
ACCOUNTS = 3
TONES = {Severity.ACT: "red", Severity.WAIT: "blue", Severity.TOLD: "gray"}


@st.fragment(run_every=REFRESH_SECONDS)
def draw_stalled() -> None:
    """Draw the groups that need a person, then quietly those that only take their time."""
    actor = require_role(Role.OPERATOR)
    with action("read_stalled"):
        report = stalled(actor)
        st.subheader("Stalled generations", anchor=False)
        _caption(report)
        _groups(report)


def _caption(report: StalledReport) -> None:
    looked = count_of(report.total, "open run")
    told = [] if report.groups else [elements.badge("Nothing is stalled", "green", "check")]
    told += [elements.text(f"{looked} checked"), elements.time(report.at)]
    told += [elements.badge(f"{part} did not answer", "amber", "help") for part in report.unasked]
    facts([("", told)], key="stalled_caption")


def _groups(report: StalledReport) -> None:
    clicked = cause_groups([_group(group) for group in report.groups], key="stalled")
    open_generation(clicked.open)
    groups = {_id(group): group for group in report.groups}
    if clicked.all in groups:
        chosen = groups[clicked.all]
        if chosen.remedy:
            bulk_fixes.ask(chosen.remedy, chosen.subjects[:MOST])
    if clicked.element:
        remedy_dialog.ask(remedy_dialog.offer_of(clicked.element))


def open_generation(row_id: str | None) -> None:
    """Go to the case of a row; rows are named `<generation id>` or `<generation id>:<run id>`."""
    if row_id:
        open_diagnosis(row_id.partition(":")[0])


def _group(group: StalledGroup) -> CauseGroup:
    tone = TONES[group.severity]
    is_loud = group.severity is Severity.ACT
    rows = [_row(item, group.remedy) for item in group.items]
    hidden = group.count - len(rows)
    told = [
        elements.text("oldest"),
        elements.time(group.oldest_at),
        elements.text(accounts_words(group.accounts)),
    ]
    told += [elements.text(f"{hidden:,} more than are listed")] if hidden > 0 else []
    return CauseGroup(
        id=_id(group),
        title=group.title,
        count=group.count,
        tone=tone,
        badge=badge(SEVERITY_BADGES[group.severity]) if is_loud else None,
        parts=told,
        action=_action(group),
        rows=rows,
    )


def _action(group: StalledGroup) -> str:
    if group.remedy is None:
        return ""
    return bulk_label(group.remedy, min(len(group.subjects), MOST), len(group.subjects))


def bulk_label(kind: RemedyKind, count: int, total: int) -> str:
    """`Ring again: all 40`, `Ring again: 50 of 120`; empty where it can be ordered for none."""
    label = REMEDY_WORDS[kind].label
    if count < 2:
        return label if count else ""
    return f"{label}: all {count:,}" if count == total else f"{label}: {count:,} of {total:,}"


def _id(group: StalledGroup) -> str:
    """One cause may need a person here and only time there."""
    return f"{group.severity.value}:{group.cause.value}"


def accounts_words(accounts: Sequence[tuple[str, int]]) -> str:
    """`Orchid 12, Blue Fox 3 and 2 more accounts`."""
    named = [
        f"{name} {count}" if len(accounts) > 1 else name for name, count in accounts[:ACCOUNTS]
    ]
    more = len(accounts) - ACCOUNTS
    return ", ".join(named) + (f" and {count_of(more, 'more account')}" if more > 0 else "")


def _row(item: StalledItem, shared: RemedyKind | None) -> GroupRow:
    return GroupRow(
        id=f"{item.generation_id}:{item.run_id or ''}",
        title=item.title,
        text=item.sentence,
        href=f"diagnose?id={item.generation_id}",
        head=[
            elements.text(KIND_WORDS[item.kind]),
            elements.text(item.account_name),
            elements.time(item.since),
            elements.chip(item.run_id or item.generation_id, name="id"),
        ],
        actions=[
            elements.button(REMEDY_WORDS[offer.kind].label, remedy_dialog.name_of(offer))
            for offer in item.offers[:2]
        ],
    )
