"""What a plant is: a cause, how it is brought about, and what is said of it."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.faults.environment import Environment
from services.diagnosis.detail import Diagnosis


@dataclass(frozen=True)
class Fault:
    """One cause, planted on demand.

    `plant(ground, count)` returns the ids of so many generations that have it by then, or in a
    moment; what it disturbed for everybody is put right by `ground.undo()`.
    """

    cause: str
    plant: Callable[[Environment, int], list[str]]
    meaning: str
    """How it is brought about, in words."""
    is_global: bool = False
    """It holds up everything: it is planted alone."""
    heals: bool = False
    """With a running dispatcher it is put right by itself; the timeline then names it."""
    event: str = ""
    """The timeline's line that names it once it was healed."""
    is_beside: bool = False
    """It comes with what brought it about, which is the verdict; it is named beside that."""
    remedy: str | None = None
    """What cures it; None: `ground.undo()` does, or time."""


def is_named(seen: Diagnosis, plant: Fault) -> bool:
    """Whether a diagnosis tells what was planted.

    As its verdict; beside what brought it about, or beside a dispatcher that does not run either; or,
    once it was put right by itself, on the timeline.
    """
    if seen.verdict.cause is plant.cause:
        return True
    causes = {finding.cause for finding in seen.findings}
    if plant.is_beside or seen.verdict.cause == "dispatcher_down":
        return plant.cause in causes
    return plant.heals and any(row.name == plant.event for row in seen.timeline)
