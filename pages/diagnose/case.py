"""One generation's case: verdict, evidence and timeline, then the texts and notes that leave it."""

import re
from collections.abc import Sequence

import streamlit as st

from pages.kit import remedy_dialogs
from pages.kit.backend import clear_cached_reads, diagnosis, services
from pages.kit.batches import grid
from pages.kit.components import elements
from pages.kit.components.rows import Row, RowGroup, facts, row_groups
from pages.kit.components.timeline import Moment, timeline
from pages.kit.frame import action, draw_message, flash, require_role
from pages.kit.widgets import badge, slots_section
from pages.kit.wording import (
    GENERATION_BADGES,
    HEALING,
    KIND_WORDS,
    badge_of,
    clock_words,
    escaped,
    source_words,
)
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import GenerationState, Kind, Role
from services.diagnosis.cause import Evidence, Finding, Severity
from services.diagnosis.detail import CheckedSource, Diagnosis, NoteDetail, Subject, TimelineRow
from services.diagnosis.runbooks import runbook
from services.recipes.registry import RECIPES
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

FAST_SECONDS = 4
OPEN = {GenerationState.QUEUED, GenerationState.RUNNING, GenerationState.NEEDS_REVIEW}


def draw_case(generation_id: str, case: Diagnosis) -> None:
    """Draw what refreshes while the generation is open."""
    is_live = is_open(case)
    (_live if is_live else _static)(generation_id, is_live)


def is_open(case: Diagnosis) -> bool:
    """Return whether the case may change without a person."""
    return GenerationState(case.subject.state) in OPEN or case.verdict.is_healing


def _draw(generation_id: str, was_live: bool) -> None:
    actor = require_role(Role.OPERATOR)
    with action("diagnose", is_page=True):
        case = diagnosis(actor, generation_id)
    _draw_subject(case.subject)
    with st.container(border=True, key="verdict_box", gap="small"):
        _verdict(case)
        for sentence in case.unchecked:
            st.caption(f":material/help: Not checked: {escaped(sentence)}")
        _remedies(case.verdict)
    _checked(case.checked)
    _others(case.findings[1:])
    _slots(actor, case.subject)
    _timeline(case)
    _evidence(case.findings)
    if is_open(case) != was_live and not remedy_dialogs.is_dialog_open():
        st.rerun()


_live = st.fragment(_draw, run_every=FAST_SECONDS)
_static = st.fragment(_draw)


def _draw_subject(subject: Subject) -> None:
    state = badge(GENERATION_BADGES[GenerationState(subject.state)])
    pictures = f"{subject.filled} of {count_of(subject.total, 'picture')}"
    facts(
        [],
        title=subject.title,
        head=[
            state,
            elements.text(KIND_WORDS[Kind(subject.kind)]),
            elements.text(pictures),
            elements.text(f"for {subject.account_name}, started by {subject.person_name}"),
            elements.time(subject.created_at),
            elements.chip(subject.generation_id, name="generation id"),
            elements.chip(subject.account_id, name="account id"),
        ],
        key="subject",
    )


def _verdict(case: Diagnosis) -> None:
    finding, style = case.verdict, badge_of(case.verdict)
    shown = [badge(style)] if style.label != finding.title else []
    shown += [badge(HEALING)] if finding.is_healing else []
    shown += [elements.text("since"), elements.time(finding.since)] if finding.since else []
    if finding.until and finding.severity is Severity.WAIT:
        shown += [elements.text("no action needed until"), elements.time(finding.until)]
    shown += [elements.chip(finding.run_id, name="run id")] if finding.run_id else []
    shown += [elements.chip(finding.slot_id, name="slot id")] if finding.slot_id else []
    group = RowGroup(
        title=finding.title,
        level=2,
        icon=style.icon,
        tone=style.tone,
        text=finding.sentence,
        head=shown,
        is_live=True,
    )
    row_groups([group], key="verdict")


def _checked(sources: Sequence[CheckedSource]) -> None:
    """Each source in one line; what failed shows its sentence, the others when it is opened."""
    group = RowGroup(
        [
            Row([[_mark(one), elements.text(one.sentence, "line")]], is_pinned=one.is_ok is False)
            for one in sources
        ],
        title="What was checked",
        head=[_mark(one) for one in sources],
        is_folding=True,
    )
    row_groups([group], key="checked")


def _mark(one: CheckedSource) -> elements.Element:
    icon, tone = {None: ("remove", ""), True: ("check", "good"), False: ("close", "bad")}[one.is_ok]
    return elements.text(source_words(one.name)[0], tone, icon=icon, title=one.sentence)


def _remedies(finding: Finding) -> None:
    """Draw a button for each remedy; the first is the safest and the primary one."""
    if not finding.remedies:
        return
    with st.container(horizontal=True, key="remedies"):
        for number, offers in enumerate(_folded(finding)):
            words = REMEDIES[offers[0].remedy_id]
            clicked = st.button(
                _label(offers),
                icon=f":material/{words.icon}:",
                type="secondary" if number else "primary",
                help=words.consequence,
                key=f"remedy_{number}",
            )
            if clicked:
                _ask(offers)


def _folded(finding: Finding) -> list[list[RemedyOffer]]:
    """Group offers of one remedy for many subjects: one button for all of them."""
    groups: dict[tuple[str, str | None], list[RemedyOffer]] = {}
    for offer in finding.remedies:
        groups.setdefault((offer.remedy_id, offer.argument), []).append(offer)
    return list(groups.values())


