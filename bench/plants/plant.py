"""What a plant is: a cause, how it is brought about, and what is said of it."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.plants.ground import Ground
from services.diagnosis.causes import Cause
from services.diagnosis.remedies.base import RemedyKind


@dataclass(frozen=True)
class Plant:
    """One cause, planted on demand.

    `plant(ground, count)` returns the ids of so many generations that have it by then, or in a
    moment; what it disturbed for everybody is put right by `ground.undo()`.
    """

    cause: Cause
    plant: Callable[[Ground, int], list[str]]
    meaning: str
    """How it is brought about, in words."""
    is_global: bool = False
    """It holds up everything: it is planted alone."""
    heals: bool = False
    """With a running dispatcher it is put right by itself; the timeline then names it."""
    event: str = ""
    """The timeline's line that names it once it was healed."""
    remedy: RemedyKind | None = None
    """What cures it; None: `ground.undo()` does, or time."""
