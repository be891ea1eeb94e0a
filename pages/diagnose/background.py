"""What stands beside the verdict, and the outages of the last days over all accounts."""

import streamlit as st

from pages.kit.backend import background, incidents, services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, facts, table
from pages.kit.frame import action, require_role
from services.core.humanize import count_of, credits_of, dollars, duration
from services.core.states import Role
from services.diagnosis.detail import Diagnosis
from services.diagnosis.history import Incident
from services.monitoring.provider_health import ProviderHealth
from services.providers.registry import provider_label

INCIDENT_COLUMNS = (
    Column("Outage", is_wide=True),
    Column("Provider"),
    Column("Began"),
    Column("Ended"),
    Column("Affected"),
    Column("Refunded", is_number=True),
    Column("Cost", is_number=True),
)


def draw_background(case: Diagnosis) -> None:
    """Draw similar cases, incidents, changes and the providers' health; a download has all of it."""
    actor = require_role(Role.OPERATOR)
    generation_id = case.subject.generation_id
    with action("read_background"):
        found = background(actor, generation_id, case)
        lines = [("Similar cases", [elements.text(found.similar_sentence)])]
        lines += [("Outage", _incident_line(one)) for one in found.incidents]
        lines += [
            (
                "Changed before",
                [
                    elements.text(one.subject, "strong"),
                    elements.text(one.sentence),
                    elements.time(one.at),
                ],
            )
            for one in found.changes
        ]
        lines += [("Provider", _health(one)) for one in found.providers if one.requests]
        facts(lines, title="Compared with other cases", key="background")
    st.download_button(
        "Download case",
        lambda: services().diagnoses.bundle(require_role(Role.OPERATOR), generation_id),
        file_name=f"{generation_id}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        key="download_case",
    )


def draw_incidents() -> None:
    """Draw one row for each outage, over all accounts; nothing without one."""
    actor = require_role(Role.OPERATOR)
    with action("read_incidents"):
        found = incidents(actor)
        if found:
            table(
                INCIDENT_COLUMNS,
                [_incident(one) for one in found],
                title="Outages, 7 days",
                key="incidents",
            )


def _incident(one: Incident) -> Cells:
    return [
        [elements.link(one.title, f"diagnose?id={one.generation_ids[0]}", tone="strong")],
        [elements.text(provider_label(one.provider) if one.provider else "Atelier")],
        [elements.time(one.began_at)],
        [
            elements.badge("ongoing", "red", "error")
            if one.is_ongoing
            else elements.time(one.last_at)
        ],
        [elements.text(_affected(one))],
        [elements.text(credits_of(one.refunded_credits))],
        [elements.text(dollars(one.cost_usd))],
    ]


def _incident_line(one: Incident) -> list[elements.Element]:
    ended = (
        elements.badge("ongoing", "red", "error") if one.is_ongoing else elements.time(one.last_at)
    )
    return [
        elements.text(one.title, "strong"),
        elements.text(_affected(one)),
        elements.time(one.began_at),
        elements.text("to"),
        ended,
    ]


def _affected(one: Incident) -> str:
    batches = count_of(one.generations, "batch", "batches")
    return f"{count_of(one.runs, 'run')} in {batches} of {count_of(one.accounts, 'account')}"


def _health(one: ProviderHealth) -> list[elements.Element]:
    """Return the last day and its newest hour: requests, failures by class, durations."""
    day = f"{count_of(one.requests, 'request')} in 24 h, {one.failed} failed"
    newest = one.hours[-1]
    hour = f"since {newest.at:%H:%M} UTC {newest.requests}, {newest.failed} failed"
    classes = ", ".join(f"{name} {count}" for name, count in newest.failures.items())
    took = ""
    if newest.median_seconds is not None and newest.p95_seconds is not None:
        took = f"p50 {duration(newest.median_seconds)} · p95 {duration(newest.p95_seconds)}"
    texts = (day, f"{hour} ({classes})" if classes else hour, took)
    return [
        elements.text(provider_label(one.provider), "strong"),
        *(elements.text(text) for text in texts if text),
    ]
