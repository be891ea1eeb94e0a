"""Makes training sets and trainings at a simulator."""

import io
import zipfile
from typing import Any

from tests.contracts.simulator.running import Simulator, eventually

TRAINER = "ostris/flux-dev-lora-trainer"
DESTINATION = "atelier-simulator/likeness"


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def uploaded(simulator: Simulator, content: bytes) -> str:
    """The address of an upload."""
    stored = simulator.replicate().files.create(io.BytesIO(content), filename="set.zip")
    return str(stored.urls["get"])


def make_destination(simulator: Simulator) -> None:
    """The model that trainings give their version to."""
    owner, name = DESTINATION.split("/")
    body = {"owner": owner, "name": name, "visibility": "private", "hardware": "gpu-t4"}
    assert simulator.call("POST", "/v1/models", json=body).status_code == 201


def post_training(
    simulator: Simulator,
    values: dict[str, Any],
    destination: str = DESTINATION,
    trainer: str = TRAINER,
    **more: Any,
) -> Any:
    """The answer to a training's create."""
    version = simulator.call("GET", f"/v1/models/{trainer}").json()["latest_version"]["id"]
    path = f"/v1/models/{trainer}/versions/{version}/trainings"
    body = {"destination": destination, "input": values, **more}
    return simulator.call("POST", path, json=body)


def ended_training(simulator: Simulator, training_id: str) -> dict[str, Any]:
    """A training once it has ended."""

    def final() -> dict[str, Any] | None:
        body: dict[str, Any] = simulator.call("GET", f"/v1/trainings/{training_id}").json()
        return None if body["status"] in ("starting", "processing") else body

    body = eventually(final)
    assert body is not None
    return body
