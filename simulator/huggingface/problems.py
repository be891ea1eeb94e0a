"""The error answers of Hugging Face: a sentence under `error`."""

from typing import Any

from starlette.responses import JSONResponse, Response


class HuggingFaceProblem(Exception):
    """An answer of Hugging Face that is not a success."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(str(body.get("error", status)))
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self) -> Response:
        """The HTTP answer."""
        return JSONResponse(self.body, self.status, self.headers)


def invalid_credentials() -> HuggingFaceProblem:
    """No token, or one that is not known, at the inference API."""
    return HuggingFaceProblem(401, {"error": "Invalid credentials in Authorization header"})


def invalid_account() -> HuggingFaceProblem:
    """The same at the hub."""
    return HuggingFaceProblem(401, {"error": "Invalid username or password."})


def no_credits() -> HuggingFaceProblem:
    """The month's credits are used up."""
    sentence = (
        "You have exceeded your monthly included credits for Inference Providers. "
        "Subscribe to PRO to get 20x more monthly included credits."
    )
    return HuggingFaceProblem(402, {"error": sentence})


def rate_limited(seconds: int) -> HuggingFaceProblem:
    """Too many requests; `seconds` until the next one is admitted."""
    headers = {"Retry-After": str(seconds), "ratelimit": f'"api";r=0;t={seconds}'}
    return HuggingFaceProblem(429, {"error": "Rate limit reached"}, headers)


def still_loading(model: str, seconds: float) -> HuggingFaceProblem:
    """A cold model, ready in about `seconds`."""
    body = {"error": f"Model {model} is currently loading", "estimated_time": seconds}
    return HuggingFaceProblem(503, body)


def server_error(status: int) -> HuggingFaceProblem:
    """A failure of the service itself."""
    return HuggingFaceProblem(status, {"error": "Internal Server Error"})


def unknown_model(model: str) -> HuggingFaceProblem:
    """A model that is not offered."""
    return HuggingFaceProblem(404, {"error": f"Model {model} does not exist"})


def unknown_repository() -> HuggingFaceProblem:
    """The same at the hub."""
    return HuggingFaceProblem(404, {"error": "Repository not found"})


def bad_request(sentence: str) -> HuggingFaceProblem:
    """A request that cannot be understood."""
    return HuggingFaceProblem(400, {"error": sentence})
