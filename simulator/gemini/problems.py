"""The error answers of the Gemini API."""

from typing import Any

from starlette.responses import JSONResponse, Response

_KEY_TEXT = "API key not valid. Please pass a valid API key."
_QUOTA_TEXT = "Resource has been exhausted (e.g. check quota)."
_FUNDS_TEXT = "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing."


class GeminiProblem(Exception):
    """An answer of the Gemini API that is not a success."""

    def __init__(
        self, code: int, status: str, message: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details or []

    def response(self) -> Response:
        """The HTTP answer."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return JSONResponse({"error": error}, self.code)


def invalid_key() -> GeminiProblem:
    """A key that is missing or not known: Google answers 400, not 401."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    return GeminiProblem(400, "INVALID_ARGUMENT", _KEY_TEXT, [info])


def quota_exhausted(seconds: float) -> GeminiProblem:
    """Too many requests; `seconds` until the next try."""
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds:g}s"}
    return GeminiProblem(429, "RESOURCE_EXHAUSTED", _QUOTA_TEXT, [retry])


def no_funds() -> GeminiProblem:
    """The project has no money left."""
    return GeminiProblem(429, "RESOURCE_EXHAUSTED", _FUNDS_TEXT)


def server_error(code: int) -> GeminiProblem:
    """A failure of the service itself."""
    if code == 503:
        return GeminiProblem(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    return GeminiProblem(
        code, "INTERNAL", "An internal error has occurred. Please retry or report in AI Studio."
    )


def invalid_argument(message: str) -> GeminiProblem:
    """A request that cannot be understood."""
    return GeminiProblem(400, "INVALID_ARGUMENT", message)


def unknown_model(model: str) -> GeminiProblem:
    """A model that is not offered."""
    message = (
        f"models/{model} is not found for API version v1, or is not supported for generateContent."
    )
    return GeminiProblem(404, "NOT_FOUND", message)
