"""How long a model usually takes, from its own history, and when to look at its predictions."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from time import monotonic

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.database.models import Attempt, Run

Typical = Callable[[str, str], float | None]
Model = tuple[str, str]
"""Provider and model."""
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


class DurationEstimator:
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
        self._known: dict[Model, tuple[float, float | None]] = {}
        self._lock = threading.Lock()

    def __call__(self, session: Session, provider: str, model: str) -> float | None:
        """Seconds; without at least three finished attempts what is typical, or None."""
        learn(session, (self,), ((provider, model),))
        with self._lock:
            return self._known[provider, model][1]

    def unknown(self, models: Iterable[Model]) -> list[Model]:
        """Those of which nothing is cached, each once."""
        now = monotonic()
        with self._lock:
            known = {it for it, (at, _) in self._known.items() if now - at < KEPT_SECONDS}
        return [it for it in dict.fromkeys(models) if it not in known]

    def question(self, model: Model) -> Select[int, float | None]:
        """How many of its newest attempts there are, and their seconds: one index range scan."""
        newest = _newest_seconds(*model, self._history).subquery()
        share = func.percentile_cont(self._share).within_group(newest.c.seconds)
        return select(func.count(), share)

    def keep(self, model: Model, count: int, seconds: float | None) -> None:
        """Cache an answer to the question."""
        is_enough = count >= self._history // LEAST_PART and seconds
        told = float(seconds) if seconds and is_enough else self._typical(*model)
        with self._lock:
            self._known[model] = (monotonic(), told)


def learn(session: Session, times: Sequence[DurationEstimator], models: Iterable[Model]) -> None:
    """Ask for whatever these do not have cached of these models, in one statement or none."""
    wanted = list(models)
    asked = [(one, model) for one in times for model in one.unknown(wanted)]
    if not asked:
        return
    questions = [
        one.question(model).add_columns(literal(place).label("place"))
        for place, (one, model) in enumerate(asked)
    ]
    for count, seconds, place in session.execute(union_all(*questions)):
        one, model = asked[place]
        one.keep(model, count, seconds)


def _newest_seconds(provider: str, model: str, history: int) -> Select[float]:
    return (
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
    )


class PollSchedule:
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
