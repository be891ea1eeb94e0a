"""The refusals of the Replicate API, body by body."""

from typing import Any

import pytest
from replicate.exceptions import ReplicateError

from tests.contracts.simulator.running import CHARACTER_VERSION, Simulator


def post(
    simulator: Simulator, body: Any, path: str = "/v1/predictions"
) -> tuple[int, dict[str, Any]]:
    response = simulator.call("POST", path, json=body)
    assert response.headers["content-type"] == "application/problem+json"
    assert "ratelimit-remaining" in response.headers and "ratelimit-reset" in response.headers
    return response.status_code, response.json()


@pytest.mark.parametrize("token", ["", "wrong"])
def test_unknown_token_is_refused(simulator: Simulator, token: str) -> None:
    response = simulator.call("GET", "/v1/account", token=token)
    detail = "You did not pass a valid authentication token"
    assert response.json() == {"title": "Unauthenticated", "detail": detail, "status": 401}
    assert response.status_code == 401


def test_old_token_scheme_is_accepted(simulator: Simulator) -> None:
    response = simulator.call("GET", "/v1/account", headers={"Authorization": "Token r8_x"})
    assert response.status_code == 200


def test_unknown_ids_and_routes_are_not_found(simulator: Simulator) -> None:
    body = {"detail": "The requested resource could not be found.", "status": 404}
    for path in ("/v1/predictions/nothing", "/v1/models/no/body", "/v1/nowhere"):
        response = simulator.call("GET", path)
        assert (response.status_code, response.json()) == (404, body)


def test_community_model_has_no_route_of_its_own(simulator: Simulator) -> None:
    status, _ = post(simulator, {"input": {}}, "/v1/models/fofr/consistent-character/predictions")
    assert status == 404


@pytest.mark.parametrize("version", ["0" * 64, "fofr/consistent-character", "no/body:1"])
def test_unknown_version_is_invalid(simulator: Simulator, version: str) -> None:
    status, body = post(simulator, {"version": version, "input": {}})
    assert (status, body["title"]) == (422, "Invalid version or not permitted")


@pytest.mark.parametrize(
    ("values", "kind", "field"),
    [
        ({"output_format": "gif"}, "enum", "input.output_format"),
        ({"number_of_outputs": 21}, "number_lte", "input.number_of_outputs"),
        ({"number_of_outputs": 0}, "number_gte", "input.number_of_outputs"),
        ({"number_of_outputs": "2"}, "invalid_type", "input.number_of_outputs"),
        ({"randomise_poses": 1}, "invalid_type", "input.randomise_poses"),
        ({"subject": "nowhere"}, "format", "input.subject"),
    ],
)
def test_bad_input_is_named(
    simulator: Simulator, values: dict[str, Any], kind: str, field: str
) -> None:
    status, body = post(simulator, {"version": CHARACTER_VERSION, "input": values})
    assert (status, body["title"]) == (422, "Input validation failed")
    assert [(breach["type"], breach["field"]) for breach in body["invalid_fields"]] == [
        (kind, field)
    ]
    assert body["detail"].startswith(f"- {field}: ")
    assert simulator.counts()["creates"] == 0


def test_missing_and_additional_keys_are_named(simulator: Simulator) -> None:
    _, body = post(simulator, {"version": CHARACTER_VERSION, "input": {}, "webhook_completed": "x"})
    assert body["invalid_fields"][0]["type"] == "additional_property_not_allowed"
    _, body = post(simulator, {"input": {}})
    assert body["invalid_fields"][0] == {
        "type": "required",
        "field": "",
        "description": "version is required",
    }
    _, body = post(simulator, {"input": {}}, "/v1/models/black-forest-labs/flux-dev/predictions")
    assert body["invalid_fields"][0]["field"] == "input"


def test_real_client_raises_the_problem(simulator: Simulator) -> None:
    simulator.order("no_funds")
    with pytest.raises(ReplicateError) as raised:
        simulator.replicate().predictions.create(version=CHARACTER_VERSION, input={})
    assert (raised.value.status, raised.value.title) == (402, "Insufficient credit")
