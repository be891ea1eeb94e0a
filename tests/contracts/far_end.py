"""A scripted HTTP server: exact bodies for exact paths, and the ways in which a socket breaks."""

import json
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

HOLD_LIMIT_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """What the far end does with one request.

    `way` is answer, close (without a byte), reset, cut (in the middle of the body), or hold
    (never answers).
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    way: str = "answer"

    @property
    def content(self) -> bytes:
        """Bytes as they are, anything else as JSON."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request that arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class FarEnd:
    """Answers by `METHOD /path`; the last answer of a route stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.released = Event()
        self.url = ""
        self._routes: dict[str, list[Answer]] = {}
        self._lock = Lock()

    def on(self, route: str, *answers: Answer) -> None:
        """Script a route."""
        self._routes[route] = list(answers)

    def sent_to(self, route: str) -> list[Asked]:
        """The requests of one route, oldest first."""
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == route]

    def take(self, asked: Asked) -> Answer:
        """The next answer for a request."""
        with self._lock:
            self.asked.append(asked)
            answers = self._routes.get(f"{asked.method} {asked.path}")
            if not answers:
                return Answer(404, {"detail": "not scripted", "status": 404})
            return answers.pop(0) if len(answers) > 1 else answers[0]


def _handler(far_end: FarEnd) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet: two writes wait 40 ms for a delayed ACK

        def handle_any(self) -> None:
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            content = self.rfile.read(length)
            self._play(far_end.take(Asked(self.command, path, query, headers, content)))

        do_GET = do_POST = do_PUT = handle_any

        def _play(self, answer: Answer) -> None:
            if answer.way == "hold":
                far_end.released.wait(HOLD_LIMIT_SECONDS)
            if answer.way in ("close", "reset", "hold"):
                self._hang_up(reset=answer.way == "reset")
                return
            self.send_response(answer.status)
            for name, value in {"content-type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            extra = 100 if answer.way == "cut" else 0
            self.send_header("content-length", str(len(answer.content) + extra))
            self.end_headers()
            self.wfile.write(answer.content)
            if answer.way == "cut":
                self._hang_up(reset=False)

        def _hang_up(self, *, reset: bool) -> None:
            self.close_connection = True
            if reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[FarEnd]:
    """Run a far end on a free port of the loopback interface."""
    far_end = FarEnd()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(far_end))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    far_end.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield far_end
    finally:
        far_end.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def refusing() -> Iterator[str]:
    """An address that refuses connections: the port is bound, and nobody listens."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
