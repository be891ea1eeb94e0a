"""What needs a person, on the overview: what stands still by cause, what is missing, what failed."""

import logging
from typing import Any

from pages.kit.backend import missing, stalled
from pages.kit.components import elements
from pages.kit.components.rows import Line, facts
from pages.kit.remedy_labels import SEVERITY_BADGES
from pages.kit.widgets import WHY, Figure, badge, why
from services.core.actors import Actor
from services.core.errors import AtelierError
from services.core.humanize import count_of
from services.core.states import Role
from services.diagnosis.cause import Severity
from services.diagnosis.stalled import StalledGroup
from services.gallery.overview import AttentionItem, Overview

log = logging.getLogger(__name__)

DIAGNOSE = "diagnose"
_WORDS = {"act": ("Action required", "violet", "front_hand"), "wait": ("Note", "gray", "info")}


def trouble_figures(actor: Actor, desk: Overview) -> list[Figure]:
    """Stalled and missing for those who may diagnose; for others what waits for a decision."""
    if actor.role is Role.VIEWER:
        told = "unknown submits to decide" if desk.needs_review else "nothing to decide"
        tone = "violet" if desk.needs_review else ""
        return [Figure("review", "Action required", f"{desk.needs_review:,}", told, tone, True)]
    try:
        loud, gone = _loud(actor), missing(actor).total
    except AtelierError as error:
        return _untold(error)
    count = sum(group.count for group in loud)
    causes = count_of(len(loud), "cause", "causes") if loud else "no stuck jobs"
    lost = "files to restore" if gone else "no missing files"
    return [
        Figure("stalled", "Stuck", f"{count:,}", causes, "red" if count else "", True),
        Figure("missing", "Missing", f"{gone:,}", lost, "amber" if gone else "", True),
    ]


def draw_trouble(desk: Overview, actor: Actor) -> str | None:
    """The list; returns what was clicked: `diagnose`, `why:<id>` or a generation's id."""
    try:
        groups = [] if actor.role is Role.VIEWER else _loud(actor)
    except AtelierError as error:
        groups = _untold(error)
    lines = [_group(group) for group in groups]
    # What waits for a decision is one of the groups already.
    told = {item.generation_id for group in groups for item in group.items}
    rest = [item for item in desk.attention if item.generation_id not in told]
    lines += [_item(item, actor) for item in rest]
    if not lines:
        return None
    needs = bool(groups) or any(item.severity == "act" for item in rest)
    return facts(lines, title="Action required" if needs else "Needs attention", key="attention")


def _untold(error: AtelierError) -> list[Any]:
    """Nothing: what is stalled is not known, and the rest of the page is."""
    log.warning("trouble_not_told", extra={"code": error.code})
    return []


def _loud(actor: Actor) -> list[StalledGroup]:
    return [it for it in stalled(actor).groups if it.severity is Severity.ACT]


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
