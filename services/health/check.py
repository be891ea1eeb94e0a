"""What a check-up consists of: a question to one part, its answer, and the check that is shown.

A finding and a fix are sentences; neither may ever hold a secret.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What a part answered, and what to do about it."""

    status: CheckStatus
    finding: str
    fix: str | None = None


@dataclass(frozen=True)
class Question:
    """One thing to find out. `ask` may block, and may raise the errors of the part it asks."""

    name: str
    group: str
    ask: Callable[[], Answer]


@dataclass(frozen=True)
class Check:
    """One answered question; `seconds` is how long the answer took."""

    name: str
    group: str
    status: CheckStatus
    finding: str
    fix: str | None
    seconds: float


def ok(finding: str) -> Answer:
    """The part is well."""
    return Answer(CheckStatus.OK, finding)


def warning(finding: str, fix: str) -> Answer:
    """The part works, but somebody should look at it."""
    return Answer(CheckStatus.WARNING, finding, fix)


def failed(finding: str, fix: str) -> Answer:
    """The part does not do its work."""
    return Answer(CheckStatus.FAILED, finding, fix)


def unknown(finding: str, fix: str | None = None) -> Answer:
    """Nobody can say: what would have to be asked does not answer."""
    return Answer(CheckStatus.UNKNOWN, finding, fix)
