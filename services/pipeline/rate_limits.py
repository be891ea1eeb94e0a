"""Whether a provider may be called now: its pause, its block after a 429, its create bucket.

One row a provider, shared by all dispatchers and workers. Times are the database's.
"""

from collections.abc import Mapping
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


def open_gate(session: Session, provider: str, per_second: float | None, wanted: int) -> int:
    """How many of `wanted` submits may be rung now; locks the provider's row.

    None for `per_second` means that the provider sets no rate. A paused or blocked provider
    admits none. The caller says with `spend` how many it really rang.
    """
    if wanted <= 0:
        return 0
    state = session.scalars(
        select(ProviderState).where(ProviderState.provider == provider).with_for_update()
    ).one_or_none()
    now = session.scalars(select(func.clock_timestamp())).one()
    if state is None:
        return 0
    if state.paused_at or (state.blocked_until and state.blocked_until > now):
        return 0
    if per_second is None:
        return wanted
    rate = _rate(state, per_second, now)
    elapsed = (now - state.bucket_at).total_seconds()
    state.bucket_tokens = min(max(1.0, rate * BURST_SECONDS), state.bucket_tokens + elapsed * rate)
    state.bucket_at = now
    return min(wanted, int(state.bucket_tokens))


def _rate(state: ProviderState, per_second: float, now: datetime) -> float:
    """Creates a second: as set, or what the account is limited to for now."""
    if state.create_rate is None or state.rate_lowered_at is None:
        return per_second
    rises = (now - state.rate_lowered_at).total_seconds() // RATE_RISES_AFTER_SECONDS
    rate = float(state.create_rate * RATE_RISE**rises)
    if rate < per_second:
        return rate
    state.create_rate = state.rate_lowered_at = None
    return per_second


def lower_rate(session: Session, provider: str, per_second: float) -> None:
    """The account is limited to so few creates a second: fall back to that for now."""
    session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider)
        .values(create_rate=per_second, rate_lowered_at=func.clock_timestamp(), bucket_tokens=0.0)
    )


def open_reads(session: Session, provider: str, per_second: float | None, wanted: int) -> int:
    """How many of `wanted` looks and look-ups may be rung now; takes them out of their bucket.

    One bucket for all workers, since the dispatcher alone rings. None: the provider sets no rate.
    """
    if per_second is None or wanted <= 0:
        return max(0, wanted)
    state = session.scalars(
        select(ProviderState).where(ProviderState.provider == provider).with_for_update()
    ).one_or_none()
    if state is None:
        return 0
    now = session.scalars(select(func.clock_timestamp())).one()
    elapsed = (now - state.read_at).total_seconds()
    full = max(1.0, per_second * READS_BURST_SECONDS)
    tokens = min(full, state.read_tokens + elapsed * per_second)
    admitted = min(wanted, max(0, int(tokens)))
    state.read_tokens, state.read_at = tokens - admitted, now
    return admitted


def is_open(session: Session, provider: str) -> bool:
    """Whether a submit may go out now: a pause or a block may have come after it was rung."""
    return not session.scalar(select(closed(provider)))


def closed(provider: str) -> ScalarSelect[bool]:
    """The same question for use inside a statement: true when no submit may go out."""
    is_closed = ProviderState.paused_at.is_not(None) | (
        ProviderState.blocked_until > func.clock_timestamp()
    )
    return select(is_closed).where(ProviderState.provider == provider).scalar_subquery()


def spend(session: Session, provider: str, count: int) -> None:
    """Take the submits that were rung out of the bucket."""
    session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider)
        .values(
            bucket_tokens=func.greatest(0.0, ProviderState.bucket_tokens - count),
            # May fall below zero: the looks wait a little then.
            read_tokens=ProviderState.read_tokens - count * READS_OF_A_SUBMIT,
        )
    )


def register_tokens(session: Session, fingerprints: Mapping[str, str]) -> None:
    """A row for each configured provider; a failure's pause ends when another token is set."""
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
    """Let a person's pause begin, which a person alone ends; False when one holds already."""
    changed = session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider, ProviderState.paused_at.is_(None))
        .values(paused_at=func.clock_timestamp(), paused_reason=reason, paused_failure=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def resume(session: Session, provider: str) -> bool:
    """End a pause; False when there was none."""
    changed = session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider, ProviderState.paused_at.is_not(None))
        .values(paused_at=None, paused_reason=None, paused_failure=None, blocked_until=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