def _ask(offers: Sequence[RemedyOffer]) -> None:
    if len(offers) == 1:
        remedy_dialogs.ask(offers[0])
    remedy_dialogs.ask_bulk(offers[0].remedy_id, [offer.subject_id for offer in offers])


def _label(offers: Sequence[RemedyOffer]) -> str:
    """Return the button's label: how many it covers, and an argument where one distinguishes it."""
    words, count = REMEDIES[offers[0].remedy_id], sum(offer.count for offer in offers)
    if words.argument and offers[0].argument:
        return f"{words.label} {elements.shortened(offers[0].argument)}"
    return f"{words.label}: {count:,}" if count > 1 else words.label


def _others(findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    folded = [offers for finding in findings for offers in _folded(finding)]
    buttons = {remedy_dialogs.offer_id(offers[0]): offers for offers in folded}
    clicked = facts([("", _other(it)) for it in findings], title="Also found", key="others")
    if clicked in buttons:
        _ask(buttons[clicked])


def _other(finding: Finding) -> list[elements.Element]:
    line = [
        badge(badge_of(finding)),
        elements.text(finding.title, "strong"),
        elements.text(finding.sentence),
    ]
    line += [elements.time(finding.since)] if finding.since else []
    return line + [
        elements.button(_label(offers), remedy_dialogs.offer_id(offers[0]))
        for offers in _folded(finding)
    ]


def _slots(actor: Actor, subject: Subject) -> None:
    with action("read_slots"):
        card = services().generations.card(actor, subject.generation_id)
        group = RECIPES[card.kind].tiles_in_group
        grid([card], actor, key="case_slots", group=group, section=slots_section)


def _timeline(case: Diagnosis) -> None:
    st.subheader("Timeline", anchor=False)
    runs = {row.run_id: "" for row in case.timeline if row.run_id}
    names = {run_id: f"Run {number}" for number, run_id in enumerate(runs, 1)}
    timeline([_moment(row, names) for row in case.timeline], key="timeline", label="Timeline")


def _moment(row: TimelineRow, names: dict[str, str]) -> Moment:
    source, icon = source_words(row.source)
    return Moment(
        at=row.at,
        source=source,
        icon=icon,
        clock=clock_words(source, row.clock),
        text=row.text,
        detail=row.detail,
        tone=row.tone,
        group=names.get(row.run_id or "", ""),
        link=row.link,
    )


def _evidence(findings: tuple[Finding, ...]) -> None:
    found = dict.fromkeys(fact for finding in findings for fact in finding.evidence)
    lines = [
        (source_words(fact.source)[0], [elements.text(fact.fact, "strong"), *_when(fact)])
        for fact in found
    ]
    if lines:
        facts(lines, title="Evidence", key="evidence")


def _when(fact: Evidence) -> list[elements.Element]:
    return [elements.time(fact.at)] if fact.at else []


_TEXT, _LINK, _MESSAGE = "note_text", "note_link", "note_message"
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_INNER_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")


def draw_texts(case: Diagnosis) -> None:
    """Draw the customer's answer, the provider's report, the notes and the runbook."""
    left, right = st.columns(2, gap="large")
    with left:
        _customer(case)
        _provider(case)
    with right:
        _notes(case)
    _runbook(case)


def _customer(case: Diagnosis) -> None:
    st.subheader("For the customer", anchor=False)
    st.code(case.customer_answer, language=None, wrap_lines=True)


def _provider(case: Diagnosis) -> None:
    with st.expander("For the provider", icon=":material/description:", key="provider_report"):
        st.code(case.provider_report, language=None, wrap_lines=True)
        st.download_button(
            "Download",
            case.provider_report,
            file_name=f"{case.subject.generation_id}.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key="download_report",
        )


def _notes(case: Diagnosis) -> None:
    st.subheader("Notes", anchor=False)
    if case.notes:
        facts([("", _note(note)) for note in case.notes], key="notes")
    else:
        st.caption("No notes yet. Add a hand-over or the ticket.")
    st.text_area(
        "Note", key=_TEXT, max_chars=2000, height=80, placeholder="What a colleague should know"
    )
    st.text_input("Ticket link (optional)", key=_LINK, max_chars=500, placeholder="https://…")
    draw_message(_MESSAGE)
    st.button(
        "Add note",
        icon=":material/add_comment:",
        key="note_add",
        on_click=_add,
        args=(case.subject.generation_id,),
    )


def _note(note: NoteDetail) -> list[elements.Element]:
    line = [elements.text(note.person_name, "strong"), elements.time(note.at)]
    line += [elements.link("Ticket", note.link)] if note.link else []
    return [*line, elements.text(note.text, "prose")]


def _add(generation_id: str) -> None:
    text = str(st.session_state.get(_TEXT) or "").strip()
    link = str(st.session_state.get(_LINK) or "").strip()
    with action("add_note", message_key=_MESSAGE):
        actor = require_role(Role.OPERATOR)
        services().notes.add(actor, generation_id, text, link)
        st.session_state[_TEXT] = st.session_state[_LINK] = ""
        clear_cached_reads()
        flash("Note added.")


def _runbook(case: Diagnosis) -> None:
    page = runbook(case.verdict.cause)
    if page is None:
        return
    with st.expander("Runbook: what to do, step by step", icon=":material/menu_book:"):
        st.markdown(embedded_markdown(page.body_markdown))


def embedded_markdown(markdown: str) -> str:
    """Return a runbook without headings and relative links, which a page cannot use."""
    text = _HEADING.sub(lambda found: f"**{found[2]}**", markdown)
    return _INNER_LINK.sub(r"\1", text)
