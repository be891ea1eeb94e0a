"""Each provider's health over time: how many requests, how long they took, which errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import AttemptState
from services.database.clock import ago
from services.database.models import Attempt

HOURS = 24
FAILED = (AttemptState.FAILED, AttemptState.LOST, AttemptState.UNKNOWN, AttemptState.NOT_SENT)


@dataclass(frozen=True)
class ProviderHour:
    """One provider within one hour; seconds are of what succeeded, None where nothing did."""

    at: datetime
    requests: int
    failed: int
    median_seconds: float | None
    p95_seconds: float | None
    failures: Mapping[str, int] = field(default_factory=dict)
    """Failure classes with their counts."""


@dataclass(frozen=True)
class ProviderHealth:
    """One provider within the last day, an hour a row, oldest first; hours without requests are left out."""

    provider: str
    hours: tuple[ProviderHour, ...]

    @property
    def requests(self) -> int:
        """Number of requests."""
        return sum(it.requests for it in self.hours)

    @property
    def failed(self) -> int:
        """Number of requests that failed."""
        return sum(it.failed for it in self.hours)


def read_provider_health(
    session: Session, providers: Sequence[str], hours: int = HOURS
) -> tuple[ProviderHealth, ...]:
    """Read these providers' requests by hour: two statements on the index of their time."""
    hour = func.date_trunc("hour", Attempt.created_at)
    took = func.extract("epoch", Attempt.finished_at - Attempt.accepted_at)
    succeeded = Attempt.state == AttemptState.SUCCEEDED
    mine = (Attempt.created_at > ago(timedelta(hours=hours)), Attempt.provider.in_(providers))
    rows = session.execute(
        select(
            *(Attempt.provider, hour, func.count()),
            func.count().filter(Attempt.state.in_(FAILED)),
            func.percentile_cont(0.5).within_group(took).filter(succeeded),
            func.percentile_cont(0.95).within_group(took).filter(succeeded),
        )
        .where(*mine)
        .group_by(Attempt.provider, hour)
        .order_by(hour)
    ).all()
    failures: dict[tuple[str, datetime], dict[str, int]] = {}
    by_class = (
        select(Attempt.provider, hour, Attempt.failure, func.count())
        .where(*mine, Attempt.failure.is_not(None))
        .group_by(Attempt.provider, hour, Attempt.failure)
    )
    for provider, at, failure, count in session.execute(by_class):
        failures.setdefault((provider, at), {})[str(failure)] = count
    found: dict[str, list[ProviderHour]] = {name: [] for name in providers}
    for provider, at, count, failed, median, p95 in rows:
        of_hour = failures.get((provider, at), {})
        found[provider].append(ProviderHour(at, count, failed, median, p95, of_hour))
    return tuple(ProviderHealth(name, tuple(it)) for name, it in found.items())
