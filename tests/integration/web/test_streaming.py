"""Originals are sent in pieces: slow readers cost little, and no more than a few are sent at once."""

import hashlib
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from services.storage.keys import original_key
from services.storage.local_storage import LocalStorage
from services.web import streaming
from services.web.pictures import PictureSigner, picture_routes
from tests.waiting import eventually
from workers.web import HttpProtocol, WebServer

CONTENT = b"\x89PNG" + bytes(30_000_000)
KEY = original_key(hashlib.sha256(CONTENT).hexdigest(), "png")


class Counted(io.BytesIO):
    """An object of the storage that counts what was read of it, and remembers its closing."""

    read_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.read_bytes += len(piece)
        return piece


class Served:
    """A server of one picture, and the objects that it opened."""

    def __init__(self, folder: Path) -> None:
        self.opened: list[Counted] = []
        storage = LocalStorage(folder)
        storage.set_mark("test")
        storage.put(KEY, CONTENT, "image/png")
        storage.open = self._open  # type: ignore[method-assign,assignment]
        signer = PictureSigner("a-secret-of-this-test")
        app = Starlette(routes=picture_routes(lambda: storage, signer))
        config = uvicorn.Config(
            app, http=HttpProtocol, log_config=None, timeout_graceful_shutdown=1
        )
        self.path = signer.url(KEY)
        self.server = WebServer(config)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])

    def _open(self, _key: str) -> Counted:
        self.opened.append(Counted(CONTENT))
        return self.opened[-1]

    def client(self) -> socket.socket:
        """A client that asks for the picture and reads nothing."""
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return client


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    one = Served(tmp_path / "storage")
    thread = threading.Thread(target=one.server.run, kwargs={"sockets": [one.socket]}, daemon=True)
    thread.start()
    eventually(lambda: one.server.started)
    yield one
    one.server.should_exit = True
    thread.join(5)


def test_a_picture_arrives_whole(served: Served) -> None:
    reply = httpx.get(f"http://127.0.0.1:{served.port}{served.path}", timeout=30)
    assert reply.content == CONTENT
    assert reply.headers["content-length"] == str(len(CONTENT))
    eventually(lambda: served.opened[0].closed)


def test_clients_that_read_nothing_cost_pieces(served: Served) -> None:
    clients = [served.client() for _ in range(20)]
    eventually(lambda: len(served.opened) == 20 and all(it.read_bytes for it in served.opened))
    # What the system's own buffers of a connection take, and a piece.
    assert max(it.read_bytes for it in served.opened) < len(CONTENT) / 2
    for client in clients:
        client.close()
    eventually(lambda: all(it.closed for it in served.opened))


def test_no_more_than_a_few_are_sent_at_once(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "WAIT_SECONDS", 0.05)
    clients = [served.client() for _ in range(streaming.MAX_STREAMS)]
    eventually(lambda: len(served.opened) == streaming.MAX_STREAMS)
    url = f"http://127.0.0.1:{served.port}{served.path}"
    refused = httpx.get(url, timeout=30)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    for client in clients:
        client.close()
    eventually(lambda: all(it.closed for it in served.opened))
    assert httpx.get(url, timeout=30).status_code == 200
