"""Pictures that are missing: gone, in another bucket, about to expire, or stored without a row."""

from dataclasses import replace

import streamlit as st

from pages.diagnose import bulk_fixes, remedy_dialog
from pages.diagnose.stalled import (
    ALL,
    accounts_words,
    bulk_label,
    case_row,
    cause_group,
    open_clicked,
)
from pages.kit.backend import clear_cached_reads, missing, services
from pages.kit.components import elements
from pages.kit.components.rows import Row, RowGroup, facts, row_groups
from pages.kit.frame import action, flash, require_role
from pages.kit.remedy_labels import MISSING_REMEDIES, MISSING_WORDS
from services.core.actors import Actor
from services.core.humanize import count_of, file_size
from services.core.states import ReconciliationScope, ReconciliationState, Role
from services.diagnosis.missing import MissingGroup, MissingReport, ReconciliationSummary
from services.diagnosis.missing_items import MissingItem
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES
from services.remedies.subjects import SubjectKind

REFRESH_SECONDS = 10
MOST_ROWS = 200
_ALL = "missing_all"
MORE = "more:"


@st.fragment(run_every=REFRESH_SECONDS)
def draw_missing() -> None:
    """Draw the groups, when the storage was compared last, and the button that compares it now."""
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
        _groups(actor, report)


def _compared(report: MissingReport) -> list[elements.Element]:
    told = [] if report.groups else [elements.badge("Nothing is missing", "green", "check")]
    full = next((one for one in report.rounds if one.scope is ReconciliationScope.FULL), None)
    if full is None:
        return [*told, elements.text("The storage was never compared with the rows as a whole.")]
    return told + _round(full)


def _round(full: ReconciliationSummary) -> list[elements.Element]:
    looked = count_of(full.object_count, "stored file")
    last = (
        [elements.text("compared"), elements.time(full.completed_at)] if full.completed_at else []
    )
    if full.state is ReconciliationState.RUNNING:
        share = [elements.share_bar(full.progress)] if full.progress is not None else []
        told = [
            elements.badge("Comparing", "blue", "sync"),
            *share,
            elements.text(f"{looked} so far"),
        ]
        return told + ([elements.text("last"), *last] if last else [])
    if full.state is ReconciliationState.FAILED:
        failed = elements.badge("The last comparison failed", "red", "error")
        return [failed, elements.text(full.problem or ""), elements.time(full.began_at), *last]
    return [elements.text(looked), *last]


def _compare() -> None:
    with action("compare_storage"):
        is_new = services().missing.order_round(
            require_role(Role.OPERATOR), ReconciliationScope.FULL
        )
        clear_cached_reads()
        told = "The storage is being compared." if is_new else "That is going on already."
        flash(told, ":material/compare_arrows:")


def _groups(actor: Actor, report: MissingReport) -> None:
    drawn = [_group(group, _items(actor, group)) for group in report.groups]
    clicked = row_groups(drawn, key="missing") or ""
    if clicked.startswith(MORE):
        shown = [*st.session_state.get(_ALL, ()), clicked.removeprefix(MORE)]
        st.session_state[_ALL] = shown
        st.rerun(scope="fragment")
    if not clicked.startswith(ALL):
        open_clicked(clicked)
    else:
        cause = clicked.removeprefix(ALL)
        kind = MISSING_REMEDIES[cause][0]
        bulk_fixes.ask(kind, _subjects(_listed(actor, cause), kind))


def _items(actor: Actor, group: MissingGroup) -> tuple[MissingItem, ...]:
    """The first few, or as many as can be shown once somebody asked for them."""
    if group.cause in st.session_state.get(_ALL, ()):
        return _listed(actor, group.cause)
    return group.items


def _listed(actor: Actor, cause: str) -> tuple[MissingItem, ...]:
    return services().missing.items(actor, cause, limit=MOST_ROWS).items


def _subjects(items: tuple[MissingItem, ...], kind: str) -> list[str]:
    return [subject for item in items if (subject := _subject(item, kind))]


def _subject(item: MissingItem, kind: str) -> str | None:
    subjects = {
        SubjectKind.RUN: item.run_id,
        SubjectKind.SLOT: item.slot_id,
        SubjectKind.OBJECT: item.storage_key,
    }
    return subjects.get(REMEDIES[kind].subject)


def _group(group: MissingGroup, items: tuple[MissingItem, ...]) -> RowGroup:
    tone, explanation = MISSING_WORDS[group.cause]
    kinds = MISSING_REMEDIES[group.cause]
    told = [elements.text(explanation), elements.text("oldest"), elements.time(group.oldest_at)]
    told += [elements.text(accounts_words(group.accounts))] if group.accounts else []
    told += [elements.text(file_size(group.byte_count))] if group.byte_count else []
    hidden = group.count - len(items)
    label = bulk_label(kinds[0], min(group.count, MOST_ROWS), group.count) if kinds else ""
    rows = [_row(group.cause, item) for item in items]
    more = []
    if hidden > 0 and len(items) < MOST_ROWS:
        shown = f"Show {min(hidden, MOST_ROWS):,} more"
        more.append(elements.button(shown, f"{MORE}{group.cause}"))
    drawn = cause_group(group.cause, group.title, group.count, tone, told, label, rows)
    return replace(drawn, foot=more)


def _row(cause: str, item: MissingItem) -> Row:
    told = [elements.text(item.account_name)] if item.account_name else []
    if item.minutes_left is not None:
        told.append(elements.badge(f"{max(0, item.minutes_left)} min left", "amber", "timer"))
    told += [elements.text(file_size(item.byte_count))] if item.byte_count else []
    told.append(elements.time(item.since))
    name = item.storage_key or item.slot_id or item.asset_id
    told += [elements.chip(name, name="its id")] if name else []
    offers = [(kind, _subject(item, kind)) for kind in MISSING_REMEDIES[cause]]
    return case_row(
        item.title,
        item.generation_id,
        told,
        [
            elements.button(REMEDIES[kind].label, remedy_dialog.name_of(RemedyOffer(kind, subject)))
            for kind, subject in offers
            if subject
        ],
    )
