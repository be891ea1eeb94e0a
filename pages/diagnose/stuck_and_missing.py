"""The two lists of Diagnose: stuck generations and missing pictures, grouped by cause."""

from collections.abc import Sequence

import streamlit as st

from pages.kit import remedy_dialogs
from pages.kit.backend import clear_cached_reads, missing, services, stalled
from pages.kit.components import elements
from pages.kit.components.rows import Column, Row, RowGroup, facts, row_groups
from pages.kit.frame import action, flash, require_role
from pages.kit.widgets import badge, open_diagnosis
from pages.kit.wording import (
    KIND_WORDS,
    MISSING_REMEDIES,
    MISSING_WORDS,
    SEVERITY_BADGES,
)
from services.core.actors import Actor
from services.core.humanize import count_of, file_size
from services.core.states import ReconciliationScope, ReconciliationState, Role
from services.diagnosis.cause import Severity
from services.diagnosis.missing import MissingGroup, MissingReport, ReconciliationSummary
from services.diagnosis.missing_items import MissingItem
from services.diagnosis.stalled import StalledGroup, StalledItem, StalledReport
from services.remedies.base import RemedyOffer
from services.remedies.bulk import MAX_SUBJECTS
from services.remedies.registry import REMEDIES
from services.remedies.subjects import SubjectKind

REFRESH_SECONDS = 10
MAX_ACCOUNTS = 3
MAX_MISSING_ROWS = 200
ALL, MORE, OPEN = "all:", "more:", "open:"
TONES = {Severity.ACT: "red", Severity.WAIT: "blue", Severity.INFO: "gray"}
_EXPANDED = "missing_expanded"


@st.fragment(run_every=REFRESH_SECONDS)
def draw_stuck() -> None:
    """Draw the groups that require action, then those that only take their time."""
    actor = require_role(Role.OPERATOR)
    with action("read_stalled"):
        report = stalled(actor)
        st.subheader("Stuck generations", anchor=False)
        facts([("", _checked(report))], key="stalled_caption")
        groups = {_group_id(group): group for group in report.groups}
        clicked = row_groups([_stuck_group(group) for group in report.groups], key="stalled") or ""
        if chosen := groups.get(clicked.removeprefix(ALL)):
            if chosen.remedy:
                remedy_dialogs.ask_bulk(chosen.remedy, chosen.subjects[:MAX_SUBJECTS])
        else:
            _open_clicked(clicked)


