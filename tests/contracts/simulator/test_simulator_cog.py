"""The simulated Cog container answers as Cog itself was recorded to."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.contracts import cog_replies as cog
from tests.contracts.far_end import Answer
from tests.contracts.simulator.running import HTTP, Simulator, eventually

INPUT = {"prompt": "a fox, waving", "image": cog.DATA_URL, "seed": 7}


def put(
    simulator: Simulator, given: dict[str, Any] | None = None, prediction_id: str = "att_1"
) -> httpx.Response:
    body = {"input": INPUT if given is None else given}
    return HTTP.put(f"{simulator.url}/predictions/{prediction_id}", json=body)


def shape(value: Any) -> Any:
    """The keys and types of a JSON value, without what it says."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else type(value)


def assert_like(answer: httpx.Response, recorded: Answer, but: tuple[str, ...] = ()) -> None:
    body = {key: value for key, value in recorded.body.items() if key not in but}
    found = {key: value for key, value in answer.json().items() if key not in but}
    assert (answer.status_code, shape(found)) == (recorded.status, shape(body))


def test_a_prediction_is_answered_with_its_picture(simulator: Simulator) -> None:
    answer = put(simulator)
    assert_like(answer, cog.succeeded())
    assert answer.json()["output"][0].startswith("data:image/png;base64,iVBOR")
    assert put(simulator, INPUT | {"num_outputs": 2}).json()["output"][0] != ""
    assert len(put(simulator, INPUT | {"num_outputs": 2}).json()["output"]) == 2


def test_the_same_input_makes_the_same_picture(simulator: Simulator) -> None:
    first = put(simulator).json()["output"]
    assert put(simulator).json()["output"] == first
    assert put(simulator, INPUT | {"seed": 8}).json()["output"] != first
    assert put(simulator, INPUT | {"unknown": 1}).json()["output"] == first


def test_one_prediction_at_a_time_and_each_id_once(simulator: Simulator) -> None:
    simulator.order("slow", provider="cog", seconds=1)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(put, simulator)
        health = f"{simulator.url}/health-check"
        eventually(lambda: HTTP.get(health).json()["status"] == "BUSY")
        assert_like(put(simulator), cog.IN_WORK, but=("input",))
        assert_like(put(simulator, prediction_id="att_2"), cog.AT_CAPACITY)
        assert_like(first.result(), cog.succeeded())
    assert simulator.counts()["generated"] == 1


def test_a_prediction_whose_caller_is_gone_is_canceled(simulator: Simulator) -> None:
    simulator.order("stuck", provider="cog")
    with pytest.raises(httpx.ReadTimeout):
        HTTP.put(f"{simulator.url}/predictions/att_1", json={"input": INPUT}, timeout=0.3)
    health = f"{simulator.url}/health-check"
    eventually(lambda: HTTP.get(health).json()["status"] == "READY")
    assert simulator.counts()["generated"] == 0


def test_invalid_input_is_named(simulator: Simulator) -> None:
    answer = put(simulator, {"image": cog.DATA_URL, "num_outputs": 9})
    assert_like(answer, cog.INVALID)
    assert [(it["loc"][-1], it["msg"]) for it in answer.json()["detail"]] == [
        ("prompt", "Field required"),
        ("num_outputs", "Must be less than or equal to 4"),
    ]
    broken = HTTP.put(f"{simulator.url}/predictions/att_1", content=b"{")
    assert (broken.status_code, broken.headers["content-type"]) == (
        cog.UNREADABLE_BODY.status,
        cog.UNREADABLE_BODY.headers["content-type"],
    )


@pytest.mark.parametrize(
    ("fault", "recorded"),
    [
        ("refuse_output", cog.REFUSED),
        ("platform_error", cog.WORKER_CRASHED),
        ("out_of_memory", cog.failed("")),
    ],
)
def test_a_failed_prediction_is_a_success_of_http(
    simulator: Simulator, fault: str, recorded: Answer
) -> None:
    simulator.order(fault, provider="cog")
    assert_like(put(simulator), recorded)


def test_the_health_check_and_the_schema(simulator: Simulator) -> None:
    health, schema = f"{simulator.url}/health-check", f"{simulator.url}/openapi.json"
    assert HTTP.get(health).json()["status"] == "READY"
    found = HTTP.get(schema).json()["components"]["schemas"]
    recorded = cog.SCHEMA.body["components"]["schemas"]
    assert found["Input"]["required"] == recorded["Input"]["required"]
    assert set(recorded["Input"]["properties"]) <= set(found["Input"]["properties"])
    assert found["Output"] == recorded["Output"]
    simulator.order("setup_failed", None, provider="cog")
    answer = HTTP.get(health)
    assert answer.json()["setup"].keys() <= cog.SETUP_FAILED.body["setup"].keys()
    assert (answer.status_code, answer.json()["status"]) == (200, "SETUP_FAILED")
    assert_like(HTTP.get(schema), cog.NO_SCHEMA)
    assert_like(put(simulator), cog.NOT_READY)


def test_a_setup_takes_its_time(simulator: Simulator) -> None:
    simulator.order("cold_start", provider="cog", seconds=0.5)
    assert_like(put(simulator), cog.NOT_READY)
    health = f"{simulator.url}/health-check"
    assert HTTP.get(health).json()["status"] == "STARTING"
    eventually(lambda: HTTP.get(health).json()["status"] == "READY")
    assert put(simulator).status_code == 200


def test_an_output_may_be_an_address(simulator: Simulator) -> None:
    simulator.order("linked_output", provider="cog")
    (address,) = put(simulator).json()["output"]
    assert address.startswith(f"{simulator.url}/files/")
    assert HTTP.get(address).content.startswith(b"\x89PNG")
    assert HTTP.get(f"{simulator.url}/files/none.png").status_code == 404
