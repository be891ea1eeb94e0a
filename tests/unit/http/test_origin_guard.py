"""Only Atelier's own pages, under names that no other site owns, reach anything."""

import asyncio
from typing import Any

import pytest

from services.web.origin_guard import OriginGuard

PUBLIC = "https://desk.example"


def answer(
    host: str | None,
    origin: str | None = None,
    *,
    kind: str = "websocket",
    path: str = "/_stcore/stream",
    hosts: tuple[str, ...] = ("studio-pc",),
) -> str:
    """What happens to a request: `passed`, `403`, or `closed` for a websocket."""
    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append({"type": "passed"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": kind, "path": path, "headers": headers}
    asyncio.run(OriginGuard(app, PUBLIC, hosts)(scope, receive, send))
    return {"passed": "passed", "websocket.close": "closed"}.get(
        sent[0]["type"], str(sent[0].get("status"))
    )


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", "http://localhost:8501"),
        ("LOCALHOST:8501", "http://localhost:8501"),
        ("127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("[::1]:8501", "http://[::1]:8501"),
        ("192.168.1.7:8501", "http://192.168.1.7:8501"),
        ("studio-pc:8501", "http://studio-pc:8501"),
        ("desk.example", "https://desk.example"),
        ("desk.example", "https://desk.example:443"),
        # A proxy that keeps its own name in Host.
        ("127.0.0.1:8501", "https://desk.example"),
        ("localhost:8501", None),
    ],
)
def test_own_pages_pass(host: str, origin: str | None) -> None:
    assert answer(host, origin) == "passed"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", "http://localhost:3000"),
        ("localhost:8501", "http://evil.example"),
        ("localhost:8501", "http://localhost.evil.example:8501"),
        ("localhost:8501", "http://desk.example"),
        ("localhost:8501", "https://desk.example.evil.example"),
        ("localhost:8501", "null"),
        ("localhost:8501", "file://"),
        ("localhost:8501", "chrome-extension://abc"),
        ("localhost:8501", ""),
        ("127.0.0.1:8501", "http://localhost:8501"),
        ("evil.example:8501", "http://evil.example:8501"),
        ("localhost.evil.example", None),
        ("127.0.0.1.nip.io:8501", None),
        ("desk.example@evil.example", None),
        ("desk.example:evil", None),
        ("", None),
        (None, None),
    ],
)
def test_foreign_hosts_and_origins_are_refused(host: str | None, origin: str | None) -> None:
    assert answer(host, origin) == "closed"
    assert answer(host, origin, kind="http", path="/img/x") == "403"


def test_two_hosts_are_refused() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append("passed")

    async def send(message: Any) -> None:
        sent.append(message["type"])

    headers = [(b"host", b"localhost"), (b"host", b"evil.example")]
    scope = {"type": "websocket", "path": "/", "headers": headers}
    asyncio.run(OriginGuard(app)(scope, send, send))  # type: ignore[arg-type]
    assert sent == ["websocket.close"]


@pytest.mark.parametrize("path", ["/api/live", "/_stcore/health"])
def test_probes_of_a_platform_use_any_name(path: str) -> None:
    assert answer("healthcheck.railway.app", kind="http", path=path) == "passed"
