"""How long a start will take: the queue's wait and the models' usual durations."""

import math
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import RunState
from services.database.models import Run
from services.providers.base import Provider, SynchronousProvider, TrainingProvider
from services.providers.durations import DurationEstimator

NOT_BEGUN = (RunState.QUEUED, RunState.SUBMITTING)


class TypicalSeconds:
    """What providers say of their models, for those that have no history here yet."""

    def __init__(self, providers: Mapping[str, Provider], trainer: str) -> None:
        self._providers = providers
        self._trainer = trainer

    def __call__(self, provider_name: str, model: str) -> float | None:
        """Seconds, or None for a provider that is not set up or a trainer that nobody knows."""
        provider = self._providers.get(provider_name)
        if provider is None:
            return None
        if model != self._trainer:
            return provider.capabilities(model).typical_seconds
        if not isinstance(provider, TrainingProvider):
            return None
        return provider.trainings.capabilities(model).typical_seconds


class Estimates:
    """Needs to know how much may run side by side."""

    def __init__(
        self, durations: DurationEstimator, worker_threads: int, rates: dict[str, float | None]
    ) -> None:
        self._durations = durations
        self._worker_threads = max(1, worker_threads)
        self._rates = rates

    def each(
        self, session: Session, provider: Provider, model: str, typical_seconds: float
    ) -> float:
        """Seconds that one picture of this model usually takes; typical ones without a history."""
        return self._durations(session, provider.name, model) or typical_seconds

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
