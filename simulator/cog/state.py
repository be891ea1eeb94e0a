"""What the simulated container remembers."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class CogState:
    """The container since its last start."""

    running: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The input of each prediction at work, by its id."""
    files: dict[str, bytes] = field(default_factory=dict)
    """The pictures that answers named, by their name."""
    ready_at: float = 0.0
    """When its setup ends, in seconds of the monotonic clock."""
