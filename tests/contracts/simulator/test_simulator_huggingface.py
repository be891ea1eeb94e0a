"""Hugging Face's API, with the very requests that huggingface_hub sends."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.contracts.simulator.running import HTTP, Simulator

MODEL = "black-forest-labs/FLUX.1-dev"
PARAMETERS = {
    "height": 512,
    "width": 768,
    "num_inference_steps": 28,
    "guidance_scale": 3.5,
    "seed": 7,
}


def generate(
    simulator: Simulator, model: str = MODEL, token: str = "hf_x", base: str = "", **parameters: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Accept": "image/png"}
    body = {"inputs": "a teal fox, full body", "parameters": PARAMETERS | parameters}
    return HTTP.post(f"{simulator.url}{base}/models/{model}", json=body, headers=headers)


@pytest.mark.parametrize("base", ["", "/hf-inference"])
def test_reply_is_the_picture(simulator: Simulator, base: str) -> None:
    answer = generate(simulator, base=base)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (768, 512)
    assert generate(simulator, base=base).content == answer.content
    assert generate(simulator, base=base, seed=8).content != answer.content


def test_account_can_be_checked(simulator: Simulator) -> None:
    address = f"{simulator.url}/api/whoami-v2"
    body = HTTP.get(address, headers={"Authorization": "Bearer hf_x"}).json()
    assert (body["type"], body["name"]) == ("user", "atelier-simulator")
    answer = HTTP.get(address, headers={"Authorization": "Bearer r8_x"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid username or password."})


def test_model_names_its_provider(simulator: Simulator) -> None:
    address = f"{simulator.url}/api/models/{MODEL}"
    plain = HTTP.get(address).json()
    assert plain["id"] == MODEL and "inferenceProviderMapping" not in plain
    body = HTTP.get(address, params={"expand": "inferenceProviderMapping"}).json()
    offer = {"status": "live", "providerId": MODEL, "task": "text-to-image"}
    assert body["inferenceProviderMapping"] == {"hf-inference": offer} and "sha" not in body
    params = {"expand": ["sha", "inferenceProviderMapping"]}
    assert HTTP.get(address, params=params).json()["sha"] == plain["sha"]
    assert HTTP.get(f"{simulator.url}/api/models/no/body").status_code == 404


@pytest.mark.parametrize(
    ("fault", "status", "sentence"),
    [
        ("unauthorized", 401, "Invalid credentials"),
        ("no_funds", 402, "You have exceeded your monthly included credits"),
        ("throttle", 429, "Rate limit reached"),
        ("cold_start", 503, "is currently loading"),
        ("server_error", 500, "Internal Server Error"),
        ("platform_error", 503, "Internal Server Error"),
    ],
)
def test_errors_are_sentences(simulator: Simulator, fault: str, status: int, sentence: str) -> None:
    simulator.order(fault, provider="huggingface")
    answer = generate(simulator)
    assert answer.status_code == status and sentence in answer.json()["error"]
    assert simulator.counts()["generated"] == 0


def test_waits_are_read(simulator: Simulator) -> None:
    simulator.order("throttle", provider="huggingface", seconds=9)
    headers = generate(simulator).headers
    assert (headers["retry-after"], headers["ratelimit"]) == ("9", '"api";r=0;t=9')
    simulator.order("cold_start", provider="huggingface", seconds=20)
    assert generate(simulator).json()["estimated_time"] == 20


@pytest.mark.parametrize("path", ["/api/whoami-v2", f"/api/models/{MODEL}"])
def test_the_hub_has_faults_too(simulator: Simulator, path: str) -> None:
    headers = {"Authorization": "Bearer hf_x"}
    for fault, status in (("throttle", 429), ("unauthorized", 401), ("server_error", 500)):
        simulator.order(fault, provider="huggingface")
        assert HTTP.get(simulator.url + path, headers=headers).status_code == status
    simulator.order("malformed", provider="huggingface")
    answer = HTTP.get(simulator.url + path, headers=headers)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


def test_each_answer_has_an_id_of_its_own(simulator: Simulator) -> None:
    ids = {generate(simulator, token=token).headers["x-request-id"] for token in ("hf_x", "no")}
    assert len(ids) == 2


@pytest.mark.parametrize("fault", ["malformed", "truncated_output"])
def test_success_may_be_no_picture(simulator: Simulator, fault: str) -> None:
    simulator.order(fault, provider="huggingface")
    answer = generate(simulator)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    with pytest.raises((OSError, SyntaxError)), Image.open(io.BytesIO(answer.content)) as image:
        image.load()


@pytest.mark.parametrize("fault", ["drop_before_create", "drop_after_create", "cut_output"])
def test_connection_is_cut(simulator: Simulator, fault: str) -> None:
    simulator.order(fault, provider="huggingface")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        generate(simulator)
    assert simulator.counts()["generated"] == (fault != "drop_before_create")


def test_bad_requests_are_refused(simulator: Simulator) -> None:
    assert generate(simulator, token="wrong").status_code == 401
    assert generate(simulator, model="no/body").status_code == 404
    assert generate(simulator, width=513).status_code == 400
    assert generate(simulator, seed="seven").status_code == 400
    address = f"{simulator.url}/models/{MODEL}"
    headers = {"Authorization": "Bearer hf_x"}
    assert HTTP.post(address, json={"inputs": 7}, headers=headers).status_code == 400
    assert HTTP.post(address, content=b"{", headers=headers).status_code == 400
