"""Gemini's error replies and refusals, folded into `FailureClass`; knows nothing of its library.

A generate call is synchronous: where no answer came it may have run, and may have been charged.
"""

from collections.abc import Mapping
from typing import Any

from services.providers.base import FailureClass, ProviderError
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
# Google says this with the status of a rate limit; waiting would never end it.
_NO_FUNDS = "prepayment credits are depleted"
_KEY_PROBLEMS = ("API_KEY_INVALID", "API key not valid", "API key expired", "FAILED_PRECONDITION")


def status_error(
    code: int, status: str, details: Any, headers: Mapping[str, str], *, secret: str
) -> ProviderError:
    """The error that a reply other than 200 stands for; `details` is its JSON body."""
    failure = _status_failure(code, f"{status} {as_text(details)}")
    error = as_object(as_object(details).get("error")) or as_object(details)
    message = as_line(error.get("message"), secret=secret)
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


def network_error(error: Exception, *, was_sent: bool, secret: str) -> ProviderError:
    """No answer came; `was_sent` says whether the request may have arrived."""
    why = as_line(f"{type(error).__name__}: {error}", secret=secret, limit=160)
    return ProviderError(FailureClass.TRANSIENT, f"Gemini gave no answer ({why})", reached=was_sent)


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
    """A 200 without a picture: refused for its content, or just empty. `text` is what it said."""
    refusal = block_reason or next((why for why in finish_reasons if why in _REFUSALS), "")
    if refusal:
        detail = f"Gemini refused the content ({refusal})."
        return ProviderError(FailureClass.CONTENT_REFUSED, detail)
    reason = ", ".join(finish_reasons) or "no reason given"
    said = f" It said: {as_line(text, secret='', limit=200)}" if text else ""
    return ProviderError(FailureClass.EMPTY, f"Gemini answered without a picture ({reason}).{said}")


def _status_failure(code: int, said: str) -> FailureClass:
    if code == 400:
        # A bad key, and a country or a project that is not allowed, are 400 here, not 401/403.
        is_ours = any(problem in said for problem in _KEY_PROBLEMS)
        return FailureClass.CONFIGURATION if is_ours else FailureClass.BAD_INPUT
    if code in (401, 403, 404, 405) or 300 <= code < 400:
        return FailureClass.CONFIGURATION
    if code == 402 or (code == 429 and _NO_FUNDS in said.lower()):
        return FailureClass.FUNDS
    if code == 413:
        return FailureClass.BAD_INPUT
    if code == 429:
        return FailureClass.THROTTLED
    return FailureClass.TRANSIENT if code in (408, 499) or code >= 500 else FailureClass.UNKNOWN


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
