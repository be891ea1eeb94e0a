"""What a download brings, how large and how long it may be, and what is said when it fails."""

import logging
import time
from http.server import BaseHTTPRequestHandler

import pytest

from services.fetch.network import FetchFailure
from services.fetch.output_fetcher import FetchLimits
from tests.unit.http.web_server import NAME, Open, Server, body, failure


def test_no_token_and_no_cookie_travel(server: Server, open_fetcher: Open) -> None:
    server.answers["/a"] = body(b"1", Set_Cookie="session=1")
    fetcher = open_fetcher()

    fetcher.fetch(server.url("/a"))
    fetcher.fetch(server.url("/a"))

    for headers in server.headers:
        assert set(headers) == {"host", "user-agent", "accept-encoding"}
        assert headers["accept-encoding"] == "identity"
        assert headers["host"] == f"{NAME}:{server.port}"


def test_connection_is_shared_between_downloads(server: Server, open_fetcher: Open) -> None:
    server.answers["/a"] = body(b"1")
    fetcher = open_fetcher()

    assert [fetcher.fetch(server.url("/a")) for _ in range(3)] == [b"1"] * 3
    assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, FetchFailure.GONE),
        (410, FetchFailure.GONE),
        (403, FetchFailure.GONE),
        (408, FetchFailure.TRANSIENT),
        (429, FetchFailure.TRANSIENT),
        (500, FetchFailure.TRANSIENT),
        (503, FetchFailure.TRANSIENT),
        (204, FetchFailure.TRANSIENT),
        (206, FetchFailure.TRANSIENT),
        (302, FetchFailure.TRANSIENT),
    ],
)
def test_status_decides_the_kind(
    server: Server, open_fetcher: Open, status: int, kind: FetchFailure
) -> None:
    server.answers["/a"] = body(b"", status)

    failed = failure(open_fetcher(), server.url("/a"))

    assert failed.kind == kind and str(status) in failed.detail


def test_announced_size_over_the_cap_is_refused_at_once(server: Server, open_fetcher: Open) -> None:
    server.answers["/a"] = body(b"x", Content_Length="1001")

    failed = failure(open_fetcher(FetchLimits(max_bytes=1000)), server.url("/a"))

    assert failed.kind == FetchFailure.TOO_BIG and "1001" in failed.detail


def test_body_of_exactly_the_cap_is_taken(server: Server, open_fetcher: Open) -> None:
    server.answers["/a"] = body(b"x" * 1000)

    assert len(open_fetcher(FetchLimits(max_bytes=1000)).fetch(server.url("/a"))) == 1000


def test_endless_body_is_cut_at_the_cap(server: Server, open_fetcher: Open) -> None:
    sent = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.send_header("Connection", "close")
        request.end_headers()
        while sent < 200_000_000:
            try:
                request.wfile.write(b"x" * 65536)
            except OSError:
                return
            sent += 65536

    server.answers["/a"] = endless

    failed = failure(open_fetcher(FetchLimits(max_bytes=1_000_000)), server.url("/a"))

    assert failed.kind == FetchFailure.TOO_BIG and sent < 200_000_000


def test_packed_body_is_not_unpacked(server: Server, open_fetcher: Open) -> None:
    server.answers["/a"] = body(b"\x1f\x8b...", Content_Encoding="gzip")

    assert failure(open_fetcher(), server.url("/a")).kind == FetchFailure.TRANSIENT


def test_body_that_breaks_off_is_transient(server: Server, open_fetcher: Open) -> None:
    def broken(request: BaseHTTPRequestHandler) -> None:
        body(b"half", Content_Length="100")(request)
        request.close_connection = True

    server.answers["/a"] = broken

    assert failure(open_fetcher(), server.url("/a")).kind == FetchFailure.TRANSIENT


def test_answer_that_is_no_http_is_transient(server: Server, open_fetcher: Open) -> None:
    def nonsense(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        request.close_connection = True

    server.answers["/a"] = nonsense

    assert failure(open_fetcher(), server.url("/a")).kind == FetchFailure.TRANSIENT


def test_refused_connection_is_transient(server: Server, open_fetcher: Open) -> None:
    fetcher = open_fetcher()
    server.close()

    assert failure(fetcher, server.url("/a")).kind == FetchFailure.TRANSIENT


def test_silent_server_is_given_up(server: Server, open_fetcher: Open) -> None:
    server.answers["/a"] = lambda _request: (server.closing.wait(10), None)[1]

    failed = failure(open_fetcher(FetchLimits(read_seconds=0.2)), server.url("/a"))

    assert failed.kind == FetchFailure.TIMED_OUT


@pytest.mark.parametrize("part", ["headers", "body"])
def test_dripping_server_times_out_after_the_total_time(
    server: Server, open_fetcher: Open, part: str
) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n")
        request.wfile.write(b"X: " if part == "headers" else b"\r\n")
        while not server.closing.wait(0.02):
            try:
                request.wfile.write(b"x")
            except OSError:
                return

    server.answers["/a"] = drip
    started = time.monotonic()

    failed = failure(open_fetcher(FetchLimits(total_seconds=0.4)), server.url("/a"))

    assert failed.kind == FetchFailure.TIMED_OUT and time.monotonic() - started < 3


def test_slow_name_lookup_times_out(server: Server, open_fetcher: Open) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        server.closing.wait(10)
        return ["127.0.0.1"]

    fetcher = open_fetcher(FetchLimits(connect_seconds=0.2), resolve=resolve)

    assert failure(fetcher, server.url("/a")).kind == FetchFailure.TIMED_OUT
    server.closing.set()


def test_one_slow_download_does_not_shorten_the_next(server: Server, open_fetcher: Open) -> None:
    server.answers["/slow"] = lambda _request: (server.closing.wait(10), None)[1]
    server.answers["/a"] = body(b"1")
    fetcher = open_fetcher(FetchLimits(total_seconds=0.8))

    assert failure(fetcher, server.url("/slow")).kind == FetchFailure.TIMED_OUT
    assert fetcher.fetch(server.url("/a")) == b"1"


def test_failures_show_no_signed_url(
    server: Server, open_fetcher: Open, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers["/a?X-Amz-Signature=hush"] = body(b"", 404)

    with caplog.at_level(logging.INFO):
        failed = failure(open_fetcher(), server.url("/a?X-Amz-Signature=hush"))

    assert "hush" not in str(failed) + caplog.text


def test_limits_are_those_of_the_security_rules() -> None:
    limits = FetchLimits()

    assert (limits.max_bytes, limits.max_redirects) == (200 * 1024 * 1024, 3)
    assert (limits.connect_seconds, limits.total_seconds) == (5.0, 60.0)
