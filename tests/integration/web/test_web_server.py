"""The web server: it ends at once, and clients that make no progress are disconnected."""

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.waiting import eventually
from workers import web
from workers.web import HttpProtocol, WebServer

BIG = b"x" * 1_000_000


async def _small(_: Request) -> Response:
    return PlainTextResponse("here")


async def _body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _endless(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield BIG
            await asyncio.sleep(0)

    return StreamingResponse(pieces())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[WebServer, int]]:
    monkeypatch.setattr(web, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(web, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(web, "STALL_SECONDS", 0.2)
    routes = [
        Route("/", _small),
        Route("/body", _body, methods=["POST"]),
        Route("/endless", _endless),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes), http=HttpProtocol, log_config=None, timeout_graceful_shutdown=1
    )
    running = WebServer(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    eventually(lambda: running.started)
    yield running, listening.getsockname()[1]
    running.handle_exit(signal.SIGTERM, None)
    thread.join(5)
    assert not thread.is_alive()


def connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(5)
    return client


def is_closed(client: socket.socket) -> bool:
    """Wait until the server closes it."""
    try:
        return client.recv(65536) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbeginning",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_client_that_stops_is_disconnected(server: tuple[WebServer, int], sent: bytes) -> None:
    with connect(server[1]) as client:
        client.sendall(sent)
        assert is_closed(client)


def test_a_byte_now_and_then_does_not_extend_a_head(server: tuple[WebServer, int]) -> None:
    with connect(server[1]) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        sent, pause = 0, threading.Event()
        with pytest.raises(OSError):
            while sent < 500:
                client.sendall(b"X-A: 1\r\n")
                sent += 1
                pause.wait(0.02)
    assert sent < 500


def test_a_client_that_reads_nothing_is_disconnected(server: tuple[WebServer, int]) -> None:
    running, port = server
    with connect(port) as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: running.server_state.total_requests or running.server_state.tasks)
        eventually(lambda: not running.server_state.connections)


def test_an_answer_to_a_client_that_reads_slowly_goes_on(server: tuple[WebServer, int]) -> None:
    with connect(server[1]) as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        read, pause = 0, threading.Event()
        for _ in range(40):
            read += len(client.recv(200_000))
            pause.wait(0.02)
        assert read > len(BIG)


def test_a_kept_connection_serves_the_next_request(server: tuple[WebServer, int]) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{server[1]}") as client:
        assert [client.get("/").text for _ in range(3)] == ["here"] * 3
        assert client.post("/body", content=BIG).text == str(len(BIG))


def test_the_private_parts_of_uvicorn_are_there() -> None:
    """`HttpProtocol` reads these of uvicorn's protocol; a new version may rename them."""
    config = uvicorn.Config(Starlette(), http=HttpProtocol, log_config=None)
    config.load()

    async def made() -> HttpProtocol:
        return HttpProtocol(config, uvicorn.server.ServerState(), {})

    protocol = asyncio.run(made())
    assert protocol.cycle is None and protocol.flow is None and protocol.transport is None
