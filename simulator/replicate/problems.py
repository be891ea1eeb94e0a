"""Replicate's error answers: application/problem+json with the bodies recorded from the service."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response


class Problem(Exception):
    """An answer of the Replicate API that is not a success."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(body.get("detail", status)))
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The HTTP answer."""
        return JSONResponse(
            self.body, self.status, self.headers, media_type="application/problem+json"
        )


def unauthenticated() -> Problem:
    """No token, or one that is not known."""
    detail = "You did not pass a valid authentication token"
    return Problem(401, {"title": "Unauthenticated", "detail": detail, "status": 401})


def insufficient_credit() -> Problem:
    """The account has run out of money."""
    detail = (
        "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing "
        "to purchase credit. Once you purchase credit, please wait a few minutes before trying again."
    )
    return Problem(402, {"title": "Insufficient credit", "detail": detail, "status": 402})


def not_found(detail: str = "The requested resource could not be found.") -> Problem:
    """Unknown id or route, or a community model on the official models' route."""
    return Problem(404, {"detail": detail, "status": 404})


def file_too_large() -> Problem:
    """An upload over the limit of the files API."""
    return Problem(413, {"detail": "Files must be less than 100MB in size"})


def invalid_version() -> Problem:
    """A version that does not exist or may not be used."""
    detail = (
        "The specified version does not exist (or perhaps you don't have permission to use it?)"
    )
    return Problem(
        422, {"title": "Invalid version or not permitted", "detail": detail, "status": 422}
    )


def invalid_input(fields: list[dict[str, str]]) -> Problem:
    """A request whose body or model input breaks the schema; `fields` name each breach."""
    lines = [f"- {field['field']}: {field['description']}\n" for field in fields]
    body = {
        "title": "Input validation failed",
        "detail": "".join(lines),
        "status": 422,
        "invalid_fields": fields,
    }
    return Problem(422, body)


def throttled(seconds: int) -> Problem:
    """Too many requests; `seconds` until the next one is admitted."""
    detail = f"Request was throttled. Your rate limit resets in ~{seconds}s."
    body = {"title": "Too many requests", "detail": detail, "status": 429, "retry_after": seconds}
    return Problem(429, body, {"Retry-After": str(seconds)})


def throttled_for_low_credit(seconds: int) -> Problem:
    """An account with little credit, which may create less; `seconds` until the next one."""
    detail = (
        "Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per "
        "minute with a burst of 1 requests while you have less than $5.0 in credit. "
        f"Your rate limit resets in ~{seconds}s."
    )
    return Problem(429, {"detail": detail, "status": 429, "retry_after": seconds})


def server_error(status: int) -> Problem:
    """A failure of the service itself."""
    return Problem(
        status,
        {"title": "Server error", "detail": "Something went wrong on our side.", "status": status},
    )
