"""One training: what it is at a moment, its JSON object, and the version that comes out of it."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from simulator.faults import FaultName
from simulator.replicate.models.catalogue import Model, Tempo
from simulator.replicate.models.hosted_inputs import FLUX_TRAINED
from simulator.replicate.run_logs import LogLine
from simulator.replicate.runs import Run, iso_time
from simulator.replicate.trainings.logs import training_script
from simulator.replicate.trainings.pictures import TrainingSet

WEIGHTS_NAME = "trained_model.tar"
_TRAINED_TEMPO = Tempo(0.4, 2.0, 7.0, per_extra_output=2.5)


@dataclass(kw_only=True)
class Training(Run):
    """A run that puts out weights and a version of its destination."""

    destination: str
    """`owner/name` of the model that gets the version."""
    training_set: TrainingSet
    is_version_deleted: bool = False

    @property
    def prompt(self) -> str:
        """The word that it teaches."""
        return str(self.values.get("trigger_word", ""))

    @property
    def version(self) -> str:
        """The id of the version that it makes."""
        return hashlib.sha256(self.id.encode()).hexdigest()

    def product(self) -> Model:
        """The version that it makes, ready to be run."""
        owner, name = self.destination.split("/", 1)
        facts = self.training_set.facts
        # A new digest: what the weights draw is not what the subject itself would give.
        trained = None if facts is None else replace(facts, digest=f"{facts.digest} {self.id}")
        return Model(
            owner,
            name,
            self.version,
            f"FLUX.1 dev that knows {self.prompt}",
            FLUX_TRAINED,
            _TRAINED_TEMPO,
            subject_keys=("image",),
            facts=trained,
        )

    def log_script(self) -> list[LogLine]:
        """Every line that it writes if nothing stops it, in order, with its time."""
        if self.plan.reach == 0.0:
            return []
        return training_script(self.values, self.training_set, self.id, self.plan)

    def as_json(self, now: float) -> dict[str, Any]:
        """The object that `GET /v1/trainings/{id}` answers at `now`."""
        removed = self.is_removed(now)
        return {
            "id": self.id,
            "model": self.model.full_name,
            "version": self.model.version,
            "input": {} if removed else self.input,
            "logs": "" if removed else self.logs(now),
            "output": None if removed else self._output(now),
            "error": self.plan.error if self.has_ended(now) else None,
            "source": "api",
            "status": self.status(now).value,
            "created_at": iso_time(self.created_at),
            "urls": self._urls("trainings"),
            **self.times(now),
        }

    def created_json(self) -> dict[str, Any]:
        """The answer to its create, whose addresses are a prediction's, as recorded."""
        return {**self.as_json(self.created_at), "urls": self._urls("predictions")}

    def has_weights_alone(self, now: float) -> bool:
        """Whether it was trained and no version of it could be made."""
        return FaultName.PUBLISH_FAILED in self.faults and self.has_ended(now)

    def _weights_url(self) -> str:
        return f"{self.base_url}/delivery/{self.id}/0/{WEIGHTS_NAME}"

    def _output(self, now: float) -> dict[str, str | None] | None:
        if self.has_weights_alone(now):
            return {"version": None, "weights": self._weights_url()}
        if not self.output_count(now) or not self.has_succeeded(now):
            return None
        return {
            "version": f"{self.destination}:{self.version}",
            "weights": self._weights_url(),
        }

    def _urls(self, kind: str) -> dict[str, str]:
        get = f"{self.base_url}/v1/{kind}/{self.id}"
        web = f"https://replicate.com/p/{self.id}"
        return {"cancel": f"{get}/cancel", "get": get, "web": web}
