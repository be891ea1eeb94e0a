"""Reads provider replies: total functions over text and JSON of any shape.

They must not raise on any input; what an unreadable reply means, the caller decides.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from services.core.redaction import redact
from services.providers.base import FailureClass, ProviderError

_MARKUP = re.compile(
    r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.IGNORECASE | re.DOTALL
)
_PER_MINUTE = re.compile(r"reduced to (\d+(?:\.\d+)?) requests? per minute", re.IGNORECASE)
_RESETS_IN = re.compile(r"(?:resets? in|retry in) ~?\s*(\d+(?:\.\d+)?)\s*s", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """One HTTP reply, read in full."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    content: bytes = field(default=b"", repr=False)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object, or an empty one where the body is something else."""
        try:
            return as_object(json.loads(self.content))
        except (ValueError, RecursionError):
            return {}

    @property
    def excerpt(self) -> str:
        """The first words of a body that is not the JSON that was expected, masked."""
        text = self.content[:2000].decode("utf-8", "replace")
        words = as_line(_MARKUP.sub(" ", text), limit=160)
        kind = self.headers.get("content-type", "").partition(";")[0]
        return f"{kind or 'a body'}: {words}" if words else "an empty body"


def as_object(value: Any) -> dict[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    """Text that PostgreSQL stores: no NUL, no lone surrogate; None is empty, others are JSON."""
    if value is None:
        return ""
    try:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
    except (ValueError, TypeError, RecursionError):
        return ""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def as_tail(value: Any, limit_bytes: int) -> str:
    """The last `limit_bytes` bytes of a text, cut at a character."""
    return as_text(value).encode("utf-8")[-limit_bytes:].decode("utf-8", "ignore")


def as_line(value: Any, *, limit: int = 300) -> str:
    """Return one redacted line of at most `limit` characters."""
    text = " ".join(redact(as_text(value)).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def as_number(value: Any) -> float | None:
    """A finite, non-negative number, also out of a text; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def as_time(value: Any) -> datetime | None:
    """An ISO 8601 time, UTC where it names no zone; else None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def retry_after_seconds(headers: Mapping[str, str], *hints: Any) -> float | None:
    """The longest wait that a throttled reply names, in seconds; None where it names none.

    `hints` are numbers ("retry_after"), durations ("17s") or sentences ("resets in ~30s").
    """
    waits = [_header_seconds(headers.get("retry-after")), *(_hint_seconds(hint) for hint in hints)]
    return max((wait for wait in waits if wait is not None), default=None)


def requests_per_minute(sentence: Any) -> float | None:
    """The lower limit in "… reduced to 6 requests per minute …"; None where there is none."""
    found = _PER_MINUTE.search(sentence) if isinstance(sentence, str) else None
    return as_number(found.group(1)) if found else None


def _hint_seconds(hint: Any) -> float | None:
    number = as_number(hint.removesuffix("s") if isinstance(hint, str) else hint)
    if number is not None or not isinstance(hint, str):
        return number
    found = _RESETS_IN.search(hint)
    return as_number(found.group(1)) if found else None


def _header_seconds(value: str | None) -> float | None:
    """`Retry-After` is either seconds or an HTTP date (RFC 9110 10.2.3)."""
    number = as_number(value)
    if number is not None or value is None:
        return number
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment - datetime.now(moment.tzinfo)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def no_answer_error(label: str, error: Exception, *, was_sent: bool) -> ProviderError:
    """Return the error of a synchronous call without an answer; `was_sent`: it may have arrived."""
    why = as_line(f"{type(error).__name__}: {error}", limit=160)
    return ProviderError(
        FailureClass.TRANSIENT, f"{label} gave no answer ({why})", reached=was_sent
    )
