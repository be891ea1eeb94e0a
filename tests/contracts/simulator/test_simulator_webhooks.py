"""Webhooks: signed, in order, and the last one tried again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from replicate.webhook import Webhooks

from tests.contracts.simulator.running import HTTP, Simulator, eventually
from tests.contracts.simulator.training_runs import make_destination, post_training

Delivery = tuple[dict[str, str], str]


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; refuses the first `refusals` terminal ones."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.received: list[Delivery] = []
        self.refusals = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?attempt=7"


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.received.append((dict(self.headers), body))
        is_final = json.loads(body)["status"] == "succeeded"
        refused = is_final and self.server.refusals > 0
        self.server.refusals -= refused
        self.send_response(500 if refused else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def states(receiver: Receiver) -> list[str]:
    return [json.loads(body)["status"] for _, body in receiver.received]


def test_start_and_completed_arrive_signed(simulator: Simulator, receiver: Receiver) -> None:
    events = ["start", "completed"]
    made = simulator.create(webhook=receiver.url, webhook_events_filter=events)
    eventually(lambda: len(receiver.received) == 2)
    assert states(receiver) == ["processing", "succeeded"]
    secret = simulator.replicate().webhooks.default.secret()
    for headers, body in receiver.received:
        Webhooks.validate(headers=headers, body=body, secret=secret, tolerance=300)
    assert json.loads(receiver.received[1][1]) == simulator.get(made["id"])


def test_terminal_webhook_is_retried_with_the_same_id(
    simulator: Simulator, receiver: Receiver
) -> None:
    receiver.refusals = 2
    simulator.create(webhook=receiver.url, webhook_events_filter=["completed"])
    eventually(lambda: len(receiver.received) == 3)
    ids = {headers["webhook-id"] for headers, _ in receiver.received}
    assert len(ids) == 1


def test_cancel_is_delivered(simulator: Simulator, receiver: Receiver) -> None:
    simulator.order("stuck")
    made = simulator.create(webhook=receiver.url, webhook_events_filter=["completed"])
    simulator.call("POST", f"/v1/predictions/{made['id']}/cancel")
    eventually(lambda: states(receiver) == ["canceled"])


def test_logs_and_outputs_are_delivered_with_pauses(
    simulator: Simulator, receiver: Receiver
) -> None:
    HTTP.post(f"{simulator.url}/_simulator/speed", json={"seconds": 1.6})
    simulator.create({"number_of_outputs": 8}, webhook=receiver.url)
    eventually(lambda: states(receiver)[-1:] == ["succeeded"])
    bodies = [json.loads(body) for _, body in receiver.received]
    counts = [len(body["output"] or []) for body in bodies]
    assert 4 <= len(bodies) <= 5 and counts == sorted(counts) and counts[-1] == 8
    assert bodies[1]["logs"] and bodies[1]["logs"] != bodies[-1]["logs"]


def test_deliveries_can_be_doubled(simulator: Simulator, receiver: Receiver) -> None:
    simulator.order("duplicate_webhook")
    simulator.create(webhook=receiver.url, webhook_events_filter=["start", "completed"])
    eventually(lambda: len(receiver.received) == 4)
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_deliveries_can_come_in_the_wrong_order(simulator: Simulator, receiver: Receiver) -> None:
    simulator.order("reorder_webhook")
    simulator.create(webhook=receiver.url, webhook_events_filter=["start", "completed"])
    eventually(lambda: len(receiver.received) == 2)
    assert states(receiver) == ["succeeded", "processing"]


def test_training_is_delivered(simulator: Simulator, receiver: Receiver) -> None:
    make_destination(simulator)
    made = post_training(
        simulator, {}, webhook=receiver.url, webhook_events_filter=["start", "completed"]
    ).json()
    eventually(lambda: states(receiver) == ["processing", "failed"])
    assert json.loads(receiver.received[1][1])["urls"]["get"].endswith(f"/trainings/{made['id']}")


def test_webhook_must_be_an_http_address(simulator: Simulator) -> None:
    body = {"version": "stability-ai/sdxl", "input": {}, "webhook": "ftp://x"}
    assert simulator.call("POST", "/v1/predictions", json=body).status_code == 422
