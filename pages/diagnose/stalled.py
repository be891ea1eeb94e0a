"""What stands still in the whole desk: one row for each cause, and one click for all of it."""

from collections.abc import Sequence

import streamlit as st

from pages.diagnose import bulk_fixes, remedy_dialog
from pages.kit.backend import stalled
from pages.kit.components import elements
from pages.kit.components.rows import Column, Row, RowGroup, facts, row_groups
from pages.kit.frame import action, require_role
from pages.kit.remedy_labels import SEVERITY_BADGES
from pages.kit.widgets import badge, open_diagnosis
from pages.kit.wording import KIND_WORDS
from services.core.humanize import count_of
from services.core.states import Role
from services.diagnosis.cause import Severity
from services.diagnosis.stalled import StalledGroup, StalledItem, StalledReport
from services.remedies.bulk import MAX_SUBJECTS
from services.remedies.registry import REMEDIES

REFRESH_SECONDS = 10
ACCOUNTS = 3
ALL, OPEN = "all:", "open:"
TONES = {Severity.ACT: "red", Severity.WAIT: "blue", Severity.INFO: "gray"}


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
    told += [
        elements.badge(f"{part} did not answer", "amber", "help") for part in report.unanswered
    ]
    facts([("", told)], key="stalled_caption")


def _groups(report: StalledReport) -> None:
    clicked = row_groups([_group(group) for group in report.groups], key="stalled") or ""
    groups = {_id(group): group for group in report.groups}
    if chosen := groups.get(clicked.removeprefix(ALL)):
        if chosen.remedy:
            bulk_fixes.ask(chosen.remedy, chosen.subjects[:MAX_SUBJECTS])
    else:
        open_clicked(clicked)


def open_clicked(clicked: str) -> None:
    """Open what was clicked in a row: its generation's case or a remedy's dialog."""
    if clicked.startswith(OPEN):
        open_diagnosis(clicked.removeprefix(OPEN))
    elif clicked:
        remedy_dialog.ask(remedy_dialog.offer_of(clicked))


def cause_group(
    group_id: str,
    title: str,
    count: int,
    tone: str,
    head: Sequence[elements.Element],
    action_label: str,
    rows: Sequence[Row],
) -> RowGroup:
    """A folded group of what one cause explains, with a button for all of it."""
    buttons = (
        [elements.button(action_label, f"{ALL}{group_id}", is_outlined=True)]
        if action_label
        else []
    )
    return RowGroup(
        rows,
        id=group_id,
        title=title,
        count=count,
        tone=tone,
        head=[*head, *buttons],
        columns=[Column(is_wide=True), Column()],
        is_folding=True,
    )


def case_row(
    title: str,
    generation_id: str | None,
    told: Sequence[elements.Element],
    actions: Sequence[elements.Element],
) -> Row:
    """One generation or file of a group; the title opens the generation's case."""
    href = f"diagnose?id={generation_id}" if generation_id else None
    link = elements.link(title, href, element_id=f"{OPEN}{generation_id}", tone="strong")
    return Row([[link, *told], actions])


def _group(group: StalledGroup) -> RowGroup:
    tone = TONES[group.severity]
    is_loud = group.severity is Severity.ACT
    rows = [_row(item) for item in group.items]
    hidden = group.count - len(rows)
    told = [badge(SEVERITY_BADGES[group.severity])] if is_loud else []
    told += [
        elements.text("oldest"),
        elements.time(group.oldest_at),
        elements.text(accounts_words(group.accounts)),
    ]
    told += [elements.text(f"{hidden:,} more than are listed")] if hidden > 0 else []
    return cause_group(_id(group), group.title, group.count, tone, told, _action(group), rows)


def _action(group: StalledGroup) -> str:
    if group.remedy is None:
        return ""
    return bulk_label(group.remedy, min(len(group.subjects), MAX_SUBJECTS), len(group.subjects))


def bulk_label(kind: str, count: int, total: int) -> str:
    """`Requeue: all 40`, `Requeue: 50 of 120`; empty when there is no subject."""
    label = REMEDIES[kind].label
    if count < 2:
        return label if count else ""
    return f"{label}: all {count:,}" if count == total else f"{label}: {count:,} of {total:,}"


def _id(group: StalledGroup) -> str:
    """One cause may need a person here and only time there."""
    return f"{group.severity.value}:{group.cause}"


def accounts_words(accounts: Sequence[tuple[str, int]]) -> str:
    """`Orchid 12, Blue Fox 3 and 2 more accounts`."""
    named = [
        f"{name} {count}" if len(accounts) > 1 else name for name, count in accounts[:ACCOUNTS]
    ]
    more = len(accounts) - ACCOUNTS
    return ", ".join(named) + (f" and {count_of(more, 'more account')}" if more > 0 else "")


def _row(item: StalledItem) -> Row:
    return case_row(
        item.title,
        item.generation_id,
        [
            elements.text(KIND_WORDS[item.kind]),
            elements.text(item.account_name),
            elements.time(item.since),
            elements.chip(item.run_id or item.generation_id, name="id"),
            elements.text(item.sentence, "line"),
        ],
        [
            elements.button(REMEDIES[offer.remedy_id].label, remedy_dialog.name_of(offer))
            for offer in item.offers[:2]
        ],
    )
