"""The connections of downloads: checked addresses alone, within the time of the whole download."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

import httpcore


class FetchFailure(StrEnum):
    """Why a download failed; only TRANSIENT and TIMED_OUT are worth another try."""

    GONE = "gone"
    REFUSED_ADDRESS = "refused_address"
    TOO_BIG = "too_big"
    TRANSIENT = "transient"
    TIMED_OUT = "timed_out"


class FetchError(Exception):
    """A download failed. `detail` names hosts and numbers, never a URL: those can be signed."""

    def __init__(self, kind: FetchFailure, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


def refused_address(detail: str) -> FetchError:
    """The error for a place that nothing is fetched from."""
    return FetchError(FetchFailure.REFUSED_ADDRESS, detail)


_IPV6_UNICAST = ipaddress.ip_network("2000::/3")
_NO_DEADLINE = float("inf")
_deadline: ContextVar[float] = ContextVar("fetch_deadline", default=_NO_DEADLINE)

Resolve = Callable[[str, int], list[str]]
Place = tuple[str, int]
"""Host and port that a setting names."""


def system_addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host as the system resolves it; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """End what this thread reads and writes in the block with a time-out after so long."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a host once, checks every address of it, and connects to one of those."""

    def __init__(self, resolve: Resolve, places: frozenset[Place]) -> None:
        self._resolve = resolve
        self._places = places
        self._sockets = httpcore.SyncBackend()
        # The system's resolver knows no time-out; a thread can be left waiting.
        self._resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="fetch-dns")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of the host; raises FetchError for any other."""
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in self._addresses(host, port, timeout):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _remaining(timeout), local_address, socket_options
                )
                return _TimedStream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                failure = refused
        raise failure or httpcore.ConnectError("no address")

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        lookup = self._resolvers.submit(self._resolve, host, port)
        try:
            addresses = list(dict.fromkeys(lookup.result(_remaining(timeout))))
        except TimeoutError as late:
            raise httpcore.ConnectTimeout("name look-up") from late
        except (OSError, UnicodeError) as failure:
            raise httpcore.ConnectError("name look-up") from failure
        is_named = (host, port) in self._places
        if not all(_is_allowed(address, is_named=is_named) for address in addresses):
            fix = "" if is_named else f". Name {host}:{port} in OUTPUT_HOSTS if it is yours"
            raise refused_address(f"{host!r} is not at a public address{fix}")
        return addresses


class TimedNetwork(httpcore.NetworkBackend):
    """Connects to a proxy within the download's time."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = httpcore.SyncBackend().connect_tcp(
            host, port, _remaining(timeout), local_address, socket_options
        )
        return _TimedStream(stream)


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no single read or write outlasts the download's deadline.

    Without it, a server that sends one byte now and then holds a thread for ever.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _remaining(timeout))
        return _TimedStream(secured)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _remaining(timeout: float | None) -> float:
    """The smaller of a time-out and what is left of the download's time; raises ReadTimeout at its end."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the download took too long")
    return left if timeout is None else min(left, timeout)


def _is_allowed(address: str, *, is_named: bool) -> bool:
    """Whether it is a public address, or any machine's for a place that a setting names.

    Never a link-local one, where clouds serve their machines' credentials.
    """
    ip = ipaddress.ip_address(address)
    if is_named:
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return ip.is_loopback or not (
            ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
        )
    if isinstance(ip, ipaddress.IPv6Address):
        # Only what is handed out to networks: no IPv4 address in disguise, no tunnel to one.
        return ip.is_global and ip in _IPV6_UNICAST and ip.sixtofour is None
    return ip.is_global and not ip.is_multicast
