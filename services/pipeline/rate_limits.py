"""Limit the calls of a provider: its pause, its block after a 429, its token buckets.

One row a provider, shared by all dispatchers and workers. Times are the database's.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ScalarSelect, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.database.models import ProviderState

BURST_SECONDS = 0.5
"""The bucket holds what half a second admits: the provider admits evenly, too."""
READS_BURST_SECONDS = 1.0
READS_OF_A_SUBMIT = 2
"""Beside its create, a submit uploads a picture and now and then asks for a model."""
RATE_RISES_AFTER_SECONDS = 300.0
RATE_RISE = 2.0
"""A rate that a 429 has lowered doubles every five minutes: the account may be funded again."""


class ProviderLimits:
    """One provider's buckets, its row locked until the transaction ends.

    `rate` and `read_rate` are creates and other calls a second; None: the provider sets no limit.
    """

    def __init__(
        self,
        state: ProviderState,
        now: datetime,
        rate: float | None,
        read_rate: float | None = None,
    ) -> None:
        self._state = state
        self._now = now
        self._read_rate = read_rate
        self._rate = None if rate is None else _rate(state, rate, now)
        blocked_until = state.blocked_until
        self._is_open = not (state.paused_at or (blocked_until and blocked_until > now))

    def admitted_submits(self, requested: int) -> int:
        """Return how many of these submits may be enqueued now: none while paused or blocked."""
        if not self._is_open:
            return 0
        return requested if self._rate is None else min(requested, int(self._tokens(self._rate)))

    def consume_submits(self, count: int) -> None:
        """Take submits that are enqueued out of the buckets."""
        if self._rate is not None and count:
            self._state.bucket_tokens = max(0.0, self._tokens(self._rate) - count)
            self._state.bucket_at = self._now
            # May fall below zero: polls wait a little then.
            self._state.read_tokens -= count * READS_OF_A_SUBMIT

    def admitted_polls(self, requested: int) -> int:
        """Return how many of these polls and look-ups may be enqueued now.

        One bucket for all workers, since the dispatcher alone enqueues.
        """
        if self._read_rate is None:
            return requested
        return min(requested, max(0, int(self._read_tokens(self._read_rate))))

    def consume_polls(self, count: int) -> None:
        """Take polls that are enqueued out of their bucket."""
        if self._read_rate is not None and count:
            self._state.read_tokens = self._read_tokens(self._read_rate) - count
            self._state.read_at = self._now

    def seconds_to_submit(self) -> float | None:
        """Seconds until the bucket admits another submit; None while paused or blocked."""
        if not self._is_open:
            return None
        return 0.0 if self._rate is None else _missing(self._tokens(self._rate)) / self._rate

    def seconds_to_poll(self) -> float:
        """Seconds until the bucket admits another poll."""
        read_rate = self._read_rate
        return _missing(self._read_tokens(read_rate)) / read_rate if read_rate else 0.0

    def _tokens(self, rate: float) -> float:
        elapsed = max(0.0, (self._now - self._state.bucket_at).total_seconds())
        return min(max(1.0, rate * BURST_SECONDS), self._state.bucket_tokens + elapsed * rate)

    def _read_tokens(self, read_rate: float) -> float:
        elapsed = max(0.0, (self._now - self._state.read_at).total_seconds())
        full = max(1.0, read_rate * READS_BURST_SECONDS)
        return min(full, self._state.read_tokens + elapsed * read_rate)


def lock_limits(
    session: Session,
    providers: Collection[str],
    rates: Mapping[str, float | None],
    read_rates: Mapping[str, float | None],
) -> dict[str, ProviderLimits]:
    """Lock these providers' rows in one statement; one that another session locks is left out."""
    if not providers:
        return {}
    locked = session.execute(
        select(ProviderState, func.clock_timestamp())
        .where(ProviderState.provider.in_(providers))
        .order_by(ProviderState.provider)
        .with_for_update(skip_locked=True)
    )
    return {
        state.provider: ProviderLimits(
            state, now, rates.get(state.provider), read_rates.get(state.provider)
        )
        for state, now in locked
    }


def _missing(tokens: float) -> float:
    return max(0.0, 1.0 - tokens)


def _rate(state: ProviderState, per_second: float, now: datetime) -> float:
    """Return creates a second: as set, or what the account is limited to for now."""
    if state.create_rate is None or state.rate_lowered_at is None:
        return per_second
    rises = (now - state.rate_lowered_at).total_seconds() // RATE_RISES_AFTER_SECONDS
    rate = float(state.create_rate * RATE_RISE**rises)
    if rate < per_second:
        return rate
    state.create_rate = state.rate_lowered_at = None
    return per_second


def lower_rate(session: Session, provider: str, per_second: float) -> None:
    """Fall back to so many creates a second, since the provider admits no more for now."""
    session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider)
        .values(create_rate=per_second, rate_lowered_at=func.clock_timestamp(), bucket_tokens=0.0)
    )


def is_open(session: Session, provider: str) -> bool:
    """Return whether a submit may go out now: it may have been paused since it was enqueued."""
    return not session.scalar(select(closed(provider)))


def closed(provider: str) -> ScalarSelect[bool]:
    """Build the same condition for use inside a statement; true when no submit may go out."""
    is_closed = ProviderState.paused_at.is_not(None) | (
        ProviderState.blocked_until > func.clock_timestamp()
    )
    return select(is_closed).where(ProviderState.provider == provider).scalar_subquery()


def register_tokens(session: Session, fingerprints: Mapping[str, str]) -> None:
    """Add a row for each configured provider; a new token ends a pause that a failure began."""
    is_by_person = ProviderState.paused_failure.is_(None)
    for provider, fingerprint in fingerprints.items():
        session.execute(
            insert(ProviderState)
            .values(provider=provider, token_fingerprint=fingerprint)
            .on_conflict_do_update(
                index_elements=[ProviderState.provider],
                set_={
                    "token_fingerprint": fingerprint,
                    "paused_at": case((is_by_person, ProviderState.paused_at)),
                    "paused_reason": case((is_by_person, ProviderState.paused_reason)),
                    "paused_failure": None,
                },
                where=ProviderState.token_fingerprint.is_distinct_from(fingerprint),
            )
        )


def pause(session: Session, provider: str, reason: str) -> bool:
    """Begin a pause that a person alone ends; return False when the provider is paused already."""
    changed = session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider, ProviderState.paused_at.is_(None))
        .values(paused_at=func.clock_timestamp(), paused_reason=reason, paused_failure=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def resume(session: Session, provider: str) -> bool:
    """End a pause, and the wait after a 429; return False when there was neither."""
    changed = session.execute(
        update(ProviderState)
        .where(
            ProviderState.provider == provider,
            ProviderState.paused_at.is_not(None)
            | (ProviderState.blocked_until > func.clock_timestamp()),
        )
        .values(paused_at=None, paused_reason=None, paused_failure=None, blocked_until=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
