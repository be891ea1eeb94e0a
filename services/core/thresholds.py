"""When something counts as late, in seconds: the one table for pages, rules and SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

SILENT_SECONDS: Mapping[str, float] = {"worker": 30.0, "dispatcher": 12.0}
"""By role: a process whose last heartbeat is older counts as dead.

Each process sends one every five seconds; a dispatcher is missed before its work is late.
"""
UNDISPATCHED_WARNING_SECONDS = 30.0
UNDISPATCHED_SECONDS = 300.0
"""A due run that was not enqueued for so long: dispatching does not work."""
BLOCKER_SECONDS = 10.0
"""Another session's transaction on our tables is reported once it is open for so long."""
OPERATION_SILENT_SECONDS = 60.0
"""A running bulk fix without a heartbeat for so long is stalled: another process continues it."""


@dataclass(frozen=True)
class Thresholds:
    """Limits of a diagnosis; the defaults fit a requeue after 10 s and leases of 30 s."""

    settling: float = 4.0
    """A younger change may still be between two places."""
    enqueued_late: float = 15.0
    """Due for so long and not enqueued, although a dispatcher runs."""
    longest_call: float = 240.0
    """A call that makes pictures has ended by then, and the next in line is sent."""
    far_ahead: float = 900.0
    """No step is scheduled further ahead."""
    cold_start: float = 8.0
    """A model that starts for longer is booting."""
    healing: float = 60.0
    """What the dispatcher repairs is repaired so long after it was due; after that, a person must act."""
    lookup: float = 600.0
    """So long a create whose answer was lost is searched for in the provider's list."""
    slow_step: float = 10.0
    """A step that a worker executes for longer waits for something slow."""
    long_throttle: float = 900.0
    """A provider that asks for a longer wait has no quota left rather than too many requests."""
    max_wait: float = 86_400.0
    """What waits for longer is ended and refunded (MAX_WAIT_HOURS)."""
    queue_wait: float = 3600.0
    """A run that waits in line for longer is no usual wait any more."""
    training_start: float = 1800.0
    """A training that has counted no step for so long does not begin by itself."""
    fetch_late: float = 30.0
    """A finished picture is usually stored within a second."""
    fetch_stuck: float = 120.0
    """What recovers automatically has recovered by then: an expired lease, a first backoff."""
    slow_factor: float = 2.0
    """Of the typical duration, where a model's history is too short for a percentile."""
    output_window: float = 3300.0
    """How long a provider stores its outputs, as the pipeline assumes."""
