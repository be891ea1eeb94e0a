"""Pictures that are missing: gone, in another bucket, about to expire, or stored without a row."""

import streamlit as st

from pages.diagnose import bulk_fixes, remedy_dialog
from pages.diagnose.stalled import accounts_words, bulk_label, open_generation
from pages.kit.backend import clear_cached_reads, missing, services
from pages.kit.components import elements
from pages.kit.components.cause_groups import CauseGroup, GroupRow, cause_groups
from pages.kit.components.rows import facts
from pages.kit.frame import action, flash, require_role
from pages.kit.remedy_labels import MISSING_REMEDIES, MISSING_WORDS, REMEDY_WORDS
from pages.kit.wording import count_of, file_size
from services.core.actors import Actor
from services.core.states import ReconciliationScope, ReconciliationState, Role
from services.diagnosis.causes import Cause
from services.diagnosis.missing import (
    MissingGroup,
    MissingItem,
    MissingReport,
    ReconciliationSummary,
)
from services.remedies.base import SUBJECTS, RemedyKind, RemedyOffer, SubjectKind

REFRESH_SECONDS = 10
MOST_ROWS = 200
_ALL = "missing_all"


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
    clicked = cause_groups(drawn, key="missing")
    open_generation(clicked.open)
    if clicked.more:
        st.session_state[_ALL] = [*st.session_state.get(_ALL, ()), clicked.more]
        st.rerun(scope="fragment")
    if clicked.element:
        remedy_dialog.ask(remedy_dialog.offer_of(clicked.element))
    if clicked.all:
        cause = Cause(clicked.all)
        kind = MISSING_REMEDIES[cause][0]
        bulk_fixes.ask(kind, _subjects(_listed(actor, cause), kind))


def _items(actor: Actor, group: MissingGroup) -> tuple[MissingItem, ...]:
    """The first few, or as many as can be shown once somebody asked for them."""
    if group.cause.value in st.session_state.get(_ALL, ()):
        return _listed(actor, group.cause)
    return group.items


def _listed(actor: Actor, cause: Cause) -> tuple[MissingItem, ...]:
    return services().missing.items(actor, cause, limit=MOST_ROWS).items


def _subjects(items: tuple[MissingItem, ...], kind: RemedyKind) -> list[str]:
    return [subject for item in items if (subject := _subject(item, kind))]


def _subject(item: MissingItem, kind: RemedyKind) -> str | None:
    subjects = {
        SubjectKind.RUN: item.run_id,
        SubjectKind.SLOT: item.slot_id,
        SubjectKind.OBJECT: item.storage_key,
    }
    return subjects.get(SUBJECTS[kind])


def _group(group: MissingGroup, items: tuple[MissingItem, ...]) -> CauseGroup:
    tone, explanation = MISSING_WORDS[group.cause]
    kinds = MISSING_REMEDIES[group.cause]
    told = [elements.text(explanation), elements.text("oldest"), elements.time(group.oldest_at)]
    told += [elements.text(accounts_words(group.accounts))] if group.accounts else []
    told += [elements.text(file_size(group.byte_count))] if group.byte_count else []
    hidden = group.count - len(items)
    return CauseGroup(
        id=group.cause.value,
        title=group.title,
        count=group.count,
        tone=tone,
        parts=told,
        action=bulk_label(kinds[0], min(group.count, MOST_ROWS), group.count) if kinds else "",
        rows=[_row(number, group.cause, item) for number, item in enumerate(items)],
        more=f"Show {min(hidden, MOST_ROWS):,} more"
        if hidden > 0 and len(items) < MOST_ROWS
        else "",
    )


def _row(number: int, cause: Cause, item: MissingItem) -> GroupRow:
    told = [elements.text(item.account_name)] if item.account_name else []
    if item.minutes_left is not None:
        told.append(elements.badge(f"{max(0, item.minutes_left)} min left", "amber", "timer"))
    told += [elements.text(file_size(item.byte_count))] if item.byte_count else []
    told.append(elements.time(item.since))
    name = item.storage_key or item.slot_id or item.asset_id
    told += [elements.chip(name, name="its id")] if name else []
    offers = [(kind, _subject(item, kind)) for kind in MISSING_REMEDIES[cause]]
    return GroupRow(
        id=f"{item.generation_id or ''}:{number}",
        title=item.title,
        href=f"diagnose?id={item.generation_id}" if item.generation_id else None,
        parts=told,
        actions=[
            elements.button(
                REMEDY_WORDS[kind].label, remedy_dialog.name_of(RemedyOffer(kind, subject))
            )
            for kind, subject in offers
            if subject
        ],
    )
