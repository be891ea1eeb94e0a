"""Starts simulators as processes of their own and waits for what they do."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from google import genai
from google.genai import types
from replicate.client import Client

ROOT = Path(__file__).parents[3]
CHARACTER_VERSION = "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"
SDXL_VERSION = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"
TOKEN = "r8_simulated"
T = TypeVar("T")
HTTP = httpx.Client(timeout=20)
"""Shared: each client of its own would load the system's certificates again."""


def eventually(facts: Callable[[], T], seconds: float = 8.0) -> T:
    """The first true answer of `look`; fails when there is none within `seconds`."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not (answer := facts()):
        assert time.monotonic() < end, "it never came true"
        pause.wait(0.01)
    return answer


@dataclass(frozen=True)
class Simulator:
    """A running simulator and ways to talk to it."""

    url: str

    def replicate(self, token: str = TOKEN) -> Client:
        """The real Replicate client."""
        client = Client(api_token=token, base_url=self.url)
        client.poll_interval = 0.02
        return client

    def gemini(self, key: str = "key", **options: Any) -> genai.Client:
        """The real Gemini client."""
        return genai.Client(
            api_key=key, http_options=types.HttpOptions(base_url=self.url, **options)
        )

    def call(self, method: str, path: str, token: str = TOKEN, **options: Any) -> httpx.Response:
        """A plain request with a Replicate token."""
        given: dict[str, str] = options.pop("headers", {})
        headers = ({"Authorization": f"Bearer {token}"} if token else {}) | given
        return HTTP.request(method, self.url + path, headers=headers, **options)

    def create(self, input: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Make a consistent-character prediction and return its JSON."""
        headers = options.pop("headers", {})
        body = {
            "version": CHARACTER_VERSION,
            "input": {"number_of_outputs": 1} | (input or {}),
            **options,
        }
        response = self.call("POST", "/v1/predictions", json=body, headers=headers)
        assert response.status_code in (201, 202), response.text
        prediction: dict[str, Any] = response.json()
        return prediction

    def get(self, prediction_id: str) -> dict[str, Any]:
        """One prediction as it is now."""
        prediction: dict[str, Any] = self.call("GET", f"/v1/predictions/{prediction_id}").json()
        return prediction

    def ended(self, prediction_id: str) -> dict[str, Any]:
        """One prediction once it has ended."""
        final = ("succeeded", "failed", "canceled", "aborted")
        eventually(lambda: self.get(prediction_id)["status"] in final)
        return self.get(prediction_id)

    def order(self, fault: str, times: int | None = 1, **rule: Any) -> None:
        """Order a fault; keywords are `seconds`, `status` or parts of the match."""
        plain: dict[str, Any] = {key: rule.pop(key) for key in ("seconds", "status") if key in rule}
        order: dict[str, Any] = {"match": rule, "fault": fault, "times": times, **plain}
        body = [order]
        response = HTTP.post(f"{self.url}/_simulator/faults", json=body)
        assert response.status_code == 201, response.text

    def counts(self) -> dict[str, Any]:
        """What the simulator has counted."""
        counts: dict[str, Any] = json.loads(HTTP.get(f"{self.url}/_simulator/predictions").text)
        return counts


@contextmanager
def running_simulator(*arguments: str) -> Iterator[Simulator]:
    """A simulator on a free port, until the block ends."""
    environment = {
        key: value for key, value in os.environ.items() if key != "ATELIER_SIMULATOR_TOKEN"
    }
    command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            announced = server.stdout.readline()
            assert "answers on" in announced, announced
            yield Simulator(announced.split()[-1])
        finally:
            server.terminate()
