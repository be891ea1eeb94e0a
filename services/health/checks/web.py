"""Checks of the web process: does it answer here, and at the address that providers call?"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from services.core.redaction import shown_address
from services.health.check import Answer, Check, CheckUpTargets, failed, ok, unknown, warning

GROUP = "Web"
TIMEOUT_SECONDS = 5.0
_ROUTE = "/api/health"


@dataclass(frozen=True)
class _Reply:
    """The answer of a health route; `failing` is None when it is not ours."""

    status: int
    failing: list[str] | None


def _health(targets: CheckUpTargets) -> Answer:
    address = targets.settings.web_address
    try:
        reply = _reply(address, is_ours=True)
    except httpx.HTTPError as error:
        finding = f"Atelier does not answer at {address} ({type(error).__name__})."
        if targets.settings.public_url:
            return unknown(f"{finding} It may run on another machine; see the public address.")
        return failed(finding, "Start ./run, or ./run web; ATELIER_PORT is its port.")
    if reply.failing is None:
        return failed(
            f"Another program answers at {address} (HTTP {reply.status}).",
            "End it, or set ATELIER_PORT to a free port and start again.",
        )
    if reply.failing:
        return warning(
            f"{address}{_ROUTE} answers and reports as failing: {', '.join(reply.failing)}.",
            "Correct these; each has a check of its own.",
        )
    return ok(f"{address}{_ROUTE} answers: all checks passed.")


def _public(targets: CheckUpTargets) -> Answer:
    public_url = targets.settings.public_url
    if public_url is None:
        return ok("PUBLIC_URL is not set, and nothing needs it yet: providers are polled.")
    address = shown_address(public_url)
    if urlsplit(public_url).scheme != "https":
        return failed(
            f"PUBLIC_URL ({address}) is not https, and providers call nothing else.",
            "Set PUBLIC_URL to an https:// address, or leave it out.",
        )
    if _is_private(urlsplit(public_url).hostname or ""):
        return failed(
            f"PUBLIC_URL ({address}) is an address of this machine or its own network.",
            "Set PUBLIC_URL to an address that the whole internet reaches, or leave it out.",
        )
    return _reached(public_url, address)


def _reached(public_url: str, address: str) -> Answer:
    try:
        reply = _reply(public_url, is_ours=False)
    except httpx.HTTPError as error:
        return failed(
            f"{address} cannot be reached from here ({type(error).__name__}).",
            "Check its DNS name, its certificate and the proxy in front, or correct PUBLIC_URL.",
        )
    if reply.failing is None:
        return failed(
            f"Something other than Atelier answers at {address} (HTTP {reply.status}).",
            f"Let the proxy pass {_ROUTE} to Atelier, or correct PUBLIC_URL.",
        )
    return ok(
        f"{address}{_ROUTE} is answered by Atelier. Nothing uses PUBLIC_URL yet: providers are polled."
    )


def _reply(address: str, *, is_ours: bool) -> _Reply:
    """Ask once, following no redirect: providers follow none either."""
    got = httpx.get(f"{address}{_ROUTE}", timeout=TIMEOUT_SECONDS, trust_env=not is_ours)
    try:
        failing = got.json()["failing"] if got.status_code in (200, 503) else None
    except (ValueError, KeyError, TypeError):
        failing = None
    names = [str(name) for name in failing] if isinstance(failing, list) else None
    return _Reply(got.status_code, names)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


CHECKS = (
    Check("Health route", GROUP, _health),
    Check("Public address", GROUP, _public),
)
