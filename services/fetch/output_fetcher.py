"""Download a provider's output: only from known hosts, only from public addresses, no token.

Neither a redirect nor a change of DNS can lead it into our own network, other than to a place that a
setting names, and no read or write outlasts the time that the whole download may take.
"""

import base64
import binascii
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

import httpcore

from services.core.proxies import proxy_for
from services.fetch.network import (
    CheckedNetwork,
    FetchError,
    FetchFailure,
    Place,
    Resolve,
    TimedNetwork,
    deadline_in,
    refused_address,
    system_addresses,
)
from services.storage.disk import disk_errors, new_file

MEGABYTE = 1024 * 1024
_DEFAULT_PORTS = {"https": 443, "http": 80}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({408, 425, 429})
_HEADERS = ((b"User-Agent", b"Atelier"), (b"Accept-Encoding", b"identity"))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_UNQUOTED = "/?%:@!$&'()*+,;=~"

Take = Callable[[bytes], object]
"""What is done with each piece of a body, in its order."""


@dataclass(frozen=True)
class FetchLimits:
    """What one download may take, redirects included."""

    max_bytes: int = 200 * MEGABYTE
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
    `places` are those that settings name: these alone may speak plain http, on a port of their
    own, at a private address. Behind a proxy, which looks names up itself, the name is checked
    and the address is not.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str],
        places: frozenset[Place] = frozenset(),
        *,
        limits: FetchLimits | None = None,
        resolve: Resolve = system_addresses,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._exact = frozenset(host for host in allowed_hosts if not host.startswith("*."))
        self._suffixes = tuple(host[1:] for host in allowed_hosts if host.startswith("*."))
        self._places = places
        self._limits = limits or FetchLimits()
        self._network = CheckedNetwork(resolve, places)
        self._ssl_context = ssl_context
        self._proxies: dict[str, httpcore.ConnectionPool] = {}
        # httpcore itself, not httpx: its network backend is the one public place where the
        # checked address and the connected one are the same by construction.
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context, network_backend=self._network, keepalive_expiry=10.0
        )

    def fetch(self, url: str) -> bytes:
        """The body of a 200 reply, after three redirects at most. Raises FetchError alone.

        A data: address holds its body itself.
        """
        if url.startswith("data:"):
            return inline_body(url, self._limits.max_bytes)
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
        for pool in (self._pool, *self._proxies.values()):
            pool.close()
        self._network.close()

    def _download(self, url: str, limits: FetchLimits, take: Take) -> int:
        try:
            with deadline_in(limits.total_seconds):
                return self._follow(url, limits, take)
        except httpcore.TimeoutException as failure:
            raise FetchError(FetchFailure.TIMED_OUT, _why(url, failure)) from failure
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as failure:
            raise FetchError(FetchFailure.TRANSIENT, _why(url, failure)) from failure

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
        with self._pool_for(address).stream(
            "GET", asked, headers=_HEADERS, extensions={"timeout": seconds}
        ) as response:
            headers = {name.lower(): value for name, value in response.headers}
            if response.status in _REDIRECTS and b"location" in headers:
                return 0, headers[b"location"].decode("latin-1")
            _require_success(response.status, headers, address.host)
            _require_announced(headers, limits.max_bytes)
            return _taken(response.iter_stream(), limits.max_bytes, take), None

    def _pool_for(self, address: _Address) -> httpcore.ConnectionPool:
        """The connections to an address whose host is allowed: direct, or through its proxy."""
        proxy = proxy_for(f"{address.scheme}://{address.host}:{address.port}")
        if proxy is None:
            return self._pool
        if proxy not in self._proxies:
            parts = urlsplit(proxy)
            account = (parts.username or "", parts.password or "") if parts.username else None
            self._proxies[proxy] = httpcore.HTTPProxy(
                f"{parts.scheme}://{parts.hostname}:{parts.port or _DEFAULT_PORTS[parts.scheme]}",
                proxy_auth=account,
                ssl_context=self._ssl_context,
                network_backend=TimedNetwork(),
                keepalive_expiry=10.0,
            )
        return self._proxies[proxy]

    def _checked_address(self, url: str) -> _Address:
        address = _address(url)
        if (address.host, address.port) in self._places:
            return address
        named = f"{address.host[:100]}:{address.port}"
        if address.host not in self._exact and not address.host.endswith(self._suffixes):
            raise refused_address(
                f"{address.host[:100]!r} is not an allowed host. Name {named} in OUTPUT_HOSTS if"
                " your provider's outputs are there"
            )
        if (address.scheme, address.port) != ("https", 443):
            raise refused_address(
                f"only https on its own port is fetched, unless OUTPUT_HOSTS names {named}"
            )
        return address


def _why(url: str, failure: Exception) -> str:
    """Name the host and what failed; never the URL, which can be signed."""
    words = " ".join(str(failure).split())[:80]
    host = urlsplit(url).hostname or "the host"
    return f"{host}: {type(failure).__name__}" + (f" ({words})" if words else "")


def inline_body(url: str, max_bytes: int) -> bytes:
    """Decode the body of a data: address (RFC 2397); raises FetchError."""
    head, comma, data = url.partition(",")
    if not comma:
        raise FetchError(FetchFailure.REFUSED_ADDRESS, "a data: address without data")
    if len(data) > max_bytes * 3:
        raise FetchError(FetchFailure.TOO_BIG, f"more than {max_bytes} bytes in the reply")
    body = unquote_to_bytes(data)
    if head.lower().endswith(";base64"):
        plain = body.translate(_URL_SAFE, b" \r\n\t")
        try:
            body = base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
        except binascii.Error:
            raise FetchError(FetchFailure.REFUSED_ADDRESS, "a data: address of no base64") from None
    if len(body) > max_bytes:
        raise FetchError(FetchFailure.TOO_BIG, f"{len(body)} bytes of at most {max_bytes}")
    return body


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
