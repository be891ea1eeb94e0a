"""How long a start will take: the queue's wait and the models' usual durations."""

import math

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.database.models import Run
from services.generations.pace import UsualSeconds
from services.providers.base import Provider, SynchronousProvider
from services.statuses import RunState

NOT_BEGUN = (RunState.QUEUED, RunState.SUBMITTING)


class Estimates:
    """Needs to know how much may run side by side."""

    def __init__(
        self, usual: UsualSeconds, worker_threads: int, rates: dict[str, float | None]
    ) -> None:
        self._usual = usual
        self._worker_threads = max(1, worker_threads)
        self._rates = rates

    def each(
        self, session: Session, provider: Provider, model: str, typical_seconds: float
    ) -> float:
        """Seconds that one picture of this model usually takes; typical ones without a history."""
        return self._usual(session, provider.name, model) or typical_seconds

    def seconds(
        self, session: Session, provider: Provider, each: float, pictures: int, rounds: int = 1
    ) -> float:
        """Seconds until the last of `pictures` is there; `rounds` that wait for each other."""
        waiting = session.scalar(
            select(func.count())
            .select_from(Run)
            .where(Run.provider == provider.name, Run.state.in_(NOT_BEGUN))
        )
        ahead = int(waiting or 0)
        if isinstance(provider, SynchronousProvider):
            turns = math.ceil((ahead + pictures) / self._worker_threads)
            return each * max(rounds, turns)
        rate = self._rates.get(provider.name) or 10.0
        return each * rounds + (ahead + pictures) / rate
