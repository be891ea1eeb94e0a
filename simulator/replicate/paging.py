"""Lists as the Replicate API gives them: `next`, `previous` and at most 100 results."""

from urllib.parse import urlencode

from starlette.requests import Request

from simulator.replicate.problems import Problem


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
