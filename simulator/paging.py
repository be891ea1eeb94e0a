"""Lists as the Replicate API gives them: `next`, `previous` and at most 100 results."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from simulator.problems import Problem
from simulator.run_store import PAGE_SIZE

Row = TypeVar("Row")


def base_url(request: Request) -> str:
    """Scheme and host under which the caller reached the simulator."""
    return str(request.base_url).rstrip("/")


def invalid_cursor() -> Problem:
    """A cursor that was not made here."""
    return Problem(400, {"title": "Bad request", "detail": "Invalid cursor", "status": 400})


def page_url(request: Request, cursor: str | None) -> str | None:
    """The same request at another cursor."""
    if cursor is None:
        return None
    query = {key: value for key, value in request.query_params.items() if key != "cursor"}
    return f"{base_url(request)}{request.url.path}?{urlencode({**query, 'cursor': cursor})}"


def paged(
    request: Request, rows: Sequence[Row], as_json: Callable[[Row], dict[str, Any]]
) -> dict[str, Any]:
    """The page of `rows` that the request's cursor, an offset, asks for."""
    text = request.query_params.get("cursor", "0")
    if not text.isdigit():
        raise invalid_cursor()
    start = int(text)
    end = start + PAGE_SIZE
    before = str(max(start - PAGE_SIZE, 0)) if start else None
    return {
        "next": page_url(request, str(end) if end < len(rows) else None),
        "previous": page_url(request, before),
        "results": [as_json(row) for row in rows[start:end]],
    }
