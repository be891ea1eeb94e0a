"""Named points between the pipeline's effects, at any of which a process may die.

The fault tests kill the process there; in production nothing listens. `docs/lifecycle.md` lists
what a death at each leaves behind.
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
    """Remove this listener."""
    _listeners.remove(listener)


def checkpoint(name: str) -> None:
    """Report that this point was reached."""
    for listener in _listeners:
        listener(name)
