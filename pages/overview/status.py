"""The status on Overview: problems by cause, and the state of queue, workers and providers."""

import logging
from typing import Any

import streamlit as st

from pages.kit import remedy_dialogs
from pages.kit.backend import missing, stalled
from pages.kit.components import elements
from pages.kit.components.rows import Line, facts
from pages.kit.widgets import WHY, Figure, badge, why
from pages.kit.wording import SEVERITY_BADGES
from services.core.actors import Actor
from services.core.errors import AtelierError
from services.core.humanize import count_of, duration
from services.core.states import Role
from services.diagnosis.cause import Severity
from services.diagnosis.stalled import StalledGroup
from services.gallery.overview import AttentionItem, Overview
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus
from services.remedies.base import RemedyOffer
from services.remedies.resume import ResumeProvider

log = logging.getLogger(__name__)

DIAGNOSE = "diagnose"
_WORDS = {"act": ("Action required", "violet", "front_hand"), "wait": ("Note", "gray", "info")}


def problem_figures(actor: Actor, state: Overview) -> list[Figure]:
    """Return stuck and missing for operators; for viewers the number of decisions due."""
    if actor.role is Role.VIEWER:
        note = "unknown submits to decide" if state.needs_review else "nothing to decide"
        tone = "violet" if state.needs_review else ""
        return [Figure("review", "Action required", f"{state.needs_review:,}", note, tone, True)]
    try:
        urgent, missing_count = _urgent(actor), missing(actor).total
    except AtelierError as error:
        return _unknown(error)
    count = sum(group.count for group in urgent)
    causes = count_of(len(urgent), "cause", "causes") if urgent else "no stuck jobs"
    lost = "files to restore" if missing_count else "no missing files"
    return [
        Figure("stalled", "Stuck", f"{count:,}", causes, "red" if count else "", True),
        Figure(
            "missing", "Missing", f"{missing_count:,}", lost, "amber" if missing_count else "", True
        ),
    ]


def draw_problems(state: Overview, actor: Actor) -> str | None:
    """Draw the list; return what was clicked: `diagnose`, `why:<id>` or a generation's id."""
    try:
        groups = [] if actor.role is Role.VIEWER else [*_urgent(actor), *_overdue(actor)]
    except AtelierError as error:
        groups = _unknown(error)
    lines = [_group(group) for group in groups]
    # An unknown submit is one of the groups already.
    listed = {item.generation_id for group in groups for item in group.items}
    rest = [item for item in state.attention if item.generation_id not in listed]
    lines += [_item(item, actor) for item in rest]
    if not lines:
        return None
    is_urgent = any(it.severity is Severity.ACT for it in groups)
    is_urgent = is_urgent or any(item.severity == "act" for item in rest)
    return facts(
        lines, title="Action required" if is_urgent else "Needs attention", key="attention"
    )


def _unknown(error: AtelierError) -> list[Any]:
    """Log the error and return nothing, so that the rest of the page is drawn."""
    log.warning("problems_not_read", extra={"code": error.code})
    return []


def _urgent(actor: Actor) -> list[StalledGroup]:
    return [it for it in stalled(actor).groups if it.severity is Severity.ACT]


def _overdue(actor: Actor) -> list[StalledGroup]:
    return [it for it in stalled(actor).groups if it.severity is Severity.WAIT and it.is_overdue]


def _group(group: StalledGroup) -> Line:
    first = group.items[0]
    return (
        "",
        [
            badge(SEVERITY_BADGES[group.severity]),
            elements.button(
                group.title, DIAGNOSE if group.count > 1 else f"{WHY}:{first.generation_id}"
            ),
            elements.text(first.title if group.count == 1 else f"{group.count:,} pictures"),
            *([elements.text(first.sentence)] if group.severity is Severity.WAIT else []),
            elements.text("oldest"),
            elements.time(group.oldest_at),
        ],
    )


def _item(item: AttentionItem, actor: Actor) -> Line:
    return (
        "",
        [
            elements.badge(*_WORDS[item.severity]),
            elements.button(item.title, item.generation_id),
            elements.text(item.sentence),
            elements.time(item.at),
            *([why(item.generation_id)] if actor.role is not Role.VIEWER else []),
        ],
    )


def draw_operations(state: Overview, actor: Actor) -> None:
    """Draw workers beside providers; an admin may resume a paused one."""
    work, providers = st.columns(2, gap="large")
    with work:
        _processes(state)
    with providers:
        _providers(state, actor)


def _processes(state: Overview) -> None:
    depths = state.queue_depths
    if depths is None:
        queue = elements.badge("The queue does not answer", "red", "error")
    else:
        queue = elements.text(" · ".join(f"{name} {depth}" for name, depth in depths.items()))
    lines = [("", [elements.text("Queue", "strong"), queue])]
    lines += [("", _process(process)) for process in state.processes]
    if not state.processes:
        lines.append(("", [elements.badge("No worker is running", "red", "error")]))
    facts(lines, title="Workers", key="processes")


def _process(process: ProcessFacts) -> list[elements.Element]:
    if not process.is_alive:
        state = elements.badge(
            f"No heartbeat for {duration(process.age_seconds)}", "red", "heart_broken"
        )
    elif process.role == "worker":
        state = elements.text(f"{process.busy} of {process.threads} busy")
    else:
        state = elements.text("alive")
    return [elements.text(process.name, "strong"), state]


def _providers(state: Overview, actor: Actor) -> None:
    facts([("", _provider(view)) for view in state.providers], title="Providers", key="providers")
    for view in state.providers if actor.role is Role.ADMIN else ():
        label, key = f"Resume {view.label}", f"resume_{view.name}"
        if view.paused_at and st.button(label, icon=":material/play_arrow:", key=key):
            remedy_dialogs.ask(RemedyOffer(ResumeProvider.id, view.name))


def _provider(view: ProviderStatus) -> list[elements.Element]:
    line = [elements.text(view.label, "strong")]
    if view.paused_at:
        line += [
            elements.badge("Paused", "amber", "pause"),
            elements.text(view.paused_reason or ""),
        ]
        line += [elements.time(view.paused_at)]
    else:
        line.append(elements.text("simulated" if view.is_simulated else "open"))
    return line
