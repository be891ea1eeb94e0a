"""The jobs page above its list: counts, queues, providers, workers and throughput."""

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from pages.kit.backend import throughput
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, table
from pages.kit.fields import segments
from pages.kit.frame import action, require_role
from pages.kit.widgets import Figure, figures
from pages.kit.wording import escaped
from services.core.actors import Actor
from services.core.humanize import count_of, duration, file_size
from services.core.states import Role
from services.jobs.board import (
    Bucket,
    HeldRun,
    JobsBoard,
    QueueSummary,
    Throughput,
    Window,
    WorkerSummary,
)
from services.monitoring.providers import ProviderStatus
from services.monitoring.run_status import RunGroup
from services.remedies.resume import ResumeProvider, ResumeQueue

PAUSE_QUEUE, PAUSE_PROVIDER = "pause_queue", "pause_provider"
MAX_HELD = 6
TOTAL = "total"


def draw_counts(board: JobsBoard) -> str | None:
    """Draw the counts; return the group whose number was clicked."""
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
            f"{count_of(review, 'requires', 'require')} action" if review else "now and in 24 h",
            "violet" if review else "",
            opens=True,
        ),
    ]
    return figures(strip, key="jobs_figures")


def draw_alarms(board: JobsBoard) -> None:
    """Draw what stops all work, before any table."""
    if board.queue_problem:
        st.error(
            f"{escaped(str(board.queue_problem))} Started work is saved and continues when Redis"
            " works again.",
            icon=":material/cloud_off:",
        )
    if board.is_suspended:
        st.error("RQ is suspended: no worker takes a job.", icon=":material/pause_circle:")
    if not any(one.process.is_alive and one.process.role == "worker" for one in board.workers):
        st.error("No worker is alive. Start ./run or ./run worker.", icon=":material/heart_broken:")


def draw_processes(board: JobsBoard, actor: Actor) -> str | None:
    """Draw queues and providers beside the workers; return the click as `what:name`."""
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
                Column("Running", is_wide=True),
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
    """Return why runs wait, and its tone; a pause comes before the queue."""
    paused = [f"queue {view.name.value}" for view in board.queues if view.paused_at]
    paused += [gate.label for gate in board.providers if gate.paused_at]
    if paused:
        return f"paused: {', '.join(paused)}", "amber"
    oldest = [view.oldest_seconds for view in board.queues if view.oldest_seconds is not None]
    return (f"oldest {duration(max(oldest))}" if oldest else "in queue"), ""


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
    line: list[elements.Element] = []
    if view.line and view.line.abandoned:
        line.append(
            elements.badge(f"{view.line.abandoned} abandoned by a dead worker", "red", "error")
        )
    if view.line and view.line.failed:
        line.append(elements.text(count_of(view.line.failed, "failed step")))
    if view.paused_at is None:
        return [*line, elements.button("Pause", f"{PAUSE_QUEUE}:{name}")]
    return [
        elements.badge("Paused", "amber", "pause"),
        elements.text(f"by {view.paused_by}"),
        elements.time(view.paused_at),
        *([elements.text(view.paused_reason)] if view.paused_reason else []),
        *line,
        elements.button("Resume", f"{ResumeQueue.id}:{name}"),
    ]


def _provider(gate: ProviderStatus, actor: Actor) -> Cells:
    line: list[elements.Element] = []
    if gate.paused_at:
        line += [
            elements.badge("Paused", "amber", "pause"),
            elements.text(gate.paused_reason or ""),
        ]
        line += [elements.time(gate.paused_at)]
    elif gate.blocked_until:
        line.append(elements.badge("Rate limited", "amber", "hourglass_top"))
    else:
        line.append(elements.text("simulated" if gate.is_simulated else "open"))
    if actor.role is Role.ADMIN:
        is_paused = gate.paused_at is not None
        verb = ResumeProvider.id if is_paused else PAUSE_PROVIDER
        line.append(elements.button("Resume" if is_paused else "Pause", f"{verb}:{gate.name}"))
    return [[elements.text(gate.label, "strong")], line]


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
        _running(view),
    ]


def _running(view: WorkerSummary) -> list[elements.Element]:
    process = view.process
    line: list[elements.Element] = []
    if not process.is_alive:
        label = f"No heartbeat for {duration(process.age_seconds)}"
        line.append(elements.badge(label, "red", "heart_broken"))
    line += [one for held in view.runs[:MAX_HELD] for one in _held(held)]
    if len(view.runs) > MAX_HELD:
        line.append(elements.text(f"and {len(view.runs) - MAX_HELD} more"))
    return line or [elements.text("alive" if process.role != "worker" else "idle")]


def _held(held: HeldRun) -> Sequence[elements.Element]:
    return (
        elements.button(held.title, f"run:{held.run_id}"),
        elements.text(f"{duration(held.seconds)}{', lease lost' if held.is_lost else ''}"),
    )


def _redis_line(board: JobsBoard) -> str:
    if board.used_memory_bytes is None:
        return "Redis does not answer."
    memory = file_size(board.used_memory_bytes)
    return f"{count_of(board.listening, 'worker thread')} registered; Redis uses {memory}."


CHART_SECONDS = 10
HEIGHT, LEGEND = 132, 32
P50, P95 = "p50", "p95"
Value = Callable[[Bucket], float | None]


@st.fragment(run_every=CHART_SECONDS)
def draw_charts() -> None:
    """Draw three small charts of the last hour or day."""
    actor = require_role(Role.OPERATOR)
    window = segments("Window", [one.value for one in Window], "window", default=Window.HOUR.value)
    with action("read_throughput", is_page=True):
        pace = throughput(actor, Window(window))
    done, waited, ran = st.columns(3, gap="medium")
    with done:
        _completed(pace)
    with waited:
        _seconds("Waited", pace, lambda one: one.wait_p50, lambda one: one.wait_p95)
    with ran:
        _seconds("Ran", pace, lambda one: one.run_p50, lambda one: one.run_p95)


def _completed(pace: Throughput) -> None:
    total = pace.total
    failed = f" · {total.failed:,} failed" if total.failed else ""
    _head("Completed", f"{total.completed:,} · {_rate(total.per_minute)}{failed}")
    st.bar_chart(
        {"At": _times(pace), "Completed": [one.completed for one in pace.buckets]},
        x="At", y="Completed", x_label="", y_label="", color="primary", height=HEIGHT,
        alt=f"{count_of(total.completed, 'run')} completed, by time",
    )  # fmt: skip


def _seconds(title: str, pace: Throughput, p50: Value, p95: Value) -> None:
    median, slow = p50(pace.total), p95(pace.total)
    if median is None or slow is None:
        _head(title, "none completed")
    else:
        _head(title, f"p50 {duration(median)} · p95 {duration(slow)}")
    st.bar_chart(
        {
            "At": _times(pace),
            # Without a number the axis would omit the time.
            P95: [p95(one) or 0.0 for one in pace.buckets],
            P50: [p50(one) or 0.0 for one in pace.buckets],
        },
        x="At", y=[P95, P50], x_label="", y_label="", color=["gray", "primary"],
        stack="layered", height=HEIGHT + LEGEND, alt=f"Seconds that runs {title.lower()}, by time",
    )  # fmt: skip


def _rate(per_minute: float) -> str:
    if per_minute >= 1:
        return f"{per_minute:.1f} a minute"
    return f"{per_minute * 60:.0f} an hour"


def _head(title: str, summary: str) -> None:
    st.markdown(f"**{title}** &nbsp;:gray[{summary}]")


def _times(pace: Throughput) -> list[datetime]:
    return [one.at for one in pace.buckets]
