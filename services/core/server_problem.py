"""ServerProblem: what a server's refusal or silence means, and which setting or right changes it.

PostgreSQL, Redis, the storage and each provider have one table that makes these from their errors.
Errors of services carry it as `problem`; processes write it into their heartbeats, so that diagnosis,
the check-up, /api/health, logs and pages show the same sentence.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from services.core.redaction import redact


@dataclass(frozen=True)
class ServerProblem:
    """One reason why a server cannot be used now."""

    server: str
    """Its name for people: `Redis`, `PostgreSQL`, `The storage`, a provider's label."""
    code: str
    """The row of its server's table, such as `oom` or `wrong_password`; it never changes."""
    sentence: str
    """What happened, as a full sentence that begins with the server's name."""
    fix: str = ""
    """What to do, as full sentences that name the setting or the right to change."""
    detail: str = ""
    """The server's own words."""

    def __post_init__(self) -> None:
        """Mask secrets in the server's words; no table needs to remember to."""
        object.__setattr__(self, "detail", redact(self.detail))

    def __str__(self) -> str:
        return f"{self.sentence} {self.fix}".strip()

    def as_json(self) -> dict[str, str]:
        """Return it for a heartbeat's or an event's detail."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Read what `as_json` wrote; None for anything else, such as an older version's detail."""
        if not isinstance(value, Mapping) or not {"server", "code", "sentence"} <= value.keys():
            return None
        known = {name: str(value.get(name, "")) for name in cls.__dataclass_fields__}
        return cls(**known)


def problem_of(error: BaseException) -> ServerProblem | None:
    """Return the problem that an error of services carries as `problem`, or None."""
    fields: Mapping[str, Any] = getattr(error, "fields", {})
    found = fields.get("problem")
    return found if isinstance(found, ServerProblem) else None
