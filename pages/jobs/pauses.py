"""The dialogs that pause and resume a queue or a provider."""

import streamlit as st

from pages.jobs.board import PAUSE_PROVIDER, PAUSE_QUEUE, RESUME_PROVIDER, RESUME_QUEUE
from pages.kit.backend import services
from pages.kit.forms import change_row
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
    is_pause = what in (PAUSE_QUEUE, PAUSE_PROVIDER)
    if what in (PAUSE_QUEUE, RESUME_QUEUE) and name in tuple(QueueName):
        texts = ["Waiting runs are enqueued, oldest first."]
        if is_pause:
            texts = [CONSEQUENCES[QueueName(name)], "Jobs already in the queue still run."]
        _open(f"queue_{name}", f"the queue {name}", texts, is_pause, Role.OPERATOR)
    elif what in (PAUSE_PROVIDER, RESUME_PROVIDER) and name in DEFINITIONS:
        label = provider_label(name)
        texts = [f"Waiting runs are sent to {label} again."]
        if is_pause:
            texts = [
                f"Nothing more is sent to {label} until an admin resumes it.",
                "Pictures already in progress are still downloaded and saved.",
            ]
        _open(f"provider_{name}", label, texts, is_pause, Role.ADMIN)


def _open(key: str, label: str, texts: list[str], is_pause: bool, role: Role) -> None:
    verb = "Pause" if is_pause else "Resume"

    def body() -> None:
        st.write(texts[0])
        for text in texts[1:]:
            st.caption(text)
        change_row(key, f"{verb} {label}", save, role)

    def save(actor: Actor, reason: str) -> str:
        _change(key, is_pause, actor, reason)
        return f"{label[0].upper()}{label[1:]} is {verb.lower()}d."

    st.dialog(f"{verb} {label}?")(body)()


def _change(key: str, is_pause: bool, actor: Actor, reason: str) -> None:
    jobs, (what, _, name) = services().jobs, key.partition("_")
    if what == "queue":
        (jobs.pause_queue if is_pause else jobs.resume_queue)(actor, QueueName(name), reason)
    else:
        (jobs.pause_provider if is_pause else jobs.resume_provider)(actor, name, reason)
