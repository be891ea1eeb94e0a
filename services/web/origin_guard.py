"""Refuse requests for a foreign host or from a foreign origin, before anything else sees them.

A page of another site may make a browser send requests here. Its websocket carries that site's
Origin; with a DNS name that it rebinds to this machine, the Host is that name.
"""

import ipaddress
import logging
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.core.redaction import redact

logger = logging.getLogger("atelier.web")

PROBES = frozenset({"/api/live", "/_stcore/health"})
"""Say nothing but that the process answers; load balancers ask by any name."""
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_REFUSED_HOST = (
    "Atelier does not answer under this host name. Open it as http://localhost, or name its"
    " address in PUBLIC_URL or ALLOWED_HOSTS.\n"
)
_REFUSED_ORIGIN = (
    "A page of another site may not use Atelier. Behind a proxy, set PUBLIC_URL to the address"
    " that browsers use.\n"
)


class OriginGuard:
    """ASGI middleware; `public_url` and `allowed_hosts` are of the settings."""

    def __init__(
        self, app: ASGIApp, public_url: str | None = None, allowed_hosts: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._public = _origin(public_url or "")
        names = {host.lower() for host in allowed_hosts if host}
        self._hosts = names | {self._public[1]} if self._public else names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 (a websocket is closed before it is accepted)."""
        if scope["type"] not in ("http", "websocket") or not (problem := self._problem(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(problem, 403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": problem.split(".")[0]})

    def _problem(self, scope: Scope) -> str:
        if scope["path"] in PROBES:
            return ""
        hosts = _values(scope, b"host")
        host = hosts[0] if len(hosts) == 1 else ""
        if not self._is_own_host(host):
            return _refused("host", host, _REFUSED_HOST)
        for origin in _values(scope, b"origin"):
            if not self._is_own_origin(origin, host):
                return _refused("origin", origin, _REFUSED_ORIGIN)
        return ""

    def _is_own_host(self, host: str) -> bool:
        """Whether no other site can make a browser send this Host: a name that it owns."""
        parts = _split(f"//{host}")
        name = parts.hostname if parts and parts.netloc == host and "@" not in host else None
        if not name:
            return False
        name = name.rstrip(".")
        return name == "localhost" or name in self._hosts or _is_address(name)

    def _is_own_origin(self, origin: str, host: str) -> bool:
        """Whether it is the origin of our own pages, as the browser or as the proxy names them."""
        found = _origin(origin)
        if found is None:
            return False
        return found == self._public or found == _origin(f"{found[0]}://{host}")


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    return parts


def _origin(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address, or None where it names no host."""
    parts = _split(address)
    if parts is None or not parts.hostname or parts.scheme not in _DEFAULT_PORTS:
        return None
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    return parts.scheme, parts.hostname.rstrip("."), port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _refused(what: str, value: str, sentence: str) -> str:
    logger.warning("web.refused %s=%r", what, redact(value[:200]))
    return sentence
