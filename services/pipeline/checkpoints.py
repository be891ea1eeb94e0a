"""Named places between the pipeline's effects. A process may die at any of them.

The fault tests subscribe and kill the process there; in production nobody listens.
`docs/lifecycle.md` lists every name with what a death there leaves behind.
"""

from collections.abc import Callable
from typing import Final

CHECKPOINTS: Final = (
    "submit.claimed",
    "submit.archived",
    "submit.prepared",
    "submit.committed",
    "submit.created",
    "submit.answered",
    "submit.stored",
    "submit.accepted",
    "reconcile.claimed",
    "reconcile.found",
    "poll.claimed",
    "poll.asked",
    "poll.canceled",
    "poll.saved",
    "ingest.claimed",
    "ingest.fetched",
    "ingest.stored",
    "ingest.filled",
    "weights.claimed",
    "weights.fetched",
    "weights.stored",
    "weights.filled",
    "cancel.requested",
    "cancel.settled",
    "retry.committed",
    "dispatch.recovered",
    "dispatch.selected",
    "dispatch.enqueued",
    "dispatch.committed",
)

_listeners: list[Callable[[str], None]] = []


def listen(listener: Callable[[str], None]) -> None:
    """Call `listener(name)` at every checkpoint that this process reaches from now on."""
    _listeners.append(listener)


def forget(listener: Callable[[str], None]) -> None:
    """Call this listener no more."""
    _listeners.remove(listener)


def checkpoint(name: str) -> None:
    """Say that this place was reached."""
    for listener in _listeners:
        listener(name)
