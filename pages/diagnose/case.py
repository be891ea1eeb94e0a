"""One generation's case: its verdict, what was checked, its pictures and its timeline, live."""

from collections.abc import Sequence

import streamlit as st

from pages.diagnose import remedy_dialog
from pages.kit.backend import diagnosis, services
from pages.kit.batches import grid
from pages.kit.components import elements
from pages.kit.components.rows import Row, RowGroup, facts, row_groups
from pages.kit.components.timeline import Moment, timeline
from pages.kit.frame import action, require_role
from pages.kit.remedy_labels import (
    HEALING,
    badge_of,
    clock_words,
    source_words,
)
from pages.kit.widgets import badge, slots_section
from pages.kit.wording import GENERATION_BADGES, KIND_WORDS
from services.core.actors import Actor
from services.core.humanize import count_of
from services.core.states import GenerationState, Kind, Role
from services.diagnosis.cause import Evidence, Finding
from services.diagnosis.detail import CheckedSource, Diagnosis, Subject, TimelineRow
from services.recipes.registry import RECIPES
from services.remedies.base import RemedyOffer
from services.remedies.registry import REMEDIES

FAST_SECONDS = 4
OPEN = {GenerationState.QUEUED, GenerationState.RUNNING, GenerationState.NEEDS_REVIEW}


def draw_case(generation_id: str, told: Diagnosis) -> None:
    """Draw the live part; it reads again by itself while the generation is open."""
    is_live = is_open(told)
    (_live if is_live else _calm)(generation_id, is_live)


def is_open(told: Diagnosis) -> bool:
    """Whether it may change by itself."""
    return GenerationState(told.subject.state) in OPEN or told.verdict.is_healing


def _draw(generation_id: str, was_live: bool) -> None:
    actor = require_role(Role.OPERATOR)
    with action("diagnose", is_page=True):
        told = diagnosis(actor, generation_id)
    _subject(told.subject)
    with st.container(border=True, key="verdict_box", gap="small"):
        _verdict(told)
        _remedies(told.verdict)
    _checked(told.checked)
    _others(told.findings[1:])
    _slots(actor, told.subject)
    _timeline(told)
    _evidence(told.findings)
    if is_open(told) != was_live and not remedy_dialog.is_dialog_open():
        st.rerun()


_live = st.fragment(_draw, run_every=FAST_SECONDS)
_calm = st.fragment(_draw)


def _subject(subject: Subject) -> None:
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


def _verdict(told: Diagnosis) -> None:
    finding, look = told.verdict, badge_of(told.verdict)
    shown = [badge(look)] if look.label != finding.title else []
    shown += [badge(HEALING)] if finding.is_healing else []
    shown += [elements.text("since"), elements.time(finding.since)] if finding.since else []
    shown += [elements.chip(finding.run_id, name="run id")] if finding.run_id else []
    shown += [elements.chip(finding.slot_id, name="slot id")] if finding.slot_id else []
    group = RowGroup(
        title=finding.title,
        level=2,
        icon=look.icon,
        tone=look.tone,
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
    """The safest stands first and is the one that is meant."""
    if not finding.remedies:
        return
    with st.container(horizontal=True, key="remedies"):
        for number, offer in enumerate(finding.remedies):
            words = REMEDIES[offer.remedy_id]
            clicked = st.button(
                _label(offer),
                icon=f":material/{words.icon}:",
                type="secondary" if number else "primary",
                help=words.consequence,
                key=f"remedy_{number}",
            )
            if clicked:
                remedy_dialog.ask(offer)


def _label(offer: RemedyOffer) -> str:
    """Two offers of one kind differ by what they name."""
    words = REMEDIES[offer.remedy_id]
    if not (words.argument and offer.argument):
        return words.label
    return f"{words.label} {elements.shortened(offer.argument)}"


def _others(findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    lines = [("", _other(finding)) for finding in findings]
    clicked = facts(lines, title="Also found", key="others")
    if clicked:
        remedy_dialog.ask(remedy_dialog.offer_of(clicked))


def _other(finding: Finding) -> list[elements.Element]:
    line = [
        badge(badge_of(finding)),
        elements.text(finding.title, "strong"),
        elements.text(finding.sentence),
    ]
    line += [elements.time(finding.since)] if finding.since else []
    return line + [
        elements.button(_label(offer), remedy_dialog.name_of(offer)) for offer in finding.remedies
    ]


def _slots(actor: Actor, subject: Subject) -> None:
    with action("read_slots"):
        card = services().generations.card(actor, subject.generation_id)
        group = RECIPES[card.kind].tiles_in_group
        grid([card], actor, key="case_slots", group=group, section=slots_section)


def _timeline(told: Diagnosis) -> None:
    st.subheader("Timeline", anchor=False)
    runs = {row.run_id: "" for row in told.timeline if row.run_id}
    names = {run_id: f"Run {number}" for number, run_id in enumerate(runs, 1)}
    timeline([_moment(row, names) for row in told.timeline], key="timeline", label="What happened")


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
