"""Gemini's error replies and refusals, folded into `FailureClass`; independent of its library.

A generate call is synchronous: where no answer came it may have run, and may have been charged.
"""

from collections.abc import Mapping
from typing import Any

from services.providers.base import FailureClass, ProviderError
from services.providers.definition import classify
from services.providers.gemini.definition import DEFINITION
from services.providers.replies import as_line, as_object, as_text, retry_after_seconds

_REFUSALS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "ESCALATION",
        "MODEL_ARMOR",
    }
)


def status_error(code: int, status: str, details: Any, headers: Mapping[str, str]) -> ProviderError:
    """Return the error of a reply other than 200; `details` is its JSON body."""
    failure = classify(DEFINITION.errors, code, f"{status} {as_text(details)}")
    error = as_object(as_object(details).get("error")) or as_object(details)
    message = as_line(error.get("message"))
    retry = [part.get("retryDelay") for part in map(as_object, _list(error.get("details")))]
    wait = retry_after_seconds(headers, *retry, error.get("message"))
    pauses = failure is FailureClass.FUNDS or (
        failure is FailureClass.CONFIGURATION and code in (400, 401, 403)
    )
    return ProviderError(
        failure,
        f"Gemini answered {code} {status}: {message}",
        retry_after_seconds=wait if code in (429, 500, 503, 504) else None,
        pauses_provider=pauses,
        status_code=code,
    )


def credentials_error(what: str, *, is_passing: bool) -> ProviderError:
    """Google gave no access token, so nothing was sent; `is_passing` when later it may."""
    if is_passing:
        return ProviderError(
            FailureClass.TRANSIENT, f"Google gave no access token ({what})", reached=False
        )
    detail = f"Google accepts these credentials no more, or there are none ({what})"
    return ProviderError(FailureClass.CONFIGURATION, detail, pauses_provider=True, reached=False)


def unreadable_error(error: Exception) -> ProviderError:
    """A 200 whose body is not what the API promises; the call ran."""
    return ProviderError(
        FailureClass.TRANSIENT, f"Gemini's answer could not be read ({type(error).__name__})"
    )


def no_picture_error(block_reason: str, finish_reasons: list[str], text: str) -> ProviderError:
    """Return the error of a 200 without a picture: refused for its content, or empty."""
    refusal = block_reason or next((why for why in finish_reasons if why in _REFUSALS), "")
    if refusal:
        detail = f"Gemini refused the content ({refusal})."
        return ProviderError(FailureClass.CONTENT_REFUSED, detail)
    reason = ", ".join(finish_reasons) or "no reason given"
    answer = f" Its answer: {as_line(text, limit=200)}" if text else ""
    return ProviderError(
        FailureClass.EMPTY, f"Gemini answered without a picture ({reason}).{answer}"
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
