"""The house: whether the queue, the workers and the providers are well."""

import streamlit as st

from pages.kit.backend import clear_cached_reads, services
from pages.kit.components import elements
from pages.kit.components.rows import facts
from pages.kit.frame import action, flash, require_role
from services.core.actors import Actor
from services.core.humanize import duration
from services.core.states import Role
from services.gallery.overview import Overview
from services.monitoring.processes import ProcessFacts
from services.monitoring.providers import ProviderStatus


def draw_house(desk: Overview, actor: Actor) -> None:
    """Workers beside providers; an admin may resume a paused one."""
    work, providers = st.columns(2, gap="large")
    with work:
        _processes(desk)
    with providers:
        _providers(desk, actor)


def _processes(desk: Overview) -> None:
    depths = desk.queue_depths
    if depths is None:
        queue = elements.badge("The queue does not answer", "red", "error")
    else:
        queue = elements.text(" · ".join(f"{name} {depth}" for name, depth in depths.items()))
    lines = [("", [elements.text("Queue", "strong"), queue])]
    lines += [("", _process(process)) for process in desk.processes]
    if not desk.processes:
        lines.append(("", [elements.badge("No worker runs", "red", "error")]))
    facts(lines, title="Workers", key="processes")


def _process(process: ProcessFacts) -> list[elements.Element]:
    if not process.is_alive:
        told = elements.badge(f"Silent for {duration(process.age_seconds)}", "red", "heart_broken")
    elif process.role == "worker":
        told = elements.text(f"{process.busy} of {process.threads} busy")
    else:
        told = elements.text("alive")
    return [elements.text(process.name, "strong"), told]


def _providers(desk: Overview, actor: Actor) -> None:
    facts([("", _provider(view)) for view in desk.providers], title="Providers", key="providers")
    for view in desk.providers:
        if view.paused_at and actor.role is Role.ADMIN:
            st.button(
                f"Resume {view.label}",
                icon=":material/play_arrow:",
                key=f"resume_{view.name}",
                on_click=_resume,
                args=(view.name, view.label),
            )


def _provider(view: ProviderStatus) -> list[elements.Element]:
    told = [elements.text(view.label, "strong")]
    if view.paused_at:
        told += [
            elements.badge("Paused", "amber", "pause"),
            elements.text(view.paused_reason or ""),
        ]
        told += [elements.time(view.paused_at)]
    else:
        told.append(elements.text("simulated" if view.is_simulated else "open"))
    return told


def _resume(provider: str, label: str) -> None:
    with action("resume_provider"):
        actor = require_role(Role.ADMIN)
        services().jobs.resume_provider(actor, provider, "Resumed on the overview")
        clear_cached_reads()
        flash(f"{label} is called again.", ":material/play_arrow:")
