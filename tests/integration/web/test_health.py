"""The health route: bounded, cached for a moment, with the servers' own reasons, and never an error."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.core.errors import StorageError
from services.core.server_problem import ServerProblem
from services.database.engine import Database
from services.health import report
from services.health.report import Health
from services.monitoring.processes import write_heartbeat
from services.queue.rq_queue import RqQueue, connect
from services.storage.local_storage import LocalStorage
from services.web.routes import build_routes, health_route

NOBODY: Any = None


class Checked(LocalStorage):
    """A storage whose check a test replaces; it counts how often it is asked."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.asked = 0
        self._check = check

    def check(self) -> None:
        self.asked += 1
        self._check()


def health_of(
    database: Database, redis_url: str, check: Callable[[], None] = lambda: None
) -> tuple[Health, Checked]:
    storage = Checked(check)
    return Health(database, RqQueue(connect(redis_url)), storage), storage


def asked(health: Health) -> tuple[int, dict[str, Any]]:
    with TestClient(Starlette(routes=[health_route(health)])) as client:
        reply = client.get("/api/health")
    return reply.status_code, reply.json()


def test_a_storage_that_never_answers_holds_up_nothing(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "LIMIT_SECONDS", 0.1)
    monkeypatch.setattr(report, "FRESH_SECONDS", 0.0)
    release = threading.Event()

    def hang() -> None:
        release.wait(30)

    health, storage = health_of(database, redis_url, hang)
    for _ in range(3):
        status, body = asked(health)
        assert status == 503 and "storage" in body["failing"]
        assert body["parts"]["storage"]["detail"] == "No answer within 0.1 s."
    # While it hangs, no second question is added.
    assert storage.asked == 1
    release.set()


def test_many_requests_ask_once(database: Database, redis_url: str) -> None:
    health, storage = health_of(database, redis_url)
    with TestClient(Starlette(routes=[health_route(health)])) as client:
        for _ in range(20):
            client.get("/api/health")
    assert storage.asked <= 2


def test_the_reason_of_each_server_is_shown(database: Database) -> None:
    def refuse() -> None:
        raise StorageError(reason="the disk is full")

    full = ServerProblem("Redis", "full", "Redis is full.", "Raise maxmemory.")
    with database.transaction() as session:
        write_heartbeat(session, "dispatcher-1", "dispatcher", 1, {"problem": full.as_json()})
    health, _ = health_of(database, "redis://127.0.0.1:1/0", refuse)
    _, body = asked(health)
    parts = body["parts"]
    assert "the disk is full" in parts["storage"]["detail"]
    assert "Nothing listens at the address of Redis" in parts["redis"]["detail"]
    # A dispatcher that lives and cannot enqueue does not work.
    assert parts["dispatcher"] == {
        "ok": False,
        "detail": "Redis is full. Raise maxmemory.",
        "age_seconds": parts["dispatcher"]["age_seconds"],
    }
    assert parts["worker"]["detail"] == "No worker runs."


def test_a_fault_of_ours_is_no_error_page(database: Database, redis_url: str) -> None:
    def fail() -> None:
        raise RuntimeError("r8_secret_in_a_library")

    status, body = asked(health_of(database, redis_url, fail)[0])
    assert status == 503
    assert "Internal error (RuntimeError)" in body["parts"]["storage"]["detail"]


def test_liveness_asks_nobody() -> None:
    routes = build_routes(NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY)
    with TestClient(Starlette(routes=routes)) as client:
        assert client.get("/api/live").json() == {"status": "ok"}
