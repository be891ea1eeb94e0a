"""The caller's deployments: a model version under a name of its own, on hardware of its own."""

from dataclasses import dataclass
from typing import Any

from simulator.catalogue import Model
from simulator.runs import iso_time

MOST = 1_000


@dataclass
class Deployment:
    """One deployment and its present release."""

    owner: str
    name: str
    model: Model
    hardware: str
    min_instances: int
    max_instances: int
    created_at: float
    number: int = 1
    """Counts the releases."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    def as_json(self) -> dict[str, Any]:
        """The deployment as the API shows it."""
        configuration = {
            "hardware": self.hardware,
            "min_instances": self.min_instances,
            "max_instances": self.max_instances,
        }
        release = {
            "number": self.number,
            "model": self.model.full_name,
            "version": self.model.version,
            "created_at": iso_time(self.created_at),
            "created_by": {"type": "organization", "username": self.owner, "name": self.owner},
            "configuration": configuration,
        }
        return {"owner": self.owner, "name": self.name, "current_release": release}
