"""How RQ writes its hashes and results: times, names and tracebacks, read without RQ itself."""

import zlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from services.core.redaction import redact
from services.core.states import QueueName

MOST_CHARACTERS = 8_000
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def words_of(raw: bytes | None) -> str | None:
    """A text field; None where it is missing or empty."""
    return raw.decode("utf-8", "replace") or None if raw else None


def time_of(raw: bytes | None) -> datetime | None:
    """A time as RQ writes it; None where there is none."""
    words = words_of(raw)
    try:
        return datetime.strptime(words, _TIME).replace(tzinfo=UTC) if words else None
    except ValueError:
        return None


def queues_of(raw: bytes | None) -> tuple[QueueName, ...]:
    """Our queues among the names that a worker listens to."""
    names = (words_of(raw) or "").split(",")
    return tuple(queue for queue in QueueName if queue.value in names)


def traceback_of(results: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> str | None:
    """The traceback in the newest entry of a job's results, its end if it is long.

    Secrets in it are masked.
    """
    packed = results[0][1].get(b"exc_string") if results else None
    if not packed:
        return None
    try:
        told = zlib.decompress(b64decode(packed)).decode("utf-8", "replace")
    except (ValueError, zlib.error):
        return None
    return redact(told.strip())[-MOST_CHARACTERS:]


def last_line(text: str | None) -> str | None:
    """The line that says what went wrong; None without a text."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:500] if lines else None
