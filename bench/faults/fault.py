"""Fault: a cause, how it is injected, and how a diagnosis names it."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.faults.environment import Environment
from services.diagnosis.detail import Diagnosis


@dataclass(frozen=True)
class Fault:
    """A cause that can be injected.

    `plant(environment, count)` returns ids of `count` generations that have it, or will shortly;
    `environment.undo()` ends what it blocks for all work.
    """

    cause: str
    plant: Callable[[Environment, int], list[str]]
    meaning: str
    """How it is injected."""
    is_global: bool = False
    """It blocks all work, so it is injected alone."""
    heals: bool = False
    """A running dispatcher recovers from it; the timeline then has `event`."""
    event: str = ""
    """Name of the event of its recovery."""
    is_rough: bool = False
    """It stops processes or resets the simulator, which disturbs other generations too."""
    is_beside: bool = False
    """It accompanies its own cause, which is the verdict."""
    remedy: str | None = None
    """Id of the remedy that cures it; None when `environment.undo()` or time does."""

    @property
    def is_alone(self) -> bool:
        """Whether it must be injected alone."""
        return self.is_global or self.is_rough


def is_named(seen: Diagnosis, plant: Fault) -> bool:
    """Whether a diagnosis names the fault.

    As its verdict; as a finding beside its own cause or a dead dispatcher; or, once recovered, in
    the timeline.
    """
    if seen.verdict.cause is plant.cause:
        return True
    causes = {finding.cause for finding in seen.findings}
    if plant.is_beside or seen.verdict.cause == "dispatcher_down":
        return plant.cause in causes
    return plant.heals and any(row.name == plant.event for row in seen.timeline)
