"""How long a model usually takes, from its own history, and when to look at its predictions."""

import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.database.models import Attempt, Run
from services.statuses import AttemptState, RunState

Typical = Callable[[str, str], float | None]
HISTORY = 30
"""So many of the newest finished attempts are looked at."""
LEAST_PART = 10
"""A tenth of them is enough to go by."""
SLOW_SHARE = 0.95
"""What takes longer than so many of its kind is slow."""
SLOW_HISTORY = 200
KEPT_SECONDS = 20.0
FIRST_LOOK_SHARE = 0.9
"""Of a model's usual duration: a little early, so that the end is seen at once."""
LOOKS_PER_SECOND = 30.0
"""At most, by provider. Replicate admits 50 reads a second to an account."""
CROWD_KEPT_SECONDS = 1.0


class UsualSeconds:
    """How long a model's newest attempts took from acceptance to their end: the median, cached."""

    def __init__(
        self,
        typical: Typical = lambda provider, model: None,
        *,
        share: float = 0.5,
        history: int = HISTORY,
    ) -> None:
        """`typical`: what is said of a model without history; `share`: 0.5 is the median."""
        self._typical = typical
        self._share = share
        self._history = history
        self._known: dict[tuple[str, str], tuple[float, float | None]] = {}
        self._lock = threading.Lock()

    def __call__(self, session: Session, provider: str, model: str) -> float | None:
        """Seconds; without at least three finished attempts what is typical, or None."""
        now = monotonic()
        with self._lock:
            kept = self._known.get((provider, model))
        if kept and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        seconds = _share(session, provider, model, self._share, self._history)
        seconds = seconds or self._typical(provider, model)
        with self._lock:
            self._known[provider, model] = (now, seconds)
        return seconds


def _share(session: Session, provider: str, model: str, share: float, history: int) -> float | None:
    """One index range scan of at most `history` rows."""
    newest = (
        select(func.extract("epoch", Attempt.finished_at - Attempt.accepted_at).label("seconds"))
        .where(
            Attempt.provider == provider,
            Attempt.model == model,
            Attempt.state == AttemptState.SUCCEEDED,
            Attempt.accepted_at.is_not(None),
            Attempt.finished_at.is_not(None),
        )
        .order_by(Attempt.finished_at.desc())
        .limit(history)
        .subquery()
    )
    count, seconds = session.execute(
        select(func.count(), func.percentile_cont(share).within_group(newest.c.seconds))
    ).one()
    return float(seconds) if count >= history // LEAST_PART else None


class LookPace:
    """When to look at a prediction: just before its usual end, then as often as a crowd allows.

    A thousand predictions looked at every second would keep all workers from their work, and the
    provider would refuse most of it.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, float], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def seconds(
        self,
        session: Session,
        provider: str,
        usual_seconds: float | None,
        age_seconds: float,
        least_seconds: float,
    ) -> float:
        """From now to the next look at a prediction that was accepted `age_seconds` ago."""
        expected = FIRST_LOOK_SHARE * (usual_seconds or 0.0)
        crowd = self._overdue(session, provider, expected)
        return max(least_seconds, expected - age_seconds, crowd / LOOKS_PER_SECOND)

    def _overdue(self, session: Session, provider: str, expected: float) -> int:
        """How many predictions of this provider are looked at by now; cached."""
        now = monotonic()
        key = (provider, expected)
        with self._lock:
            kept = self._known.get(key)
        if kept and now - kept[0] < CROWD_KEPT_SECONDS:
            return kept[1]
        count = _count_overdue(session, provider, expected)
        with self._lock:
            # A model's usual duration changes now and then: what was known of another goes.
            self._known = {known: at for known, at in self._known.items() if now - at[0] < 60.0}
            self._known[key] = (now, count)
        return count


def _count_overdue(session: Session, provider: str, expected_seconds: float) -> int:
    accepted_before = func.clock_timestamp() - timedelta(seconds=expected_seconds)
    return session.scalars(
        select(func.count())
        .select_from(Run)
        .where(
            Run.state == RunState.WAITING,
            Run.provider == provider,
            Run.accepted_at <= accepted_before,
        )
    ).one()
