"""Replicate's replies, network errors and `error` strings, folded into `FailureClass`.

What a call may have created decides how a lost answer is read.
"""

import re
from enum import Enum
from typing import Any

import httpx

from services.providers.base import FailureClass, ProviderError
from services.providers.definition import classify
from services.providers.replicate.definition import PREDICTION_ERRORS
from services.providers.replies import (
    Reply,
    as_line,
    as_text,
    requests_per_minute,
    retry_after_seconds,
)


class Call(Enum):
    """What a call is for; the value completes "while …"."""

    CREATE = "creating a prediction"
    TRAIN = "creating a training"
    UPLOAD = "uploading a file"
    RESOLVE = "looking up a model"
    DESCRIBE = "asking what a model takes"
    DESTINATION = "making the model of a training"
    ASK = "reading the account"
    HELD = "reading a prediction"
    HELD_TRAINING = "reading a training"

    @property
    def costs_nothing(self) -> bool:
        """Whether it comes before anything was created, so that it is safe to repeat."""
        return self in (Call.UPLOAD, Call.RESOLVE, Call.DESCRIBE, Call.DESTINATION)

    @property
    def creates(self) -> bool:
        """Whether something that costs may exist after it."""
        return self in (Call.CREATE, Call.TRAIN)

    @property
    def is_of_held(self) -> bool:
        """Whether it is about something that exists and is paid for."""
        return self in (Call.HELD, Call.HELD_TRAINING)


_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BAD_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)
_FOR_EVERY_CALL = {
    401: FailureClass.CONFIGURATION,
    402: FailureClass.FUNDS,
    403: FailureClass.CONFIGURATION,
}
_NO_DESTINATION = re.compile(r"training destination does not exist", re.IGNORECASE)
_NO_SUCH_VERSION = re.compile(r"invalid version|specified version does not exist", re.IGNORECASE)


def prediction_failure(error: Any) -> FailureClass:
    """Return the class of a failed prediction's `error`; UNKNOWN for a model's own words."""
    return classify(PREDICTION_ERRORS, None, as_text(error))


def reply_error(call: Call, reply: Reply) -> ProviderError:
    """Return the error of a reply with a status of 3xx, 4xx or 5xx."""
    body = reply.body
    text = " – ".join(as_text(body[key]) for key in ("title", "detail") if body.get(key))
    if not text and reply.content:
        text = reply.excerpt
    detail = as_line(f"Replicate answered {reply.status} while {call.value}: {text}")
    wait = retry_after_seconds(reply.headers, body.get("retry_after"), body.get("detail"))
    return ProviderError(
        _reply_failure(call, reply, text),
        detail,
        reached=not call.costs_nothing,
        retry_after_seconds=wait if reply.status in (429, 503) else None,
        pauses_provider=_is_for_every_call(call, reply.status),
        status_code=reply.status,
        creates_per_minute=requests_per_minute(body.get("detail")) if reply.status == 429 else None,
    )


def network_error(call: Call, error: Exception) -> ProviderError:
    """Return the error of an exception of httpx.

    After a POST that may have arrived, no answer is AMBIGUOUS; reads and uploads are TRANSIENT.
    """
    why = as_line(f"{type(error).__name__}: {error}", limit=160)
    detail = f"Replicate gave no answer while {call.value} ({why})"
    if isinstance(error, _BAD_ADDRESS):
        return ProviderError(FailureClass.CONFIGURATION, detail, reached=False)
    if isinstance(error, _NEVER_SENT):
        return ProviderError(FailureClass.TRANSIENT, detail, reached=False)
    failure = FailureClass.AMBIGUOUS if call.creates else FailureClass.TRANSIENT
    return ProviderError(failure, detail, reached=not call.costs_nothing)


def unreadable_error(call: Call, reply: Reply, missing: str) -> ProviderError:
    """Return the error of a 2xx reply without what it must hold."""
    failure = FailureClass.AMBIGUOUS if call.creates else FailureClass.TRANSIENT
    return ProviderError(
        failure,
        f"Replicate answered {reply.status} without {missing} while {call.value}, but with"
        f" {reply.excerpt}",
        reached=not call.costs_nothing,
        status_code=reply.status,
    )


def _is_for_every_call(call: Call, status: int) -> bool:
    """An account that may make no more models (403) can still make pictures."""
    return status in _FOR_EVERY_CALL and (call, status) != (Call.DESTINATION, 403)


def _reply_failure(call: Call, reply: Reply, text: str) -> FailureClass:
    status = reply.status
    if is_model_missing(call, reply, text):
        return FailureClass.MODEL_RETIRED
    if status in _FOR_EVERY_CALL:
        return _FOR_EVERY_CALL[status]
    if call.creates or call in (Call.UPLOAD, Call.DESTINATION):
        return _post_failure(call, status, text)
    if status in (408, 425, 429) or status >= 500:
        return FailureClass.TRANSIENT
    if call.is_of_held:
        # A refused poll proves nothing about the work, which is paid for.
        return FailureClass.LOST if status == 404 else FailureClass.TRANSIENT
    return FailureClass.CONFIGURATION


def is_model_missing(call: Call, reply: Reply, text: str) -> bool:
    """Whether the reply says that there is no such model, rather than no such address."""
    if call.creates and _NO_SUCH_VERSION.search(text):
        return True
    names_model = call.creates or call in (Call.RESOLVE, Call.DESCRIBE)
    return names_model and reply.status == 404 and bool(reply.body) and not lacks_destination(text)


def lacks_destination(text: str) -> bool:
    """Whether a training was refused since its destination does not exist."""
    return _NO_DESTINATION.search(text) is not None


def _post_failure(call: Call, status: int, text: str) -> FailureClass:
    if status == 429:
        return FailureClass.THROTTLED
    if status == 408 or status >= 500:
        return FailureClass.AMBIGUOUS if call.creates else FailureClass.TRANSIENT
    if status in (404, 405) or status < 400:
        return FailureClass.CONFIGURATION
    return FailureClass.BAD_INPUT if status in (400, 413, 422) else FailureClass.UNKNOWN