@st.fragment(run_every=REFRESH_SECONDS)
def draw_missing() -> None:
    """Draw the groups, the last comparison of storage, and the button that starts one."""
    actor = require_role(Role.OPERATOR)
    with action("read_missing"):
        report = missing(actor)
        st.subheader("Missing pictures", anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", key="missing_head"):
            with st.container(width="stretch"):
                facts([("", _compared(report))], key="missing_caption")
            st.button(
                "Compare now",
                icon=":material/compare_arrows:",
                key="compare_now",
                disabled=any(one.state is ReconciliationState.RUNNING for one in report.rounds),
                on_click=_compare,
            )
        _draw_missing_groups(actor, report)


def _checked(report: StalledReport) -> list[elements.Element]:
    line = [] if report.groups else [elements.badge("No stuck jobs", "green", "check")]
    line.append(elements.text(f"{count_of(report.total, 'open run')} checked"))
    line.append(elements.time(report.at))
    return line + [
        elements.badge(f"{source} did not answer", "amber", "help") for source in report.unanswered
    ]


def _stuck_group(group: StalledGroup) -> RowGroup:
    head = [badge(SEVERITY_BADGES[group.severity])] if group.severity is Severity.ACT else []
    head += [elements.text("oldest"), elements.time(group.oldest_at)]
    head.append(elements.text(_accounts(group.accounts)))
    hidden = group.count - len(group.items)
    head += [elements.text(f"{hidden:,} more not listed")] if hidden > 0 else []
    group_id, count = _group_id(group), len(group.subjects)
    if group.remedy is not None:
        head += _bulk_button(group_id, group.remedy, min(count, MAX_SUBJECTS), count)
    return RowGroup(
        [_stuck_row(item) for item in group.items],
        id=group_id,
        title=group.title,
        count=group.count,
        tone=TONES[group.severity],
        head=head,
        columns=[Column(is_wide=True), Column()],
        is_folding=True,
    )


def _group_id(group: StalledGroup) -> str:
    """Name a group by both: one cause may require action for one run and none for another."""
    return f"{group.severity.value}:{group.cause}"


def _stuck_row(item: StalledItem) -> Row:
    line = [
        _case_link(item.title, item.generation_id),
        elements.text(KIND_WORDS[item.kind]),
        elements.text(item.account_name),
        elements.time(item.since),
        elements.chip(item.run_id or item.generation_id, name="id"),
        elements.text(item.sentence, "line"),
    ]
    return Row([line, [_remedy_button(offer) for offer in item.offers[:2]]])


def _compared(report: MissingReport) -> list[elements.Element]:
    line = [] if report.groups else [elements.badge("No missing files", "green", "check")]
    full = next((one for one in report.rounds if one.scope is ReconciliationScope.FULL), None)
    if full is None:
        return [*line, elements.text("Storage has never been compared completely.")]
    return line + _comparison(full)


def _comparison(full: ReconciliationSummary) -> list[elements.Element]:
    files = count_of(full.object_count, "stored file")
    completed = full.completed_at
    last = [elements.text("compared"), elements.time(completed)] if completed else []
    if full.state is ReconciliationState.RUNNING:
        line = [elements.badge("Comparing", "blue", "sync")]
        line += [elements.share_bar(full.progress)] if full.progress is not None else []
        line.append(elements.text(f"{files} so far"))
        return line + ([elements.text("last"), *last] if last else [])
    if full.state is ReconciliationState.FAILED:
        failed = elements.badge("The last comparison failed", "red", "error")
        return [failed, elements.text(full.problem or ""), elements.time(full.began_at), *last]
    return [elements.text(files), *last]


def _compare() -> None:
    with action("compare_storage"):
        is_new = services().missing.order_round(
            require_role(Role.OPERATOR), ReconciliationScope.FULL
        )
        clear_cached_reads()
        message = "Storage comparison started." if is_new else "A comparison is already running."
        flash(message, ":material/compare_arrows:")


def _draw_missing_groups(actor: Actor, report: MissingReport) -> None:
    drawn = [_missing_group(group, _items(actor, group)) for group in report.groups]
    clicked = row_groups(drawn, key="missing") or ""
    if clicked.startswith(MORE):
        expanded = [*st.session_state.get(_EXPANDED, ()), clicked.removeprefix(MORE)]
        st.session_state[_EXPANDED] = expanded
        st.rerun(scope="fragment")
    if clicked.startswith(ALL):
        cause = clicked.removeprefix(ALL)
        remedy_id = MISSING_REMEDIES[cause][0]
        subjects = (_subject(item, remedy_id) for item in _all_items(actor, cause))
        remedy_dialogs.ask_bulk(remedy_id, [subject for subject in subjects if subject])
    else:
        _open_clicked(clicked)


def _items(actor: Actor, group: MissingGroup) -> tuple[MissingItem, ...]:
    """Return the first few, or as many as can be listed once a person expanded the group."""
    if group.cause in st.session_state.get(_EXPANDED, ()):
        return _all_items(actor, group.cause)
    return group.items


def _all_items(actor: Actor, cause: str) -> tuple[MissingItem, ...]:
    return services().missing.items(actor, cause, limit=MAX_MISSING_ROWS).items


def _subject(item: MissingItem, remedy_id: str) -> str | None:
    subjects = {
        SubjectKind.RUN: item.run_id,
        SubjectKind.SLOT: item.slot_id,
        SubjectKind.OBJECT: item.storage_key,
    }
    return subjects.get(REMEDIES[remedy_id].subject)


def _missing_group(group: MissingGroup, items: tuple[MissingItem, ...]) -> RowGroup:
    tone, explanation = MISSING_WORDS[group.cause]
    remedies, group_id = MISSING_REMEDIES[group.cause], group.cause
    head = [elements.text(explanation), elements.text("oldest"), elements.time(group.oldest_at)]
    head += [elements.text(_accounts(group.accounts))] if group.accounts else []
    head += [elements.text(file_size(group.byte_count))] if group.byte_count else []
    if remedies:
        head += _bulk_button(group_id, remedies[0], min(group.count, MAX_MISSING_ROWS), group.count)
    hidden = group.count - len(items)
    is_expandable = hidden > 0 and len(items) < MAX_MISSING_ROWS
    more = elements.button(f"Show {min(hidden, MAX_MISSING_ROWS):,} more", f"{MORE}{group_id}")
    return RowGroup(
        [_missing_row(group.cause, item) for item in items],
        id=group_id,
        title=group.title,
        count=group.count,
        tone=tone,
        head=head,
        foot=[more] if is_expandable else [],
        columns=[Column(is_wide=True), Column()],
        is_folding=True,
    )


def _missing_row(cause: str, item: MissingItem) -> Row:
    line = [_case_link(item.title, item.generation_id)]
    line += [elements.text(item.account_name)] if item.account_name else []
    if item.minutes_left is not None:
        line.append(elements.badge(f"{max(0, item.minutes_left)} min left", "amber", "timer"))
    line += [elements.text(file_size(item.byte_count))] if item.byte_count else []
    line.append(elements.time(item.since))
    name = item.storage_key or item.slot_id or item.asset_id
    line += [elements.chip(name, name="id")] if name else []
    offers = [(remedy_id, _subject(item, remedy_id)) for remedy_id in MISSING_REMEDIES[cause]]
    buttons = [
        _remedy_button(RemedyOffer(remedy_id, subject)) for remedy_id, subject in offers if subject
    ]
    return Row([line, buttons])


def _case_link(title: str, generation_id: str | None) -> elements.Element:
    href = f"diagnose?id={generation_id}" if generation_id else None
    return elements.link(title, href, element_id=f"{OPEN}{generation_id}", tone="strong")


def _remedy_button(offer: RemedyOffer) -> elements.Element:
    return elements.button(REMEDIES[offer.remedy_id].label, remedy_dialogs.offer_id(offer))


def _open_clicked(clicked: str) -> None:
    """Open what was clicked in a row: its generation's case or a remedy's dialog."""
    if clicked.startswith(OPEN):
        open_diagnosis(clicked.removeprefix(OPEN))
    elif clicked:
        remedy_dialogs.ask(remedy_dialogs.offer_of(clicked))


def _bulk_button(group_id: str, remedy_id: str, count: int, total: int) -> list[elements.Element]:
    """Return a button such as `Requeue: all 40` or `Requeue: 50 of 120`; none for no subject."""
    label = REMEDIES[remedy_id].label
    if count > 1:
        label += f": all {count:,}" if count == total else f": {count:,} of {total:,}"
    return [elements.button(label, f"{ALL}{group_id}", is_outlined=True)] if count else []


def _accounts(accounts: Sequence[tuple[str, int]]) -> str:
    """Return `Orchid 12, Blue Fox 3 and 2 more accounts`."""
    first = accounts[:MAX_ACCOUNTS]
    names = [f"{name} {count}" if len(accounts) > 1 else name for name, count in first]
    more = len(accounts) - MAX_ACCOUNTS
    return ", ".join(names) + (f" and {count_of(more, 'more account')}" if more > 0 else "")
