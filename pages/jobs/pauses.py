"""The dialogs that pause and resume a queue or a provider; each says what follows."""

from functools import partial

import streamlit as st

from pages.jobs.board import PAUSE_PROVIDER, PAUSE_QUEUE, RESUME_PROVIDER, RESUME_QUEUE
from pages.kit.backend import services
from pages.kit.changes import change_row
from services.core.actors import Actor
from services.core.states import QueueName, Role
from services.providers.registry import DEFINITIONS, provider_label

FOLLOWS = {
    QueueName.HIGH: "Nothing of pro and unlimited accounts begins, and nothing that is in progress"
    " is looked at or saved. A finished picture is deleted at its provider after about an hour.",
    QueueName.DEFAULT: "Nothing of free accounts begins. What has begun goes on.",
    QueueName.LOW: "No training begins, and no trained weights are downloaded. The rest goes on.",
}


def open_pause(what: str, name: str) -> None:
    """Open the dialog that was asked for; other words open none."""
    if what in (PAUSE_QUEUE, RESUME_QUEUE) and name in tuple(QueueName):
        _queue(QueueName(name), what == PAUSE_QUEUE)
    elif what in (PAUSE_PROVIDER, RESUME_PROVIDER) and name in DEFINITIONS:
        _provider(name, what == PAUSE_PROVIDER)


def _queue(queue: QueueName, is_pause: bool) -> None:
    verb = "Pause" if is_pause else "Resume"
    st.dialog(f"{verb} the queue {queue.value}?")(_queue_body)(queue, is_pause)


def _queue_body(queue: QueueName, is_pause: bool) -> None:
    if is_pause:
        st.write(FOLLOWS[queue])
        st.caption("What waits in the queue already is still done. Nothing is lost.")
    else:
        st.write("Waiting work is enqueued, oldest first.")
    label = "Pause it" if is_pause else "Resume it"
    change_row(f"queue_{queue.value}", label, partial(_save_queue, queue, is_pause), Role.OPERATOR)


def _save_queue(queue: QueueName, is_pause: bool, actor: Actor, reason: str) -> str:
    jobs = services().jobs
    (jobs.pause_queue if is_pause else jobs.resume_queue)(actor, queue, reason)
    return f"The queue {queue.value} is {'paused' if is_pause else 'open again'}."


def _provider(provider: str, is_pause: bool) -> None:
    verb = "Pause" if is_pause else "Resume"
    st.dialog(f"{verb} {provider_label(provider)}?")(_provider_body)(provider, is_pause)


def _provider_body(provider: str, is_pause: bool) -> None:
    label = provider_label(provider)
    if is_pause:
        st.write(f"Nothing more is sent to {label} until an admin resumes it.")
        st.caption("What it works on already is still fetched and saved.")
    else:
        st.write(f"{label} is called again for everything that waits.")
    change_row(
        f"provider_{provider}",
        f"{'Pause' if is_pause else 'Resume'} {label}",
        partial(_save_provider, provider, is_pause),
    )


def _save_provider(provider: str, is_pause: bool, actor: Actor, reason: str) -> str:
    jobs = services().jobs
    (jobs.pause_provider if is_pause else jobs.resume_provider)(actor, provider, reason)
    told = "is paused" if is_pause else "is called again"
    return f"{provider_label(provider)} {told}."
