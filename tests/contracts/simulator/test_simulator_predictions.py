"""A prediction's life, seen through the real client and as raw JSON."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from simulator.faults import Fault, FaultName
from simulator.options import Options, Pace
from simulator.replicate.models.pages import ModelShelf
from simulator.replicate.plan import make_plan
from tests.contracts.simulator.running import (
    CHARACTER_VERSION,
    HTTP,
    SDXL_VERSION,
    Simulator,
    eventually,
)


def test_root_names_the_simulator(simulator: Simulator) -> None:
    assert HTTP.get(simulator.url).json()["name"] == "Atelier simulator"


def test_new_prediction_has_the_nulls_of_the_real_one(simulator: Simulator) -> None:
    body = simulator.create({"prompt": "a fox"})
    assert (body["status"], body["logs"], body["metrics"], body["data_removed"]) == (
        "starting",
        "",
        {},
        False,
    )
    assert [body[key] for key in ("output", "error", "started_at", "completed_at")] == [None] * 4
    assert len(body["id"]) == 26
    assert body["urls"]["web"] == f"https://replicate.com/p/{body['id']}"


def test_real_client_runs_a_prediction_to_its_end(simulator: Simulator) -> None:
    client = simulator.replicate()
    prediction = client.predictions.create(
        version=CHARACTER_VERSION, input={"number_of_outputs": 2}
    )
    prediction.wait()
    assert prediction.status == "succeeded"
    assert isinstance(prediction.output, list) and len(prediction.output) == 2
    assert prediction.metrics is not None and prediction.metrics["predict_time"] > 0
    assert prediction.started_at is not None and prediction.completed_at is not None


def test_output_grows_while_it_runs(simulator: Simulator) -> None:
    HTTP.post(f"{simulator.url}/_simulator/speed", json={"seconds": 0.8})
    prediction_id = simulator.create({"number_of_outputs": 4})["id"]
    seen: set[tuple[str, int]] = set()

    def ended() -> bool:
        body = simulator.get(prediction_id)
        seen.add((body["status"], len(body["output"] or [])))
        return bool(body["status"] == "succeeded")

    eventually(ended)
    assert ("processing", 2) in seen
    assert ("succeeded", 4) in seen
    assert simulator.get(prediction_id)["logs"].count("Saved ComfyUI") == 4


def test_sdxl_logs_can_be_read_as_progress(simulator: Simulator) -> None:
    client = simulator.replicate()
    prediction = client.predictions.create(version=SDXL_VERSION, input={"prompt": "x", "seed": 11})
    prediction.wait()
    assert prediction.logs is not None and prediction.logs.startswith("Using seed: 11\nPrompt: x\n")
    assert prediction.progress is not None
    assert (prediction.progress.current, prediction.progress.total) == (50, 50)


def test_official_model_hides_its_version(simulator: Simulator) -> None:
    client = simulator.replicate()
    made = client.models.predictions.create("black-forest-labs/flux-dev", input={"prompt": "x"})
    assert made.version == "hidden"


def test_background_remover_puts_out_one_address(simulator: Simulator) -> None:
    model = simulator.replicate().models.get("851-labs/background-remover")
    assert model.latest_version is not None
    image = "data:image/png;base64,iVBORw0KGgo="
    made = simulator.replicate().predictions.create(model.latest_version, input={"image": image})
    made.wait()
    assert isinstance(made.output, str) and made.output.endswith("/output.png")


def test_cancel_ends_a_running_prediction(simulator: Simulator) -> None:
    simulator.order("stuck")
    prediction_id = simulator.create()["id"]
    eventually(lambda: simulator.get(prediction_id)["status"] == "processing")
    response = simulator.call("POST", f"/v1/predictions/{prediction_id}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "canceled")
    assert simulator.get(prediction_id)["completed_at"] is not None


def test_cancel_of_an_ended_prediction_changes_nothing(simulator: Simulator) -> None:
    before = simulator.ended(simulator.create()["id"])
    assert simulator.call("POST", f"/v1/predictions/{before['id']}/cancel").json() == before


def test_deadline_is_at_least_five_seconds_away(simulator: Simulator) -> None:
    for header, seconds in (("1s", 5), ("30", 30), ("1m30s", 90)):
        body = simulator.create(headers={"Cancel-After": header})
        made, deadline = (datetime.fromisoformat(body[key]) for key in ("created_at", "deadline"))
        assert abs(deadline - made - timedelta(seconds=seconds)) <= timedelta(milliseconds=1)


@pytest.mark.parametrize(("fault", "status"), [("cold_start", "aborted"), ("slow", "canceled")])
def test_deadline_aborts_before_the_start_and_cancels_after_it(fault: str, status: str) -> None:
    model = ModelShelf().find_version(SDXL_VERSION, 0.0)
    assert model is not None
    name = FaultName(fault)
    plan = make_plan(
        model,
        1,
        1000.0,
        Pace(Options()),
        {name: Fault(name, 60)},
        deadline=1030.0,
        retention_seconds=60,
        dice=Random(1),
    )
    assert (plan.ends_at, plan.ending) == (1030.0, status)


def test_prefer_wait_answers_with_the_result(simulator: Simulator) -> None:
    request: dict[str, Any] = {"version": CHARACTER_VERSION, "input": {"number_of_outputs": 1}}
    response = simulator.call(
        "POST", "/v1/predictions", json=request, headers={"Prefer": "wait=10"}
    )
    assert response.headers["preference-applied"] == "wait=10"
    assert (response.status_code, response.json()["status"]) == (201, "succeeded")


def test_list_is_newest_first_in_pages_of_a_hundred(simulator: Simulator) -> None:
    made = [simulator.create({"prompt": str(number)})["id"] for number in range(103)]
    client = simulator.replicate()
    first = client.predictions.list()
    assert [row.id for row in first] == made[:2:-1]
    assert first.next is not None and first.previous is None
    second = client.predictions.list(first.next)
    assert [row.id for row in second] == made[2::-1]
    assert second.next is None and second.previous is not None
    assert [row.id for row in client.predictions.list(second.previous)] == made[:2:-1]


def test_list_takes_a_time_window(simulator: Simulator) -> None:
    older = simulator.create()
    eventually(lambda: simulator.get(older["id"])["status"] != "starting")
    newer = simulator.create()
    after = simulator.call(
        "GET", "/v1/predictions", params={"created_after": newer["created_at"]}
    ).json()
    before = simulator.call(
        "GET", "/v1/predictions", params={"created_before": older["created_at"]}
    ).json()
    assert [row["id"] for row in after["results"]] == [newer["id"]]
    assert older["id"] not in [row["id"] for row in after["results"]]
    assert newer["id"] not in [row["id"] for row in before["results"]]


def test_list_by_source_knows_the_web_alone(simulator: Simulator) -> None:
    simulator.create()
    listed = simulator.call("GET", "/v1/predictions", params={"source": "web"})
    assert listed.json() == {"next": None, "previous": None, "results": []}
    refused = simulator.call("GET", "/v1/predictions", params={"source": "api"})
    assert refused.status_code == 400


def test_stuck_log_stops_half_way(simulator: Simulator) -> None:
    simulator.order("stuck", model="stability-ai/sdxl")
    body = {"version": SDXL_VERSION, "input": {"prompt": "x"}}
    made = simulator.call("POST", "/v1/predictions", json=body).json()
    eventually(lambda: "20/50 [" in simulator.get(made["id"])["logs"])
    simulator.call("POST", f"/v1/predictions/{made['id']}/cancel")
    assert "25/50 [" not in simulator.get(made["id"])["logs"]


def test_models_and_account_are_readable_by_the_real_client(simulator: Simulator) -> None:
    client = simulator.replicate()
    for name in ("fofr/consistent-character", "sdxl-based/consistent-character"):
        version = client.models.get(name).latest_version
        assert version is not None and version.id == CHARACTER_VERSION
        assert version.openapi_schema["components"]["schemas"]["Input"]["properties"]["seed"]
    latest = client.models.get("stability-ai/sdxl").latest_version
    assert latest is not None and latest.id == SDXL_VERSION
    assert client.accounts.current().username == "atelier-simulator"


def test_counts_are_by_prompt_and_state(simulator: Simulator) -> None:
    simulator.create({"prompt": "one"})
    simulator.ended(simulator.create({"prompt": "one"})["id"])
    counts = simulator.counts()
    assert (counts["creates"], counts["by_prompt"], counts["by_state"]["succeeded"]) == (
        2,
        {"one": 2},
        2,
    )
