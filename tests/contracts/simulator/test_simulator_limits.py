"""What depends on how the simulator was started: pace of creates, expiry, token, ready-made pictures."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from simulator.rates import Bucket
from tests.contracts.simulator.conftest import UNLIMITED
from tests.contracts.simulator.running import (
    CHARACTER_VERSION,
    HTTP,
    Simulator,
    eventually,
    running_simulator,
)


def test_creates_are_admitted_evenly() -> None:
    now = 0.0
    bucket = Bucket(600, 5, lambda: now)
    admitted = []
    for tick in range(1280):
        now = tick / 128
        admitted += [now] if bucket.admit() == 0 else []
    assert admitted[:5] == [tick / 128 for tick in range(5)]
    assert 99 <= len(admitted) <= 105
    later = [at for at in admitted if at > 1]
    assert all(0.09 <= after - before <= 0.11 for before, after in pairwise(later))


def test_storm_of_creates_is_throttled() -> None:
    body = {"version": CHARACTER_VERSION, "input": {}}
    with running_simulator("--create-burst", "4") as simulator:
        started = time.monotonic()
        with ThreadPoolExecutor(12) as threads:
            replies = list(
                threads.map(
                    lambda _: simulator.call("POST", "/v1/predictions", json=body), range(60)
                )
            )
        allowed = 4 + 10 * (time.monotonic() - started)
    admitted = [reply for reply in replies if reply.status_code == 201]
    refused = next(reply for reply in replies if reply.status_code == 429)
    assert 4 <= len(admitted) <= allowed + 1
    assert refused.headers["retry-after"] == "1" and refused.json()["retry_after"] == 1
    assert int(refused.headers["ratelimit-remaining"]) < 600


def test_finished_predictions_lose_their_data() -> None:
    with running_simulator("--seconds", "0.05", "--expiry-seconds", "0.6", *UNLIMITED) as simulator:
        body = simulator.ended(simulator.create({"prompt": "x"})["id"])
        assert HTTP.get(body["output"][0]).status_code == 200
        eventually(lambda: simulator.get(body["id"])["data_removed"])
        gone = simulator.get(body["id"])
        assert (gone["output"], gone["input"], gone["logs"], gone["status"]) == (
            None,
            {},
            "",
            "succeeded",
        )
        assert HTTP.get(body["output"][0]).status_code == 404


def test_gemini_names_the_retry_delay() -> None:
    limits = ("--gemini-per-minute", "60", "--gemini-burst", "2", "--predrawn", "1")
    with running_simulator("--seconds", "0", *limits) as simulator:
        body = {"contents": [{"parts": [{"text": "a fox"}]}]}
        path = "/v1/models/gemini-nano-banana-2.1:generateContent"
        answers = [simulator.call("POST", path, json=body) for _ in range(6)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert answers[0].status_code == answers[1].status_code == 200
    error = refused.json()["error"]
    assert (error["status"], error["details"][0]["retryDelay"]) == ("RESOURCE_EXHAUSTED", "1s")


@pytest.fixture(scope="module")
def strict() -> Iterator[Simulator]:
    with running_simulator(
        "--token", "secret", "--predrawn", "2", "--seconds", "0.05", *UNLIMITED
    ) as simulator:
        yield simulator


def test_only_the_set_token_is_accepted(strict: Simulator) -> None:
    assert strict.call("GET", "/v1/account", token="r8_other").status_code == 401
    assert strict.call("GET", "/v1/account", token="secret").status_code == 200


def test_ready_made_pictures_differ_by_seed(strict: Simulator) -> None:
    client = strict.replicate("secret")
    pictures = set()
    for seed in (1, 2, 3, 3):
        made = client.predictions.create(
            version=CHARACTER_VERSION, input={"seed": seed, "number_of_outputs": 1}
        )
        made.wait()
        assert isinstance(made.output, list)
        pictures.add(HTTP.get(made.output[0]).content)
    assert len(pictures) == 3


def test_speed_can_be_changed(simulator: Simulator) -> None:
    response = HTTP.post(f"{simulator.url}/_simulator/speed", json={"speed": 50, "seconds": None})
    assert response.json() == {"speed": 50.0, "seconds": None}
    assert HTTP.post(f"{simulator.url}/_simulator/speed", json={"speed": 0}).status_code == 422
    body = simulator.ended(simulator.create()["id"])
    assert 0.3 < body["metrics"]["total_time"] < 0.6
