"""Whether a provider may be called now: its pause, its block after a 429, its create bucket.

One row a provider, shared by all dispatchers and workers. Times are the database's.
"""

from collections.abc import Mapping

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.database.models import ProviderState

BURST_SECONDS = 0.5
"""The bucket holds what half a second admits: the provider admits evenly, too."""


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
    elapsed = (now - state.bucket_at).total_seconds()
    state.bucket_tokens = min(
        max(1.0, per_second * BURST_SECONDS), state.bucket_tokens + elapsed * per_second
    )
    state.bucket_at = now
    return min(wanted, int(state.bucket_tokens))


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
        .values(bucket_tokens=func.greatest(0.0, ProviderState.bucket_tokens - count))
    )


def register_tokens(session: Session, fingerprints: Mapping[str, str]) -> None:
    """A row for each configured provider; a pause ends when another token is set."""
    for provider, fingerprint in fingerprints.items():
        session.execute(
            insert(ProviderState)
            .values(provider=provider, token_fingerprint=fingerprint)
            .on_conflict_do_update(
                index_elements=[ProviderState.provider],
                set_={"token_fingerprint": fingerprint, "paused_at": None, "paused_reason": None},
                where=ProviderState.token_fingerprint.is_distinct_from(fingerprint),
            )
        )


def resume(session: Session, provider: str) -> bool:
    """End a pause; False when there was none."""
    changed = session.execute(
        update(ProviderState)
        .where(ProviderState.provider == provider, ProviderState.paused_at.is_not(None))
        .values(paused_at=None, paused_reason=None, blocked_until=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
