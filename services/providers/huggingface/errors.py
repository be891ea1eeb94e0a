"""Hugging Face's error replies, folded into `FailureClass`; knows nothing of the HTTP library.

A generate call is synchronous: where no answer came it may have run, and may have been charged.
"""

import re

from services.providers.base import FailureClass, ProviderError
from services.providers.definition import classify
from services.providers.huggingface.definition import DEFINITION
from services.providers.replies import Reply, as_line, as_text, retry_after_seconds

# `ratelimit: "api";r=0;t=55`: nothing remains of that quota, which is renewed in 55 s.
_USED_UP = re.compile(r"\br=0\s*;\s*t=(\d+)")


def status_error(reply: Reply) -> ProviderError:
    """The error that a reply other than 200 stands for."""
    said = as_text(reply.body.get("error")) or as_text(reply.body.get("message"))
    message = as_line(said)
    failure = classify(DEFINITION.errors, reply.status, said)
    return ProviderError(
        failure,
        f"Hugging Face answered {reply.status}" + (f": {message}" if message else ""),
        retry_after_seconds=_wait(reply, said) if reply.status in (429, 500, 503, 504) else None,
        pauses_provider=reply.status in (401, 402, 403),
        status_code=reply.status,
    )


def network_error(error: Exception, *, was_sent: bool) -> ProviderError:
    """No answer came; `was_sent` says whether the request may have arrived."""
    why = as_line(f"{type(error).__name__}: {error}", limit=160)
    detail = f"Hugging Face gave no answer ({why})"
    return ProviderError(FailureClass.TRANSIENT, detail, reached=was_sent)


def unreadable_error(missing: str) -> ProviderError:
    """A 200 of the hub that does not hold what was asked for; nothing was made."""
    detail = f"Hugging Face's answer could not be read (no {missing})"
    return ProviderError(FailureClass.TRANSIENT, detail)


def no_picture_error(reply: Reply) -> ProviderError:
    """A 200 without a picture: empty, or something else in its place."""
    if not reply.content:
        return ProviderError(FailureClass.EMPTY, "Hugging Face answered with nothing.")
    start = reply.content[:200].decode("utf-8", "replace")
    said = as_line(as_text(reply.body.get("error")) or start, limit=120)
    detail = f"Hugging Face answered with something else than a picture: {said}"
    return ProviderError(FailureClass.PLATFORM, detail)


def _wait(reply: Reply, said: str) -> float | None:
    """The longest wait that is asked for; `estimated_time` is what a cold model still needs."""
    quotas = _USED_UP.findall(reply.headers.get("ratelimit", ""))
    return retry_after_seconds(reply.headers, reply.body.get("estimated_time"), said, *quotas)
