"""An HTTP proxy in front of a real server, which plays what goes wrong between two machines."""

import http.client
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

_PER_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


@dataclass
class Fault:
    """What happens to the next `times` requests of a method (None: for ever), `after` so many.

    way: answer (`status` and `code`, not forwarded), cut (before it is forwarded), lose (after
    it was), truncate (half of the body, then the end), corrupt (one byte changed), slow (waits
    `seconds` first), blind (the answer's hashes are missing).
    """

    way: str
    method: str = "GET"
    times: int | None = 1
    status: int = 503
    code: str = "SlowDown"
    seconds: float = 0.0
    after: int = 0
    only_with: str = ""
    """Only requests with this header."""
    message: str = ""
    """The server's own words in an answer."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """An answer that is no error of S3's."""


@dataclass(frozen=True)
class Seen:
    """One request that arrived."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class FaultProxy:
    """The proxy's faults and what it has seen."""

    url: str
    faults: list[Fault] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    released: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def order(self, *faults: Fault) -> None:
        """Play these from now on, and forget what was seen."""
        with self.lock:
            self.faults, self.seen = list(faults), []

    def count(self, method: str) -> int:
        """How many requests of a method arrived since the last order."""
        with self.lock:
            return sum(seen.method == method for seen in self.seen)

    def take(self, seen: Seen) -> Fault | None:
        """The fault for a request, if there is one."""
        with self.lock:
            self.seen.append(seen)
            for fault in self.faults:
                fits = fault.method == seen.method and fault.times != 0
                if fits and (not fault.only_with or fault.only_with in seen.headers):
                    if fault.after:
                        fault.after -= 1
                        return None
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    """A proxy on a free port; it ends with the block."""
    proxy = FaultProxy("")
    its = {"proxy": proxy, "upstream": urlsplit(upstream).netloc}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), its))
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy
    upstream: str
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet: two writes wait 40 ms for a delayed ACK

    def handle_expect_100(self) -> bool:
        # S3's client waits a second for it.
        is_expected = super().handle_expect_100()
        self.wfile.flush()
        return is_expected

    def pass_on(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", 0)))
        fault = self.proxy.take(Seen(self.command, self.path, headers)) or Fault("none")
        if fault.way == "answer":
            body = _problem(fault.code, fault.message) if fault.body is None else fault.body
            self._answer(fault.status, dict(fault.headers), body)
            return
        if fault.way == "slow":
            self.proxy.released.wait(fault.seconds)
        if fault.way == "cut":
            self._hang_up()
            return
        self._give(fault.way, *self._asked(headers, content))

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = pass_on

    def _asked(self, headers: dict[str, str], content: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        try:
            connection.request(self.command, self.path, content or None, headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def _give(self, way: str, status: int, headers: dict[str, str], content: bytes) -> None:
        if way == "lose":
            self._hang_up()
            return
        if way == "corrupt":
            content = content[:-1] + bytes([content[-1] ^ 1])
        if way == "blind":
            headers = {name: value for name, value in headers.items() if name != "etag"}
        self._answer(status, headers, content, is_cut=way == "truncate")

    def _answer(
        self, status: int, headers: dict[str, str], content: bytes, *, is_cut: bool = False
    ) -> None:
        self.send_response_only(status)
        for name, value in ({"content-length": str(len(content))} | headers).items():
            if name not in _PER_CONNECTION:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if is_cut else content)
        if is_cut:
            self.wfile.flush()
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _problem(code: str, message: str) -> bytes:
    words = message or f"said {code}"
    return f"<Error><Code>{code}</Code><Message>{words}</Message></Error>".encode()
