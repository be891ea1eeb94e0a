"""The HTTP to Replicate: its client for POSTs, our own for reads, both over one connection pool.

Every call has explicit time-outs, every reply is stored before the client's models may refuse it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx
from replicate.client import Client
from replicate.exceptions import ReplicateException

from services.core.proxies import proxy_for
from services.providers.checks import checked_secret, checked_url
from services.providers.replicate.errors import (
    Call,
    network_error,
    reply_error,
    unreadable_error,
)
from services.providers.replies import Reply, as_object

API_URL = "https://api.replicate.com"
_VERSION = "/v1"
MAX_REPLY_BYTES = 200 * 1024 * 1024
"""A reply may hold pictures of the size that a download may have."""

# What the client's own parsing raises on bodies that it does not expect (facts C).
_PARSER_ERRORS = (ReplicateException, ValueError, TypeError, AttributeError, KeyError)


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for Replicate, in seconds."""

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    """Between two chunks of a reply; also for writing and for a free connection."""
    upload_seconds: float = 60.0
    poll_seconds: float = 10.0
    """For questions about work that is known."""

    describe_seconds: float = 3.0
    """For a question that a person waits for."""

    def of(self, call: Call) -> httpx.Timeout:
        """The time-outs of one call."""
        if call is Call.DESCRIBE:
            return httpx.Timeout(self.describe_seconds)
        seconds = self.upload_seconds if call is Call.UPLOAD else self.read_seconds
        if call.is_of_held:
            # It is asked again anyway: a thread that waits is missed by other providers.
            seconds = min(seconds, self.poll_seconds)
        return httpx.Timeout(seconds, connect=self.connect_seconds)


@dataclass
class _Exchange:
    """One call through the client, as its hooks see it."""

    timeout: httpx.Timeout
    headers: Mapping[str, str]
    reply: Reply | None = None


# A call runs in one thread from end to end, so this separates concurrent calls.
_exchange: ContextVar[_Exchange | None] = ContextVar("replicate_exchange", default=None)


@dataclass
class ReplicateWire:
    """Two thread-safe clients of one account, made once; raises nothing but ProviderError."""

    token: str = field(repr=False)
    base_url: str = API_URL
    timeouts: Timeouts = field(default_factory=Timeouts)

    def __post_init__(self) -> None:
        self.token = checked_secret(self.token, "Replicate")
        self.base_url = checked_url(self.base_url or API_URL, "Replicate")
        self._root: str | None = None
        # One SSL context (31 ms each) and one pool; the client closes over whatever it is given,
        # and httpx reads no proxy variables for a transport that it is given.
        transport = httpx.HTTPTransport(proxy=proxy_for(self.base_url))
        self._own = httpx.Client(
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
            timeout=self.timeouts.of(Call.ASK),
            transport=transport,
        )
        self._client = Client(
            api_token=self.token,
            base_url=self.base_url,
            timeout=self.timeouts.of(Call.CREATE),
            transport=transport,
            event_hooks={"request": [self._apply_exchange], "response": [_store_reply]},
        )

    def close(self) -> None:
        """Close the shared pool; calls still running fail."""
        self._own.close()

    @property
    def root(self) -> str:
        """The address that the API's paths begin at, with `/v1` where the server has it.

        A gateway replaces the whole address of the API: it is asked which of the two it is.
        """
        if self._root is None:
            has_path = bool(urlsplit(self.base_url).path)
            if self.base_url.endswith(_VERSION) or has_path and self._is_gateway():
                self._root = self.base_url
            else:
                self._root = self.base_url + _VERSION
        return self._root

    def _is_gateway(self) -> bool:
        """Whether only the address without `/v1` knows the account's path."""
        timeout = self.timeouts.of(Call.ASK)
        try:
            for root, is_gateway in ((self.base_url + _VERSION, False), (self.base_url, True)):
                if self._own.get(f"{root}/account", timeout=timeout).status_code != 404:
                    return is_gateway
        except httpx.HTTPError as error:
            raise network_error(Call.ASK, error) from None
        return False

    def _apply_exchange(self, request: httpx.Request) -> None:
        """Set address and time-outs: the client adds `/v1`, and passes timeout=None to creates."""
        exchange = _exchange.get()
        if exchange is None:
            raise RuntimeError("the replicate client is used through the wire only")
        path = str(request.url).removeprefix(self.base_url).removeprefix(_VERSION)
        request.url = httpx.URL(self.root + path)
        request.extensions["timeout"] = exchange.timeout.as_dict()
        request.headers.update(exchange.headers)

    def read(self, call: Call, path: str, params: Mapping[str, Any] | None = None) -> Reply:
        """GET a path once, without the client's in-process retries; returns a 2xx reply."""
        return self._own_call(call, "GET", path, params)

    def post(self, call: Call, path: str) -> Reply:
        """POST an empty body to a path once; returns a 2xx reply."""
        return self._own_call(call, "POST", path, None)

    def through_client(
        self,
        call: Call,
        send: Callable[[Client], object],
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Run one POST of the client and return its 2xx reply, whatever the client made of it."""
        with _exchanging(_Exchange(self.timeouts.of(call), headers or {})) as exchange:
            try:
                send(self._client)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise network_error(call, error) from None
            except _PARSER_ERRORS:
                if exchange.reply is None:
                    raise
        if exchange.reply is None:
            raise RuntimeError("the replicate client returned without a reply")
        return self._checked(call, exchange.reply)

    def upload(self, file: BinaryIO, name: str, content_type: str) -> str:
        """Send a file piece by piece and return its address; it costs nothing and expires (A5)."""
        reply = self.through_client(
            Call.UPLOAD,
            lambda client: client.files.create(file, filename=name, content_type=content_type),
        )
        url = as_object(reply.body.get("urls")).get("get")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise unreadable_error(Call.UPLOAD, reply, "the file's address")
        return url

    def _own_call(
        self, call: Call, method: str, path: str, params: Mapping[str, Any] | None
    ) -> Reply:
        try:
            response = self._own_response(call, method, path, params)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise network_error(call, error) from None
        return self._checked(call, response)

    def _own_response(
        self, call: Call, method: str, path: str, params: Mapping[str, Any] | None
    ) -> Reply:
        """Read a reply up to a limit: outputs may be a part of it, and its server may be anybody's."""
        with self._own.stream(
            method, f"{self.root}{path}", params=params, timeout=self.timeouts.of(call)
        ) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_REPLY_BYTES:
                    raise unreadable_error(call, Reply(response.status_code), "an end in sight")
            return _as_reply(response, bytes(content))

    def _checked(self, call: Call, reply: Reply) -> Reply:
        if 200 <= reply.status < 300:
            return reply
        raise reply_error(call, reply)


@contextmanager
def _exchanging(exchange: _Exchange) -> Iterator[_Exchange]:
    outer = _exchange.set(exchange)
    try:
        yield exchange
    finally:
        _exchange.reset(outer)


def _store_reply(response: httpx.Response) -> None:
    """Store a reply before the client's models see it: they fail after the prediction exists."""
    response.read()
    exchange = _exchange.get()
    if exchange is not None:
        exchange.reply = _as_reply(response)


def _as_reply(response: httpx.Response, content: bytes | None = None) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    content = response.content if content is None else content
    return Reply(response.status_code, headers, content)
