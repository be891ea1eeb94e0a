"""Every fault that can be ordered, as a real client meets it."""

import io

import httpx
import pytest
from PIL import Image

from simulator.faults import FaultName
from tests.contracts.simulator.running import CHARACTER_VERSION, HTTP, Simulator, eventually


def output_of(simulator: Simulator) -> str:
    return str(simulator.ended(simulator.create()["id"])["output"][0])


@pytest.mark.parametrize(("fault", "made"), [("drop_before_create", 0), ("drop_after_create", 1)])
def test_connection_is_cut_without_an_answer(simulator: Simulator, fault: str, made: int) -> None:
    simulator.order(fault)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        simulator.replicate().predictions.create(version=CHARACTER_VERSION, input={})
    assert simulator.counts()["creates"] == made
    simulator.create()


def test_throttle_names_the_retry_delay(simulator: Simulator) -> None:
    simulator.order("throttle", operation="create", seconds=7)
    body = {"version": CHARACTER_VERSION, "input": {}}
    response = simulator.call("POST", "/v1/predictions", json=body)
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.json()["retry_after"] == 7
    assert response.json()["detail"] == "Request was throttled. Your rate limit resets in ~7s."
    assert simulator.counts()["creates"] == 0


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unauthorized", 401), ("no_funds", 402), ("low_credit", 429), ("server_error", 500)],
)
def test_answer_faults_make_nothing(simulator: Simulator, fault: str, status: int) -> None:
    simulator.order(fault, operation="create")
    body = {"version": CHARACTER_VERSION, "input": {}}
    assert simulator.call("POST", "/v1/predictions", json=body).status_code == status
    assert simulator.counts()["creates"] == 0


def test_malformed_answer_is_a_success_that_cannot_be_read(simulator: Simulator) -> None:
    prediction_id = simulator.create()["id"]
    simulator.order("malformed", operation="get")
    response = simulator.call("GET", f"/v1/predictions/{prediction_id}")
    assert response.status_code == 200
    with pytest.raises(ValueError):
        response.json()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refuse_content", "NSFW content detected"),
        ("refuse_output", "(E005)"),
        ("platform_error", "(code: PA)"),
        ("out_of_memory", "CUDA out of memory"),
    ],
)
def test_failed_prediction_has_its_error(simulator: Simulator, fault: str, error: str) -> None:
    simulator.order(fault)
    body = simulator.ended(simulator.create()["id"])
    assert (body["status"], body["output"]) == ("failed", None)
    assert error in body["error"]


def test_fewer_outputs_still_succeed(simulator: Simulator) -> None:
    simulator.order("fewer_outputs", times=2)
    assert len(simulator.ended(simulator.create({"number_of_outputs": 3})["id"])["output"]) == 2
    assert simulator.ended(simulator.create()["id"])["output"] == []


def test_aborted_prediction_never_started(simulator: Simulator) -> None:
    simulator.order("aborted", seconds=0.02)
    body = simulator.ended(simulator.create()["id"])
    assert (body["status"], body["started_at"], body["output"]) == ("aborted", None, None)
    assert body["metrics"]["predict_time"] == 0


def test_expired_outputs_are_gone(simulator: Simulator) -> None:
    simulator.order("expired_outputs")
    body = simulator.ended(simulator.create()["id"])
    assert (body["status"], body["data_removed"], body["output"], body["input"]) == (
        "succeeded",
        True,
        None,
        {},
    )
    assert HTTP.get(f"{simulator.url}/delivery/{body['id']}/0/out-0.webp").status_code == 404


def test_cold_start_and_slow_take_longer(simulator: Simulator) -> None:
    simulator.order("cold_start", seconds=60, prompt_contains="cold")
    simulator.order("slow", seconds=60, prompt_contains="slow")
    cold, slow, durations = (
        simulator.create({"prompt": word})["id"] for word in ("cold", "slow", "usual")
    )
    simulator.ended(durations)
    assert simulator.get(cold)["status"] == "starting"
    assert simulator.get(slow)["status"] == "processing"


def test_truncated_output_does_not_decode(simulator: Simulator) -> None:
    simulator.order("truncated_output")
    content = HTTP.get(output_of(simulator)).content
    with pytest.raises((OSError, SyntaxError)), Image.open(io.BytesIO(content)) as image:
        image.load()


def test_cut_output_breaks_off(simulator: Simulator) -> None:
    simulator.order("cut_output")
    address = output_of(simulator)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        HTTP.get(address)


def test_output_on_a_foreign_host(simulator: Simulator) -> None:
    simulator.order("foreign_output_host")
    assert output_of(simulator).startswith("https://pictures.example.net/")


def test_delivery_can_fail_for_a_while(simulator: Simulator) -> None:
    address = output_of(simulator)
    simulator.order("server_error", operation="delivery", status=503)
    assert HTTP.get(address).status_code == 503
    assert HTTP.get(address).status_code == 200


def test_rules_match_model_and_prompt_and_run_out(simulator: Simulator) -> None:
    simulator.order("refuse_content", model="stability-ai/sdxl")
    simulator.order("refuse_content", prompt_contains="DRAGON", times=1)
    assert simulator.ended(simulator.create({"prompt": "a cat"})["id"])["status"] == "succeeded"
    assert simulator.ended(simulator.create({"prompt": "a dragon"})["id"])["status"] == "failed"
    assert simulator.ended(simulator.create({"prompt": "a dragon"})["id"])["status"] == "succeeded"
    rules = HTTP.get(f"{simulator.url}/_simulator/faults").json()
    assert [(rule["times"], rule["hits"]) for rule in rules] == [(1, 0), (0, 1)]
    assert HTTP.delete(f"{simulator.url}/_simulator/faults").status_code == 204
    assert HTTP.get(f"{simulator.url}/_simulator/faults").json() == []


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "nonsense"},
        {"fault": "slow", "match": {"place": "x"}},
        {"fault": "slow", "more": 1},
        {"fault": "aborted", "match": {"provider": "gemini"}},
        {"fault": "slow", "match": {"provider": "nobody"}},
    ],
)
def test_nonsense_is_not_a_rule(simulator: Simulator, rule: dict[str, object]) -> None:
    assert HTTP.post(f"{simulator.url}/_simulator/faults", json=[rule]).status_code == 422


def test_catalogue_names_every_fault(simulator: Simulator) -> None:
    rows = HTTP.get(f"{simulator.url}/_simulator/faults/catalogue").json()
    assert [row["name"] for row in rows] == [name.value for name in FaultName]
    assert all(row["meaning"].endswith(".") and row["providers"] for row in rows)
    at_gemini = {row["name"] for row in rows if "gemini" in row["providers"]}
    assert "throttle" in at_gemini and "aborted" not in at_gemini


def test_stuck_prediction_runs_until_it_is_canceled(simulator: Simulator) -> None:
    simulator.order("stuck")
    stuck = simulator.create()["id"]
    simulator.ended(simulator.create()["id"])
    assert simulator.get(stuck)["status"] == "processing"
    simulator.call("POST", f"/v1/predictions/{stuck}/cancel")
    eventually(lambda: simulator.get(stuck)["status"] == "canceled")
