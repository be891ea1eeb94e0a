"""The jobs page above its list: six counts, queues and providers beside the workers."""

from collections.abc import Sequence

import streamlit as st

from pages.kit.components import elements
from pages.kit.components.figures import Figure, figures
from pages.kit.components.table import Cells, Column, table
from pages.kit.wording import count_of, duration, file_size
from services.core.actors import Actor
from services.core.states import Role
from services.jobs.board import HeldRun, JobsBoard, QueueSummary, WorkerSummary
from services.monitoring.providers import ProviderStatus
from services.monitoring.run_status import RunGroup

PAUSE_QUEUE, RESUME_QUEUE = "pause_queue", "resume_queue"
PAUSE_PROVIDER, RESUME_PROVIDER = "pause_provider", "resume_provider"
MOST_HELD = 6
TOTAL = "total"


def draw_counts(board: JobsBoard) -> str | None:
    """The six counts; returns the group whose number was clicked."""
    counts = board.counts
    review = counts[RunGroup.NEEDS_REVIEW]
    strip = [
        _figure(RunGroup.WAITING, "Waiting", counts[RunGroup.WAITING], *_held_by(board)),
        _figure(RunGroup.ACTIVE, "Active", counts[RunGroup.ACTIVE], _threads(board), "blue"),
        _figure(RunGroup.DELAYED, "Delayed", counts[RunGroup.DELAYED], "will retry", ""),
        _figure(RunGroup.COMPLETED, "Completed", counts[RunGroup.COMPLETED], "in 24 h", ""),
        _figure(RunGroup.FAILED, "Failed", counts[RunGroup.FAILED], "in 24 h", "red"),
        Figure(
            RunGroup.NEEDS_REVIEW.value if review else TOTAL,
            "Total",
            f"{counts.total:,}",
            f"{count_of(review, 'needs', 'need')} a person" if review else "now and in 24 h",
            "violet" if review else "",
            opens=True,
        ),
    ]
    return figures(strip, key="jobs_figures")


def draw_alarms(board: JobsBoard) -> None:
    """What holds everything back, before any table."""
    if not board.is_queue_up:
        st.error(
            "Redis does not answer. What was started is saved and goes on by itself when it is"
            " back; what is below was read from the database.",
            icon=":material/cloud_off:",
        )
    if board.is_suspended:
        st.error("RQ is suspended: no worker takes a job.", icon=":material/pause_circle:")
    if not any(one.process.is_alive and one.process.role == "worker" for one in board.workers):
        st.error(
            "No worker is alive. Start ./run, or ./run worker.", icon=":material/heart_broken:"
        )


def draw_house(board: JobsBoard, actor: Actor) -> str | None:
    """Queues and providers beside the workers; returns what was asked for, as `what:name`."""
    left, right = st.columns(2, gap="large")
    with left:
        queues = table(
            (
                Column("Queue"),
                Column("Waiting", is_number=True),
                Column("Active", is_number=True),
                Column("Oldest", is_number=True),
                Column("", is_wide=True),
            ),
            [_queue(view) for view in board.queues],
            title="Queues",
            key="jobs_queues",
        )
        providers = table(
            (Column("Provider"), Column("", is_wide=True)),
            [_provider(gate, actor) for gate in board.providers],
            title="Providers",
            key="jobs_providers",
        )
    with right:
        works = table(
            (
                Column("Process"),
                Column("Busy", is_number=True),
                Column("Memory", is_number=True),
                Column("Works on", is_wide=True),
            ),
            [_worker(view) for view in board.workers],
            title="Workers",
            key="jobs_workers",
        )
        st.caption(_redis_line(board))
    return queues or providers or works


def _figure(group: RunGroup, label: str, number: int, note: str, tone: str) -> Figure:
    return Figure(group.value, label, f"{number:,}", note, tone if number else "", opens=True)


def _held_by(board: JobsBoard) -> tuple[str, str]:
    """Why they wait, and its tone: a person's pause is louder than a turn."""
    paused = [f"queue {view.name.value}" for view in board.queues if view.paused_at]
    paused += [gate.label for gate in board.providers if gate.paused_at]
    if paused:
        return f"paused: {', '.join(paused)}", "amber"
    oldest = [view.oldest_seconds for view in board.queues if view.oldest_seconds is not None]
    return (f"longest in queue {duration(max(oldest))}" if oldest else "in queue"), ""


