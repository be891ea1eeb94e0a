"""A real HTTP server whose answers a test writes, and fetchers that take it for the simulator."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.fetch.network import FetchError
from services.fetch.output_fetcher import OutputFetcher

Respond = Callable[[BaseHTTPRequestHandler], None]
Open = Callable[..., OutputFetcher]
NAME = "sim.test"


class Server:
    """A real HTTP server whose answers are functions by path; it notes what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Respond] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                outer.answers[self.path](self)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str, host: str = NAME) -> str:
        """The address of a path under a name that no DNS knows."""
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        """Stop, and let answers that wait go on."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def body(content: bytes, status: int = 200, **headers: str) -> Respond:
    """An answer with these bytes."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return respond


def redirect(location: str) -> Respond:
    """An answer that sends elsewhere."""
    return body(b"", 302, Location=location)


def failure(fetcher: OutputFetcher, url: str) -> FetchError:
    """Why fetching this failed; fails when it did not."""
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value
