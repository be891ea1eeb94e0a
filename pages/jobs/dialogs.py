"""The dialogs of Jobs: one run's attempts, incidents and job; pausing work."""

import streamlit as st

from pages.jobs.board import PAUSE_PROVIDER, PAUSE_QUEUE
from pages.kit.backend import services
from pages.kit.components import elements
from pages.kit.components.rows import Cells, Column, facts, table
from pages.kit.forms import change_row
from pages.kit.frame import action, require_role
from pages.kit.widgets import badge
from pages.kit.wording import ATTEMPT_BADGES, Badge
from services.core.actors import Actor
from services.core.humanize import about_dollars, dollars, exact_seconds
from services.core.states import QueueName, Role
from services.jobs.run_detail import AttemptSummary, RunDetail
from services.pipeline.events import EventName
from services.providers.registry import DEFINITIONS, provider_label
from services.queue.base import JobFacts

COLUMNS = (
    Column("Attempt", is_number=True),
    Column("State"),
    Column("Provider"),
    Column("Seed"),
    Column("Sent"),
    Column("Took", is_number=True),
    Column("Cost", is_number=True),
    Column("", is_wide=True),
)
INCIDENTS = {
    EventName.RUN_THROTTLED: Badge("Throttled", "amber", "hourglass_top"),
    EventName.RUN_RETRIED: Badge("Retried", "amber", "replay"),
    EventName.RUN_STEP_FAILED: Badge("Step failed", "red", "error"),
    EventName.RUN_RECOVERED: Badge("Worker lost", "red", "heart_broken"),
    EventName.RUN_REQUEUED: Badge("Job lost", "amber", "notifications"),
    EventName.RUN_NEEDS_REVIEW: Badge("Action required", "violet", "front_hand"),
    EventName.RUN_FAILED: Badge("Failed", "red", "error"),
    EventName.RUN_CANCEL_TOO_LATE: Badge("Canceled too late", "gray", "block"),
}


@st.dialog("Run", width="large", position="right")
def draw_detail(run_id: str) -> None:
    """Draw everything that was attempted for a run."""
    with action("read_run", is_page=True):
        detail = services().jobs.detail(require_role(Role.OPERATOR), run_id)
    facts(
        [
            ("Run", [elements.chip(detail.id)]),
            ("Batch", [elements.chip(detail.generation_id)]),
            ("", [elements.link("Diagnose", f"diagnose?id={detail.generation_id}")]),
        ],
        title=detail.title,
        key="run_head",
    )
    if detail.attempts:
        table(
            COLUMNS,
            [_attempt(one) for one in detail.attempts],
            title="Attempts",
            key="run_attempts",
        )
    else:
        st.caption("Nothing sent to a provider yet.")
    _incidents(detail)
    _job(detail)


def _attempt(one: AttemptSummary) -> Cells:
    link = [elements.link(one.provider_label, one.web_url)] if one.web_url else []
    failure = " ".join(text for text in (one.failure, one.failure_detail) if text)
    is_exact = one.is_settled or not one.cost_usd
    return [
        [elements.text(f"{one.number}")],
        [badge(ATTEMPT_BADGES[one.state])],
        link or [elements.text(one.provider_label)],
        [elements.chip(f"{one.seed}", name="the seed")],
        [elements.time(one.created_at)],
        [elements.text(_took(one))],
        [elements.text((dollars if is_exact else about_dollars)(one.cost_usd))],
        [elements.text(failure)] if failure else [],
    ]


def _took(one: AttemptSummary) -> str:
    if one.finished_at is None:
        return "–"
    since = one.accepted_at or one.created_at
    return exact_seconds((one.finished_at - since).total_seconds())


def _incidents(detail: RunDetail) -> None:
    if detail.problems:
        lines = [
            ("", [badge(INCIDENTS[one.name]), elements.text(one.reason), elements.time(one.at)])
            for one in detail.problems
        ]
        facts(lines, title="Incidents", key="run_incidents")


def _job(detail: RunDetail) -> None:
    if not detail.is_queue_up:
        st.caption("Redis does not answer: the job's state is unknown.")
        return
    if detail.job:
        line = [elements.chip(detail.job.job_id), elements.text(_job_words(detail.job))]
        facts([("", line)], title="In the queue", key="run_job")
    for one in detail.tracebacks:
        with st.expander(f"Traceback of step {one.job_id.rpartition('-')[2]}"):
            st.code(one.text, language=None, wrap_lines=True)


def _job_words(job: JobFacts) -> str:
    if not job.has_hash:
        return "not in Redis: enqueued when it is due"
    if job.in_queue is not None and job.position is not None:
        return f"number {job.position + 1} in queue {job.in_queue.value}"
    if job.is_started_over:
        return "taken by a worker that died"
    if job.started_until is not None:
        return f"running on {job.worker or 'a worker'}"
    return f"{job.status or 'unknown'}, in no queue"


CONSEQUENCES = {
    QueueName.HIGH: "No runs of pro and unlimited accounts start, and nothing in progress is polled or"
    " saved. Providers delete a finished picture after about an hour.",
    QueueName.DEFAULT: "No runs of free accounts start. Running ones continue.",
    QueueName.LOW: "No training starts, and no weights are downloaded. Everything else continues.",
}


def open_pause(what: str, name: str) -> None:
    """Open the dialog that pauses a queue or a provider; an unknown name opens none."""
    if what == PAUSE_QUEUE and name in tuple(QueueName):
        texts = [CONSEQUENCES[QueueName(name)], "Jobs already in the queue still run."]
        _open(f"queue_{name}", f"the queue {name}", texts, Role.OPERATOR)
    elif what == PAUSE_PROVIDER and name in DEFINITIONS:
        label = provider_label(name)
        texts = [
            f"Nothing more is sent to {label} until an admin resumes it.",
            "Pictures already in progress are still downloaded and saved.",
        ]
        _open(f"provider_{name}", label, texts, Role.ADMIN)


def _open(key: str, label: str, texts: list[str], role: Role) -> None:
    def body() -> None:
        st.write(texts[0])
        for text in texts[1:]:
            st.caption(text)
        change_row(key, f"Pause {label}", save, role)

    def save(actor: Actor, reason: str) -> str:
        what, _, name = key.partition("_")
        if what == "queue":
            services().jobs.pause_queue(actor, QueueName(name), reason)
        else:
            services().jobs.pause_provider(actor, name, reason)
        return f"{label[0].upper()}{label[1:]} is paused."

    st.dialog(f"Pause {label}?")(body)()
