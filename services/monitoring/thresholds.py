"""From when on something counts as late; all in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """The defaults fit the pipeline's own: a tick of 0.25 s, rings renewed after 10, leases of 30."""

    settling: float = 4.0
    """Whatever is younger may just be on its way between two places."""
    enqueued_late: float = 15.0
    """Due for so long and not rung, though a dispatcher lives: it was passed over."""
    far_ahead: float = 900.0
    """No step is ever put off for longer."""
    cold_start: float = 8.0
    """A model that starts for longer is booting."""
    fetch_late: float = 30.0
    """A finished picture is usually stored within a second."""
    fetch_stuck: float = 120.0
    """By then whatever heals by itself has done so: a dead worker's lease, a first pause."""
    slow_factor: float = 2.0
    """Of the usual time, where a model's history is too short to say more."""
    output_window: float = 3300.0
    """So long a provider keeps what it made, as the pipeline counts on it."""