def _threads(board: JobsBoard) -> str:
    alive = [one.process for one in board.workers if one.process.is_alive]
    threads = sum(process.threads for process in alive if process.role == "worker")
    return f"{count_of(threads, 'thread')}"


def _queue(view: QueueSummary) -> Cells:
    line = view.line
    return [
        [elements.text(view.name.value, "strong")],
        [elements.text(f"{line.waiting:,}" if line else "–")],
        [elements.text(f"{line.active:,}" if line else "–")],
        [elements.text(duration(view.oldest_seconds) if view.oldest_seconds is not None else "–")],
        _queue_state(view),
    ]


def _queue_state(view: QueueSummary) -> list[elements.Element]:
    name = view.name.value
    told: list[elements.Element] = []
    if view.line and view.line.abandoned:
        told.append(elements.badge(f"{view.line.abandoned} left by a dead worker", "red", "error"))
    if view.line and view.line.failed:
        told.append(elements.text(count_of(view.line.failed, "failed step")))
    if view.paused_at is None:
        return [*told, elements.button("Pause", f"{PAUSE_QUEUE}:{name}")]
    return [
        elements.badge("Paused", "amber", "pause"),
        elements.text(f"by {view.paused_by}"),
        elements.time(view.paused_at),
        *([elements.text(view.paused_reason)] if view.paused_reason else []),
        *told,
        elements.button("Resume", f"{RESUME_QUEUE}:{name}"),
    ]


def _provider(gate: ProviderStatus, actor: Actor) -> Cells:
    told: list[elements.Element] = []
    if gate.paused_at:
        told += [
            elements.badge("Paused", "amber", "pause"),
            elements.text(gate.paused_reason or ""),
        ]
        told += [elements.time(gate.paused_at)]
    elif gate.blocked_until:
        told.append(elements.badge("Takes no more for now", "amber", "hourglass_top"))
    else:
        told.append(elements.text("simulated" if gate.is_simulated else "open"))
    if actor.role is Role.ADMIN:
        is_paused = gate.paused_at is not None
        wanted = RESUME_PROVIDER if is_paused else PAUSE_PROVIDER
        told.append(elements.button("Resume" if is_paused else "Pause", f"{wanted}:{gate.name}"))
    return [[elements.text(gate.label, "strong")], told]


def _worker(view: WorkerSummary) -> Cells:
    process = view.process
    is_worker = process.role == "worker"
    memory = file_size(process.memory_bytes) if process.memory_bytes else "–"
    return [
        [
            elements.text(process.role.capitalize(), "strong"),
            elements.chip(process.name, shown=f"{process.pid}"),
        ],
        [elements.text(f"{process.busy} of {process.threads}" if is_worker else "–")],
        [elements.text(memory)],
        _works_on(view),
    ]


def _works_on(view: WorkerSummary) -> list[elements.Element]:
    process = view.process
    told: list[elements.Element] = []
    if not process.is_alive:
        silence = f"Silent for {duration(process.age_seconds)}"
        told.append(elements.badge(silence, "red", "heart_broken"))
    told += [part for held in view.runs[:MOST_HELD] for part in _held(held)]
    if len(view.runs) > MOST_HELD:
        told.append(elements.text(f"and {len(view.runs) - MOST_HELD} more"))
    return told or [elements.text("alive" if process.role != "worker" else "nothing now")]


def _held(held: HeldRun) -> Sequence[elements.Element]:
    return (
        elements.button(held.title, f"run:{held.run_id}"),
        elements.text(
            f"{duration(held.seconds)}{', given to another worker' if held.is_lost else ''}"
        ),
    )


def _redis_line(board: JobsBoard) -> str:
    if board.used_memory_bytes is None:
        return "Redis does not answer."
    memory = file_size(board.used_memory_bytes)
    return f"RQ knows {count_of(board.listening, 'thread')}; Redis holds {memory}."
