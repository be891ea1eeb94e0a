"""One prediction: what it is at a moment, and the JSON object that the API shows of it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from simulator.drawing.subject import SubjectFacts
from simulator.faults import FaultName
from simulator.replicate.models.catalogue import HIDDEN_VERSION
from simulator.replicate.models.input_schemas import OutputShape
from simulator.replicate.run_logs import LogLine, prediction_script
from simulator.replicate.runs import Run, iso_time

_FOREIGN_BASE = "https://pictures.example.net"


@dataclass(kw_only=True)
class Prediction(Run):
    """A run that puts out pictures."""

    seed: int
    facts: "asyncio.Future[SubjectFacts | None] | None" = field(default=None, repr=False)
    """What the subject's picture shows, once it has been fetched."""

    @property
    def prompt(self) -> str:
        """The words it was made with."""
        return str(self.values.get("prompt", ""))

    @property
    def picture_format(self) -> str:
        """`webp`, `jpg` or `png`."""
        values = self.values
        return str(values.get("output_format") or values.get("format") or "png")

    async def seen(self) -> SubjectFacts | None:
        """What its subject's picture shows; waits until that is known."""
        # A cancelled waiter would otherwise cancel the future for all others.
        return None if self.facts is None else await asyncio.shield(self.facts)

    def log_script(self) -> list[LogLine]:
        """Every line that it writes if nothing stops it, in order, with its time."""
        return prediction_script(self.model, self.values, self.seed, self.plan)

    def as_json(self, now: float) -> dict[str, Any]:
        """The object that `GET /v1/predictions/{id}` answers at `now`."""
        removed = self.is_removed(now)
        body: dict[str, Any] = {
            "id": self.id,
            "model": self.model.full_name,
            "version": self._version(),
            "input": {} if removed else self.input,
            "logs": "" if removed else self.logs(now),
            "output": None if removed else self._output(now),
            "data_removed": removed,
            "error": self.plan.error if self.has_ended(now) else None,
            "source": "api",
            "status": self.status(now).value,
            "created_at": iso_time(self.created_at),
            "urls": self._urls(),
            **self.times(now),
        }
        return body if self.deadline is None else {**body, "deadline": iso_time(self.deadline)}

    def addresses(self, now: float) -> list[str]:
        """Where the outputs are that exist at `now`."""
        return [self._address(index) for index in range(self.output_count(now))]

    def _version(self) -> str:
        return HIDDEN_VERSION if self.model.is_official else self.model.version

    def _output(self, now: float) -> Any:
        addresses = self.addresses(now)
        shape = self.model.inputs.shape
        if shape is OutputShape.LIST:
            return addresses if addresses or self.has_succeeded(now) else None
        if not addresses:
            return None
        if shape is OutputShape.ONE:
            return addresses[0]
        return {"combined_mask": addresses[0], "individual_masks": addresses[1:]}

    def _address(self, index: int) -> str:
        base = _FOREIGN_BASE if FaultName.FOREIGN_OUTPUT_HOST in self.faults else self.base_url
        name = "output" if self.model.inputs.shape is OutputShape.ONE else f"out-{index}"
        return f"{base}/delivery/{self.id}/{index}/{name}.{self.picture_format}"

    def _urls(self) -> dict[str, str]:
        get = f"{self.base_url}/v1/predictions/{self.id}"
        return {
            "cancel": f"{get}/cancel",
            "get": get,
            "web": f"https://replicate.com/p/{self.id}",
        }
