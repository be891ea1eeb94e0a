"""Models, versions, collections and search, through the real client where it knows them."""

from typing import Any

import pytest
from replicate.exceptions import ReplicateError

from tests.contracts.simulator.running import HTTP, Simulator

OWN = "/v1/models/atelier-simulator/mascot"


def make(simulator: Simulator, **changes: Any) -> Any:
    body = {"owner": "atelier-simulator", "name": "mascot", "visibility": "private"}
    return simulator.call("POST", "/v1/models", json=body | {"hardware": "gpu-t4"} | changes)


def test_model_is_made_changed_and_deleted(simulator: Simulator) -> None:
    made = simulator.replicate().models.create(
        owner="atelier-simulator", name="mascot", visibility="private", hardware="gpu-t4"
    )
    assert (made.owner, made.name, made.latest_version) == ("atelier-simulator", "mascot", None)
    assert simulator.call("GET", f"{OWN}/readme").status_code == 404
    changes = {"description": "ours", "readme": "# Ours", "paper_url": "https://x.example/p"}
    changed = simulator.call("PATCH", OWN, json=changes).json()
    assert (changed["description"], changed["paper_url"]) == ("ours", "https://x.example/p")
    assert simulator.call("GET", f"{OWN}/readme").text == "# Ours"
    assert simulator.call("DELETE", OWN).status_code == 204
    assert simulator.call("GET", OWN).status_code == 404


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


def test_public_models_are_nobodys_to_change(simulator: Simulator) -> None:
    path = "/v1/models/stability-ai/sdxl"
    assert simulator.call("PATCH", path, json={"description": "x"}).status_code == 403
    assert simulator.call("DELETE", path).status_code == 403


def test_private_models_are_not_listed(simulator: Simulator) -> None:
    make(simulator)
    make(simulator, name="open", visibility="public")
    names = [model.name for model in simulator.replicate().models.list()]
    assert "open" in names and "mascot" not in names


def test_models_are_found_by_words(simulator: Simulator) -> None:
    found = simulator.replicate().models.search("remove background")
    assert {"background-remover", "remove-bg"} <= {model.name for model in found}
    body = simulator.call("GET", "/v1/search", token="", params={"query": "train"}).json()
    assert "trainers" in [collection["slug"] for collection in body["collections"]]
    assert body["models"][0]["metadata"]["score"] == 1.0
    assert simulator.call("GET", "/v1/search").status_code == 400


def test_collections_hold_their_models(simulator: Simulator) -> None:
    client = simulator.replicate()
    assert "image-editing" in [collection.slug for collection in client.collections.list()]
    models = client.collections.get("trainers").models
    assert models is not None and "flux-dev-lora-trainer" in [model.name for model in models]
    with pytest.raises(ReplicateError):
        client.collections.get("nothing")


def test_example_can_be_looked_at(simulator: Simulator) -> None:
    example = simulator.call("GET", "/v1/models/stability-ai/sdxl/examples").json()["results"][0]
    assert simulator.get(example["id"]) == example
    assert HTTP.get(example["output"][0]).headers["content-type"] == "image/png"
    assert simulator.call("GET", "/v1/models/meta/sam-2/examples").json()["results"] == []


def test_deployment_runs_its_model(simulator: Simulator) -> None:
    client = simulator.replicate()
    version = client.models.get("stability-ai/sdxl").latest_version
    assert version is not None
    made = client.deployments.create(
        name="desk",
        model="stability-ai/sdxl",
        version=version.id,
        hardware="gpu-t4",
        min_instances=0,
        max_instances=1,
    )
    assert made.current_release is not None and made.current_release.number == 1
    changed = client.deployments.update("atelier-simulator", "desk", max_instances=3)
    assert changed.current_release is not None
    assert changed.current_release.configuration.max_instances == 3
    run = made.predictions.create(input={"prompt": "x"})
    body = simulator.ended(run.id)
    assert (body["status"], body["deployment"]) == ("succeeded", "atelier-simulator/desk")
    assert body["version"].startswith("dp-")
    assert [row.name for row in client.deployments.list()] == ["desk"]
    assert client.deployments.delete("atelier-simulator", "desk")
    path = "/v1/deployments/atelier-simulator/desk/predictions"
    assert simulator.call("POST", path, json={"input": {}}).status_code == 404


def test_deployment_has_bounds(simulator: Simulator) -> None:
    body = {"name": "d", "model": "a/b", "version": "x", "hardware": "cpu", "min_instances": 6}
    answer = simulator.call("POST", "/v1/deployments", json={**body, "max_instances": 1})
    assert answer.json()["invalid_fields"][0]["type"] == "number_lte"
    answer = simulator.call(
        "POST", "/v1/deployments", json={**body, "min_instances": 0, "max_instances": 1}
    )
    assert answer.json()["title"] == "Invalid version or not permitted"
