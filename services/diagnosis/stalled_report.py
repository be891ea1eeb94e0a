"""What stands still in the whole desk, grouped by cause: forty with one cause are one group."""

from dataclasses import dataclass
from datetime import datetime

from services.core.states import Kind
from services.diagnosis.causes import CAUSES, Cause, Severity
from services.remedies.base import RemedyOffer


@dataclass(frozen=True)
class StalledItem:
    """One run that stands still, or one generation where the cause is about its money."""

    generation_id: str
    run_id: str | None
    title: str
    kind: Kind
    account_name: str
    since: datetime
    sentence: str
    """What happened to this very one."""
    offers: tuple[RemedyOffer, ...] = ()
    """The safest first."""


@dataclass(frozen=True)
class StalledGroup:
    """Everything that stands still for one cause."""

    cause: Cause
    severity: Severity
    count: int
    """Of all; `items` may hold fewer."""
    oldest_at: datetime
    accounts: tuple[tuple[str, int], ...]
    """Names and how many of each, the most first."""
    items: tuple[StalledItem, ...]
    remedy: str | None = None
    """The one that may be ordered for the whole group."""
    subjects: tuple[str, ...] = ()
    """Whom it is ordered for: all of the group, each once."""

    @property
    def title(self) -> str:
        """The cause's own words."""
        return CAUSES[self.cause].title


@dataclass(frozen=True)
class StalledReport:
    """All groups of one moment; those that need a person first."""

    groups: tuple[StalledGroup, ...]
    total: int
    """Open runs that were looked at, well or not."""
    at: datetime
    unasked: tuple[str, ...] = ()
    """Parts that did not answer, so that their causes could not be told: `Redis`, `Replicate`."""
