"""What a prediction and a training have in common: a planned course, and how it looks at a moment."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulator.faults import FaultName
from simulator.replicate.models.catalogue import Model
from simulator.replicate.plan import Plan, Status, canceled_plan
from simulator.replicate.run_logs import LogLine, written


def iso_time(seconds: float) -> str:
    """A Unix time as the API writes it, in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(kw_only=True)
class Run(ABC):
    """A piece of work and its planned course; every time is a Unix time in seconds."""

    id: str
    number: int
    """Position in the order of creation."""
    model: Model
    input: dict[str, Any]
    created_at: float
    plan: Plan
    base_url: str
    """Scheme and host under which the caller reached the simulator."""
    deadline: float | None = None
    webhook: str | None = None
    webhook_events: frozenset[str] = frozenset()
    faults: frozenset[FaultName] = frozenset()
    changed: asyncio.Event | None = None
    """Set by a cancel, so that the webhook sender wakes."""

    @property
    def values(self) -> dict[str, Any]:
        """The input with the model's defaults."""
        return self.model.inputs.defaults() | self.input

    @property
    @abstractmethod
    def prompt(self) -> str:
        """The words it was made with."""

    @abstractmethod
    def as_json(self, now: float) -> dict[str, Any]:
        """The object that the API shows of it at `now`."""

    @abstractmethod
    def log_script(self) -> list[LogLine]:
        """Every line that it writes if nothing stops it, in order, with its time."""

    def has_ended(self, now: float) -> bool:
        """Whether the state is a final one."""
        return now >= self.plan.ends_at

    def is_removed(self, now: float) -> bool:
        """Whether input, output and logs are gone."""
        return now >= self.plan.ends_at + self.plan.retention_seconds

    def status(self, now: float) -> Status:
        """The state at `now`."""
        if self.has_ended(now):
            return self.plan.ending
        return Status.PROCESSING if now >= self.plan.starts_at else Status.STARTING

    def has_succeeded(self, now: float) -> bool:
        """Whether it has ended well."""
        return self.has_ended(now) and self.plan.ending is Status.SUCCEEDED

    def output_count(self, now: float) -> int:
        """How many outputs there are at `now`."""
        until = min(now, self.plan.ends_at)
        return sum(1 for at in self.plan.outputs_at if at <= until)

    def cancel(self, now: float) -> None:
        """End it as a person does; an ended one stays as it is."""
        self.plan = canceled_plan(self.plan, now)
        if self.changed is not None:
            self.changed.set()

    def logs(self, now: float) -> str:
        """What it has written until `now`."""
        until = min(now, self.plan.ends_at)
        return "" if until < self.plan.starts_at else written(self.log_script(), until)

    def times(self, now: float) -> dict[str, Any]:
        """`started_at`, `completed_at` and `metrics`, as the API shows them."""
        plan = self.plan
        started = plan.starts_at <= min(now, plan.ends_at)
        times: dict[str, Any] = {
            "started_at": iso_time(plan.starts_at) if started else None,
            "completed_at": None,
            "metrics": {},
        }
        if self.has_ended(now):
            run = plan.ends_at - plan.starts_at if started else 0.0
            total = plan.ends_at - self.created_at
            times["completed_at"] = iso_time(plan.ends_at)
            times["metrics"] = {"predict_time": round(run, 6), "total_time": round(total, 6)}
        return times
