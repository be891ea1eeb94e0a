"""A download that goes to disk: checked as any other, whole and synced or not there at all."""

import errno
import os
import stat
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from services.core.errors import StorageError
from services.fetch.network import FetchError, FetchFailure
from services.fetch.output_fetcher import FILE_LIMITS, FetchLimits
from tests.unit.http.web_server import Open, Server, body, redirect

CONTENT = bytes(range(251)) * 20_000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file is to be; it is not there yet."""
    return tmp_path / "trained_model.tar"


def failing(
    open_fetcher: Open, url: str, target: Path, limits: FetchLimits | None = None
) -> FetchFailure:
    """Why it failed; nothing may be left of the file."""
    with pytest.raises(FetchError) as caught:
        open_fetcher().fetch_to(url, target, limits)
    assert list(target.parent.iterdir()) == []
    return caught.value.kind


def test_body_is_streamed_to_a_file_of_ours(
    server: Server, open_fetcher: Open, target: Path
) -> None:
    server.answers["/hop"] = redirect("/weights")
    server.answers["/weights"] = body(CONTENT)

    byte_count = open_fetcher().fetch_to(server.url("/hop"), target)

    assert byte_count == len(CONTENT) and target.read_bytes() == CONTENT
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert server.asked == ["/hop", "/weights"]


def test_file_may_be_larger_than_a_picture(
    server: Server, open_fetcher: Open, target: Path
) -> None:
    server.answers["/weights"] = body(CONTENT)
    fetcher = open_fetcher(FetchLimits(max_bytes=1000))

    assert fetcher.fetch_to(server.url("/weights"), target) == len(CONTENT)
    with pytest.raises(FetchError):
        fetcher.fetch(server.url("/weights"))


def test_file_is_synced_before_the_call_returns(
    server: Server, open_fetcher: Open, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/weights"] = body(CONTENT)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_size))

    open_fetcher().fetch_to(server.url("/weights"), target)

    assert synced == [len(CONTENT)]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://api.replicate.com/x",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ],
)
def test_other_addresses_are_refused(open_fetcher: Open, target: Path, url: str) -> None:
    assert failing(open_fetcher, url, target) == FetchFailure.REFUSED_ADDRESS


def test_redirect_elsewhere_is_refused(server: Server, open_fetcher: Open, target: Path) -> None:
    server.answers["/hop"] = redirect("https://evil.example/x")

    found = failing(open_fetcher, server.url("/hop"), target)

    assert found == FetchFailure.REFUSED_ADDRESS


def test_redirects_are_counted_by_the_given_limits(
    server: Server, open_fetcher: Open, target: Path
) -> None:
    server.answers["/hop"] = redirect("/weights")
    server.answers["/weights"] = body(CONTENT)

    found = failing(open_fetcher, server.url("/hop"), target, FetchLimits(max_redirects=0))

    assert found == FetchFailure.REFUSED_ADDRESS


def test_missing_file_is_gone(server: Server, open_fetcher: Open, target: Path) -> None:
    server.answers["/weights"] = body(b"", 404)

    assert failing(open_fetcher, server.url("/weights"), target) == FetchFailure.GONE


@pytest.mark.parametrize("is_announced", [True, False])
def test_file_over_the_cap_is_refused_and_removed(
    server: Server, open_fetcher: Open, target: Path, is_announced: bool
) -> None:
    def unannounced(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + CONTENT)
        request.close_connection = True

    server.answers["/weights"] = body(CONTENT) if is_announced else unannounced
    limits = FetchLimits(max_bytes=len(CONTENT) - 1)

    found = failing(open_fetcher, server.url("/weights"), target, limits)

    assert found == FetchFailure.TOO_BIG


def test_file_that_breaks_off_is_transient_and_removed(
    server: Server, open_fetcher: Open, target: Path
) -> None:
    def broken(request: BaseHTTPRequestHandler) -> None:
        body(CONTENT, Content_Length=str(len(CONTENT) + 1))(request)
        request.close_connection = True

    server.answers["/weights"] = broken

    assert failing(open_fetcher, server.url("/weights"), target) == FetchFailure.TRANSIENT


def test_dripping_server_times_out_after_the_total_time(
    server: Server, open_fetcher: Open, target: Path
) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.closing.wait(0.02):
            try:
                request.wfile.write(b"x")
            except OSError:
                return

    server.answers["/weights"] = drip
    limits = FetchLimits(total_seconds=0.4)

    assert failing(open_fetcher, server.url("/weights"), target, limits) == FetchFailure.TIMED_OUT


def test_file_that_is_there_is_not_overwritten(
    server: Server, open_fetcher: Open, target: Path
) -> None:
    server.answers["/weights"] = body(CONTENT)
    target.write_bytes(b"somebody else's")

    with pytest.raises(StorageError):
        open_fetcher().fetch_to(server.url("/weights"), target)

    assert target.read_bytes() == b"somebody else's" and server.asked == []


def test_full_disk_is_a_storage_error_and_leaves_nothing(
    server: Server, open_fetcher: Open, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    server.answers["/weights"] = body(CONTENT)
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StorageError, match="the disk is full"):
        open_fetcher().fetch_to(server.url("/weights"), target)
    assert list(target.parent.iterdir()) == []


def test_limits_leave_room_for_trained_weights() -> None:
    assert (FILE_LIMITS.max_bytes, FILE_LIMITS.max_redirects) == (2048 * 1024 * 1024, 3)
    assert (FILE_LIMITS.connect_seconds, FILE_LIMITS.total_seconds) == (5.0, 1800.0)
