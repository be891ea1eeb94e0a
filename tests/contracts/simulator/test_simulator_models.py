"""Models, through the real client where it knows them."""

from typing import Any

import pytest

from tests.contracts.simulator.running import Simulator

OWN = "/v1/models/atelier-simulator/mascot"


def make(simulator: Simulator, **changes: Any) -> Any:
    body = {"owner": "atelier-simulator", "name": "mascot", "visibility": "private"}
    return simulator.call("POST", "/v1/models", json=body | {"hardware": "gpu-t4"} | changes)


def test_model_is_made_and_read(simulator: Simulator) -> None:
    made = simulator.replicate().models.create(
        owner="atelier-simulator", name="mascot", visibility="private", hardware="gpu-t4"
    )
    assert (made.owner, made.name, made.latest_version) == ("atelier-simulator", "mascot", None)
    assert simulator.call("GET", OWN).json()["name"] == "mascot"


def test_taken_name_is_a_conflict(simulator: Simulator) -> None:
    assert make(simulator).status_code == 201
    assert make(simulator).status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [({"owner": "someone"}, 403), ({"hardware": "abacus"}, 422), ({"visibility": "x"}, 422)],
)
def test_wrong_models_are_refused(
    simulator: Simulator, change: dict[str, str], status: int
) -> None:
    assert make(simulator, **change).status_code == status


def test_missing_keys_are_named(simulator: Simulator) -> None:
    body = simulator.call("POST", "/v1/models", json={"owner": "atelier-simulator"}).json()
    named = {breach["description"] for breach in body["invalid_fields"]}
    assert named == {f"{key} is required" for key in ("name", "visibility", "hardware")}
