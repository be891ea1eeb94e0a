"""Reads what comes with a create: body, webhook, deadline, how long to wait."""

import re
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from simulator.replicate.problems import Problem

COMMON_KEYS = frozenset({"input", "webhook", "webhook_events_filter"})
EVENTS = frozenset({"start", "output", "logs", "completed"})
_MAX_WAIT_SECONDS = 60.0
_MIN_DEADLINE_SECONDS = 5.0
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


async def json_body(request: Request) -> Any:
    """The body; raises a 400 when it is not JSON."""
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise Problem(
            400, {"title": "Bad request", "detail": "The body is not JSON.", "status": 400}
        ) from error


def wait_seconds(prefer: str) -> float:
    """How long a `Prefer: wait` header waits."""
    _, _, seconds = prefer.partition("=")
    return (
        min(max(float(seconds), 1.0), _MAX_WAIT_SECONDS) if seconds.isdigit() else _MAX_WAIT_SECONDS
    )


def deadline_seconds(header: str | None) -> float | None:
    """What a `Cancel-After` header asks for, in seconds after creation."""
    if header is None:
        return None
    match = _DURATION.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        title, detail = "Invalid Cancel-After", "Cancel-After is a duration."
        raise Problem(422, {"title": title, "detail": detail, "status": 422})
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return max(float(hours * 3600 + minutes * 60 + seconds), _MIN_DEADLINE_SECONDS)


def webhook_breaches(body: dict[str, Any]) -> list[dict[str, str]]:
    """What is wrong with a create's webhook and its filter."""
    webhook = body.get("webhook")
    breaches = []
    if webhook is not None and (
        not isinstance(webhook, str) or urlsplit(webhook).scheme not in ("http", "https")
    ):
        breaches.append(
            {"type": "format", "field": "webhook", "description": "Does not match format 'uri'"}
        )
    events = body.get("webhook_events_filter") or []
    if not isinstance(events, list) or not set(map(str, events)) <= EVENTS:
        description = "webhook_events_filter items must be one of: start, output, logs, completed"
        breaches.append(
            {"type": "enum", "field": "webhook_events_filter", "description": description}
        )
    return breaches
