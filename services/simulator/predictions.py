"""One prediction: what it is at a moment, and the JSON object that the API shows of it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.simulator.catalogue import HIDDEN_VERSION, Model
from services.simulator.faults import FaultName
from services.simulator.plan import Plan, Status, canceled_plan
from services.simulator.run_logs import written_logs
from services.simulator.subject import SubjectLook

_FOREIGN_BASE = "https://pictures.example.net"


def iso_time(seconds: float) -> str:
    """A Unix time as the API writes it, in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Prediction:
    """A prediction and its planned course; every time is a Unix time in seconds."""

    id: str
    number: int
    """Position in the order of creation."""
    model: Model
    input: dict[str, Any]
    seed: int
    created_at: float
    plan: Plan
    base_url: str
    """Scheme and host under which the caller reached the simulator."""
    deadline: float | None = None
    webhook: str | None = None
    webhook_events: frozenset[str] = frozenset()
    faults: frozenset[FaultName] = frozenset()
    changed: asyncio.Event | None = None
    """Set by a cancel, so that the webhook sender looks again."""
    look: "asyncio.Future[SubjectLook | None] | None" = field(default=None, repr=False)
    """What the subject's picture shows, once it has been fetched."""

    @property
    def values(self) -> dict[str, Any]:
        """The input with the model's defaults."""
        return self.model.inputs.defaults() | self.input

    @property
    def prompt(self) -> str:
        """The words it was made with."""
        return str(self.values.get("prompt", ""))

    @property
    def picture_format(self) -> str:
        """`webp`, `jpg` or `png`."""
        values = self.values
        return str(values.get("output_format") or values.get("format") or "png")

    def has_ended(self, now: float) -> bool:
        """Whether the state is a final one."""
        return now >= self.plan.ends_at

    def is_removed(self, now: float) -> bool:
        """Whether input, output and logs are gone."""
        return now >= self.plan.ends_at + self.plan.keeps_seconds

    def status(self, now: float) -> Status:
        """The state at `now`."""
        if self.has_ended(now):
            return self.plan.ending
        return Status.PROCESSING if now >= self.plan.starts_at else Status.STARTING

    def output_count(self, now: float) -> int:
        """How many pictures there are at `now`."""
        until = min(now, self.plan.ends_at)
        return sum(1 for at in self.plan.outputs_at if at <= until)

    async def seen(self) -> SubjectLook | None:
        """What its subject's picture shows; waits until that is known."""
        # A cancelled waiter would otherwise cancel the future for all others.
        return None if self.look is None else await asyncio.shield(self.look)

    def cancel(self, now: float) -> None:
        """End it as a person does; an ended one stays as it is."""
        self.plan = canceled_plan(self.plan, now)
        if self.changed is not None:
            self.changed.set()

    def as_json(self, now: float) -> dict[str, Any]:
        """The object that `GET /v1/predictions/{id}` answers at `now`."""
        removed = self.is_removed(now)
        body: dict[str, Any] = {
            "id": self.id,
            "model": self.model.full_name,
            "version": HIDDEN_VERSION if self.model.is_official else self.model.version,
            "input": {} if removed else self.input,
            "logs": "" if removed else self._logs(now),
            "output": None if removed else self._output(now),
            "data_removed": removed,
            "error": self.plan.error if self.has_ended(now) else None,
            "source": "api",
            "status": self.status(now).value,
            "created_at": iso_time(self.created_at),
            "urls": self._urls(),
            **self._times(now),
        }
        return body if self.deadline is None else {**body, "deadline": iso_time(self.deadline)}

    def _times(self, now: float) -> dict[str, Any]:
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

    def _output(self, now: float) -> Any:
        count = self.output_count(now)
        ended_well = self.has_ended(now) and self.plan.ending is Status.SUCCEEDED
        addresses = [self._address(index) for index in range(count)]
        if not self.model.inputs.is_list:
            return addresses[0] if addresses else None
        return addresses if addresses or ended_well else None

    def _address(self, index: int) -> str:
        base = _FOREIGN_BASE if FaultName.FOREIGN_OUTPUT_HOST in self.faults else self.base_url
        name = f"out-{index}" if self.model.inputs.is_list else "output"
        return f"{base}/delivery/{self.id}/{index}/{name}.{self.picture_format}"

    def _logs(self, now: float) -> str:
        until = min(now, self.plan.ends_at)
        return written_logs(self.model, self.values, self.seed, self.plan, until)

    def _urls(self) -> dict[str, str]:
        get = f"{self.base_url}/v1/predictions/{self.id}"
        return {
            "cancel": f"{get}/cancel",
            "get": get,
            "stream": f"{self.base_url}/stream/{self.id}",
            "web": f"https://replicate.com/p/{self.id}",
        }
