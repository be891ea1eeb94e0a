"""How long a model usually takes, how fast runs begin, and when to poll predictions."""

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic

from sqlalchemy import ScalarSelect, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.database.models import Attempt, Heartbeat, Run

Typical = Callable[[str, str], float | None]
Model = tuple[str, str]
"""Provider and model."""
HISTORY = 30
"""How many of the newest finished attempts count."""
MIN_HISTORY_SHARE = 0.1
"""A tenth of them is enough for a percentile."""
SLOW_SHARE = 0.95
"""What takes longer than this share of its model's attempts is slow."""
SLOW_HISTORY = 200
CACHE_SECONDS = 20.0
FIRST_POLL_SHARE = 0.9
"""Of a model's usual duration: a little early, so that the end is seen at once."""
MAX_POLLS_PER_SECOND = 30.0
"""By provider. Replicate admits 50 reads a second to an account."""
OVERDUE_CACHE_SECONDS = 1.0
DEFAULT_RATE = 10.0
"""Creates a second of a provider whose rate is not given."""


class DurationEstimator:
    """How long a model's newest attempts took from acceptance to their end: the median, cached."""

    def __init__(
        self,
        typical: Typical = lambda provider, model: None,
        *,
        share: float = 0.5,
        history: int = HISTORY,
    ) -> None:
        """`typical`: the seconds of a model without history; `share`: 0.5 is the median."""
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

    def uncached(self, models: Iterable[Model]) -> list[Model]:
        """Return those of which nothing is cached, each once."""
        now = monotonic()
        with self._lock:
            known = {it for it, (at, _) in self._known.items() if now - at < CACHE_SECONDS}
        return [it for it in dict.fromkeys(models) if it not in known]

    def query(self, model: Model) -> Select[int, float | None]:
        """Select how many of its newest attempts there are, and their seconds: one index range scan."""
        newest = _newest_seconds(*model, self._history).subquery()
        share = func.percentile_cont(self._share).within_group(newest.c.seconds)
        return select(func.count(), share)

    def store(self, model: Model, count: int, seconds: float | None) -> None:
        """Cache the result of `query`."""
        is_enough = count >= self._history * MIN_HISTORY_SHARE
        known = float(seconds) if seconds and is_enough else self._typical(*model)
        with self._lock:
            self._known[model] = (monotonic(), known)


def learn(
    session: Session, estimators: Sequence[DurationEstimator], models: Iterable[Model]
) -> None:
    """Read what these estimators have not cached of these models, in one statement or none."""
    requested = list(models)
    missing = [(one, model) for one in estimators for model in one.uncached(requested)]
    if not missing:
        return
    queries = [
        one.query(model).add_columns(literal(place).label("place"))
        for place, (one, model) in enumerate(missing)
    ]
    for count, seconds, place in session.execute(union_all(*queries)):
        one, model = missing[place]
        one.store(model, count, seconds)


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


def living_threads() -> ScalarSelect[int | None]:
    """Select the threads of all workers that are alive."""
    return (
        select(func.sum(Heartbeat.thread_count))
        .where(Heartbeat.role == "worker", Heartbeat.is_alive())
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Capacity:
    """How fast runs begin.

    `rates`: creates a second by provider. A provider with None occupies a thread until it answers;
    `threads` of its runs work side by side, or as many as `concurrency` says of it.
    """

    threads: int = 1
    rates: Mapping[str, float | None] = field(default_factory=dict)
    concurrency: Mapping[str, int] = field(default_factory=dict)

    def now(self, session: Session) -> "Capacity":
        """Return it with the threads of the workers that are alive, where there are any."""
        return replace(self, threads=int(session.scalar(select(living_threads())) or self.threads))

    def occupies_threads(self, provider: str) -> bool:
        """Whether a run of it waits for a thread rather than for the provider's rate."""
        return self.rates.get(provider, DEFAULT_RATE) is None

    def seconds(self, provider: str, count: int, each: float) -> float:
        """Return the seconds until the last of `count` waiting runs of `each` seconds ends."""
        rate = self.rates.get(provider, DEFAULT_RATE)
        if rate is None:
            side_by_side = min(self.threads, self.concurrency.get(provider, self.threads))
            return math.ceil(count / max(1, side_by_side)) * each
        return count / rate + each


class PollSchedule:
    """When to poll a prediction: just before its usual end, then as often as the rate limit allows.

    A thousand predictions polled every second would occupy all workers, and the provider would
    refuse most of the requests.
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
        """Return the seconds to the next poll of a prediction accepted `age_seconds` ago."""
        expected = FIRST_POLL_SHARE * (usual_seconds or 0.0)
        overdue = self._overdue(session, provider, expected)
        return max(least_seconds, expected - age_seconds, overdue / MAX_POLLS_PER_SECOND)

    def _overdue(self, session: Session, provider: str, expected: float) -> int:
        """Return how many predictions of this provider are polled by now; cached."""
        now = monotonic()
        key = (provider, expected)
        with self._lock:
            cached = self._known.get(key)
        if cached and now - cached[0] < OVERDUE_CACHE_SECONDS:
            return cached[1]
        count = _count_overdue(session, provider, expected)
        with self._lock:
            # A model's usual duration changes: entries for its earlier ones are dropped.
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
