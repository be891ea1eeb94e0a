"""How long a model usually takes, from its own history, for estimates and for the first look."""

import threading
from time import monotonic

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.database.models import Attempt
from services.statuses import AttemptState

HISTORY = 30
"""So many of the newest finished attempts are looked at."""
KEPT_SECONDS = 20.0


class UsualSeconds:
    """The median time from acceptance to the end of a model's newest attempts, cached."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, float | None]] = {}
        self._lock = threading.Lock()

    def __call__(self, session: Session, provider: str, model: str) -> float | None:
        """Seconds, or None without at least three finished attempts."""
        now = monotonic()
        with self._lock:
            kept = self._known.get((provider, model))
        if kept and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        seconds = _median(session, provider, model)
        with self._lock:
            self._known[provider, model] = (now, seconds)
        return seconds


def _median(session: Session, provider: str, model: str) -> float | None:
    """One index range scan of at most HISTORY rows."""
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
        .limit(HISTORY)
        .subquery()
    )
    count, median = session.execute(
        select(func.count(), func.percentile_cont(0.5).within_group(newest.c.seconds))
    ).one()
    return float(median) if count >= 3 else None
