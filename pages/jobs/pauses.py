"""The dialogs that pause and resume a queue or a provider."""

from functools import partial

import streamlit as st

from pages.jobs.board import PAUSE_PROVIDER, PAUSE_QUEUE, RESUME_PROVIDER, RESUME_QUEUE
from pages.kit.backend import services
from pages.kit.changes import change_row
from services.core.actors import Actor
from services.core.states import QueueName, Role
from services.providers.registry import DEFINITIONS, provider_label

CONSEQUENCES = {
    QueueName.HIGH: "No runs of pro and unlimited accounts start, and nothing in progress is polled or"
    " saved. Providers delete a finished picture after about an hour.",
    QueueName.DEFAULT: "No runs of free accounts start. Running ones continue.",
    QueueName.LOW: "No training starts, and no weights are downloaded. Everything else continues.",
}


def open_pause(what: str, name: str) -> None:
    """Open the dialog that was asked for; an unknown name opens none."""
    if what in (PAUSE_QUEUE, RESUME_QUEUE) and name in tuple(QueueName):
        _queue(QueueName(name), what == PAUSE_QUEUE)
    elif what in (PAUSE_PROVIDER, RESUME_PROVIDER) and name in DEFINITIONS:
        _provider(name, what == PAUSE_PROVIDER)


def _queue(queue: QueueName, is_pause: bool) -> None:
    verb = "Pause" if is_pause else "Resume"
    st.dialog(f"{verb} the queue {queue.value}?")(_queue_body)(queue, is_pause)


def _queue_body(queue: QueueName, is_pause: bool) -> None:
    if is_pause:
        st.write(CONSEQUENCES[queue])
        st.caption("Jobs already in the queue still run. Nothing is lost.")
    else:
        st.write("Waiting runs are enqueued, oldest first.")
    label = "Pause queue" if is_pause else "Resume queue"
    change_row(f"queue_{queue.value}", label, partial(_save_queue, queue, is_pause), Role.OPERATOR)


def _save_queue(queue: QueueName, is_pause: bool, actor: Actor, reason: str) -> str:
    jobs = services().jobs
    (jobs.pause_queue if is_pause else jobs.resume_queue)(actor, queue, reason)
    return f"The queue {queue.value} is {'paused' if is_pause else 'resumed'}."


def _provider(provider: str, is_pause: bool) -> None:
    verb = "Pause" if is_pause else "Resume"
    st.dialog(f"{verb} {provider_label(provider)}?")(_provider_body)(provider, is_pause)


def _provider_body(provider: str, is_pause: bool) -> None:
    label = provider_label(provider)
    if is_pause:
        st.write(f"Nothing more is sent to {label} until an admin resumes it.")
        st.caption("Pictures already in progress are still downloaded and saved.")
    else:
        st.write(f"Waiting runs are sent to {label} again.")
    change_row(
        f"provider_{provider}",
        f"{'Pause' if is_pause else 'Resume'} {label}",
        partial(_save_provider, provider, is_pause),
    )


def _save_provider(provider: str, is_pause: bool, actor: Actor, reason: str) -> str:
    jobs = services().jobs
    (jobs.pause_provider if is_pause else jobs.resume_provider)(actor, provider, reason)
    state = "is paused" if is_pause else "is resumed"
    return f"{provider_label(provider)} {state}."
