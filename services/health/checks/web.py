"""Does the desk answer here, and where providers would reach it?"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from services.core.redaction import shown_address
from services.health.check import Answer, Question, failed, ok, unknown, warning
from services.health.system_under_check import House

GROUP = "Web"
TIMEOUT_SECONDS = 5.0
_ROUTE = "/api/health"


@dataclass(frozen=True)
class _Reply:
    """What the health route said; `failing` is None when it is no health route of ours."""

    status: int
    failing: list[str] | None


def web_questions(house: House) -> list[Question]:
    """The questions about the desk's own addresses."""
    return [
        Question("Health route", GROUP, lambda: _health(house)),
        Question("Public address", GROUP, lambda: _public(house.settings.public_url)),
    ]


def _health(house: House) -> Answer:
    address = f"http://127.0.0.1:{house.settings.port}"
    try:
        reply = _reply(address, is_ours=True)
    except httpx.HTTPError as error:
        finding = f"The desk does not answer at {address} ({type(error).__name__})."
        if house.settings.public_url:
            return unknown(f"{finding} It may run on another machine; see the public address.")
        return failed(finding, "Start ./run, or ./run web; ATELIER_PORT is the desk's port.")
    if reply.failing is None:
        return failed(
            f"Another program answers at {address} (HTTP {reply.status}).",
            "End it, or set ATELIER_PORT to a free port and start again.",
        )
    if reply.failing:
        return warning(
            f"{address}{_ROUTE} answers and names as failing: {', '.join(reply.failing)}.",
            "Put these parts right; each has a check of its own.",
        )
    return ok(f"{address}{_ROUTE} answers that all is well.")


def _public(public_url: str | None) -> Answer:
    if public_url is None:
        return ok("PUBLIC_URL is not set: providers are asked instead of calling back.")
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
            f"Something else than this desk answers at {address} (HTTP {reply.status}).",
            f"Let the proxy pass {_ROUTE} to the desk, or correct PUBLIC_URL.",
        )
    return ok(f"{address}{_ROUTE} is answered by a desk of Atelier.")


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
