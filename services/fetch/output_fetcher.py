"""Download a provider's output: only from known hosts, only from public addresses, no token.

Neither a redirect nor a change of DNS can lead it into our own network, and no read or write
outlasts the time that the whole download may take.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from services.storage.disk import disk_errors, new_file


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

    def __init__(self, resolve: Resolve, loopback: frozenset[tuple[str, int]]) -> None:
        self._resolve = resolve
        self._loopback = loopback
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
        is_loopback = (host, port) in self._loopback
        if not all(_is_allowed(address, is_loopback=is_loopback) for address in addresses):
            raise refused_address(f"{host!r} is not at a public address")
        return addresses


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


def _is_allowed(address: str, *, is_loopback: bool) -> bool:
    ip = ipaddress.ip_address(address)
    if is_loopback:
        return ip.is_loopback
    if isinstance(ip, ipaddress.IPv6Address):
        # Only what is handed out to networks: no IPv4 address in disguise, no tunnel to one.
        return ip.is_global and ip in _IPV6_UNICAST and ip.sixtofour is None
    return ip.is_global and not ip.is_multicast


MEGABYTE = 1024 * 1024
_DEFAULT_PORTS = {"https": 443, "http": 80}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({408, 425, 429})
_HEADERS = ((b"User-Agent", b"Atelier"), (b"Accept-Encoding", b"identity"))
_UNQUOTED = "/?%:@!$&'()*+,;=~"

Take = Callable[[bytes], object]
"""What is done with each piece of a body, in its order."""


@dataclass(frozen=True)
class FetchLimits:
    """What one download may take, redirects included."""

    max_bytes: int = 50 * MEGABYTE
    max_redirects: int = 3
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 60.0


# Trained weights, the largest thing a provider hands out.
FILE_LIMITS = FetchLimits(max_bytes=2048 * MEGABYTE, total_seconds=1800.0)


@dataclass(frozen=True)
class _Address:
    scheme: str
    host: str
    port: int
    target: str


class OutputFetcher:
    """Downloads from allowed hosts; safe to share between threads. Close it at the end.

    `allowed_hosts` are exact names, or `*.replicate.delivery` for every name below that one.
    `allow_loopback` names the (host, port) pairs of the simulator: these alone may speak plain
    http, and must be at a loopback address. Proxy variables are not read.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str],
        allow_loopback: frozenset[tuple[str, int]] = frozenset(),
        *,
        limits: FetchLimits | None = None,
        resolve: Resolve = system_addresses,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._exact = frozenset(host for host in allowed_hosts if not host.startswith("*."))
        self._suffixes = tuple(host[1:] for host in allowed_hosts if host.startswith("*."))
        self._loopback = allow_loopback
        self._limits = limits or FetchLimits()
        self._network = CheckedNetwork(resolve, allow_loopback)
        # httpcore itself, not httpx: its network backend is the one public place where the
        # checked address and the connected one are the same by construction.
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context, network_backend=self._network, keepalive_expiry=10.0
        )

    def fetch(self, url: str) -> bytes:
        """The body of a 200 reply, after three redirects at most. Raises FetchError alone."""
        body = bytearray()
        self._download(url, self._limits, body.extend)
        return bytes(body)

    def fetch_to(self, url: str, target: Path, limits: FetchLimits | None = None) -> int:
        """Stream such a body into a file that was not there; returns its size, at most 2 GB.

        The file is synced before this returns and removed when it fails. Raises FetchError, and
        StorageError when the disk does not take it.
        """
        with disk_errors(), new_file(target) as stream:
            return self._download(url, limits or FILE_LIMITS, stream.write)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()
        self._network.close()

    def _download(self, url: str, limits: FetchLimits, take: Take) -> int:
        try:
            with deadline_in(limits.total_seconds):
                return self._follow(url, limits, take)
        except httpcore.TimeoutException as failure:
            raise FetchError(FetchFailure.TIMED_OUT, type(failure).__name__) from failure
        except (httpcore.NetworkError, httpcore.ProtocolError) as failure:
            raise FetchError(FetchFailure.TRANSIENT, type(failure).__name__) from failure

    def _follow(self, url: str, limits: FetchLimits, take: Take) -> int:
        for _ in range(limits.max_redirects + 1):
            byte_count, location = self._get(url, limits, take)
            if location is None:
                return byte_count
            url = urljoin(url, location)
        raise refused_address("too many redirects")

    def _get(self, url: str, limits: FetchLimits, take: Take) -> tuple[int, str | None]:
        """How large the body was, or where the reply redirects to."""
        address = self._checked_address(url)
        seconds = {
            "connect": limits.connect_seconds,
            "read": limits.read_seconds,
            "write": limits.read_seconds,
            "pool": limits.total_seconds,
        }
        # Built from the checked parts: httpcore must not read the URL in another way.
        asked = httpcore.URL(
            scheme=address.scheme, host=address.host, port=address.port, target=address.target
        )
        with self._pool.stream(
            "GET", asked, headers=_HEADERS, extensions={"timeout": seconds}
        ) as response:
            headers = {name.lower(): value for name, value in response.headers}
            if response.status in _REDIRECTS and b"location" in headers:
                return 0, headers[b"location"].decode("latin-1")
            _require_success(response.status, headers, address.host)
            _require_announced(headers, limits.max_bytes)
            return _taken(response.iter_stream(), limits.max_bytes, take), None

    def _checked_address(self, url: str) -> _Address:
        address = _address(url)
        if (address.host, address.port) in self._loopback:
            return address
        if (address.scheme, address.port) != ("https", 443):
            raise refused_address("only https on its own port is fetched")
        if address.host in self._exact or address.host.endswith(self._suffixes):
            return address
        raise refused_address(f"{address.host[:100]!r} is not an allowed host")


def _address(url: str) -> _Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise refused_address("not a URL") from None
    is_plain = host.isascii() and host and parts.username is None
    if parts.scheme not in _DEFAULT_PORTS or not is_plain:
        raise refused_address("not a plain web address")
    query = f"?{parts.query}" if parts.query else ""
    target = quote((parts.path or "/") + query, safe=_UNQUOTED)
    return _Address(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], target)


def _require_success(status: int, headers: dict[bytes, bytes], host: str) -> None:
    # A reply that is packed, against what we asked for, could unpack to any size.
    is_packed = headers.get(b"content-encoding", b"identity").lower() != b"identity"
    if status == 200 and not is_packed:
        return
    # 403 too: a signed link that ran out is answered so.
    is_final = 400 <= status < 500 and status not in _REPEATABLE
    detail = f"{host} answered {status}{' with a packed body' if is_packed else ''}"
    raise FetchError(FetchFailure.GONE if is_final else FetchFailure.TRANSIENT, detail)


def _require_announced(headers: dict[bytes, bytes], max_bytes: int) -> None:
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > max_bytes:
        raise FetchError(FetchFailure.TOO_BIG, f"{int(announced)} bytes of at most {max_bytes}")


def _taken(chunks: Iterable[bytes], max_bytes: int, take: Take) -> int:
    byte_count = 0
    for chunk in chunks:
        byte_count += len(chunk)
        if byte_count > max_bytes:
            raise FetchError(FetchFailure.TOO_BIG, f"more than {max_bytes} bytes")
        take(chunk)
    return byte_count
