"""What every step of the pipeline works with, put together once by the container."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.states import Kind, RunState
from services.database.engine import Database
from services.database.models import Attempt, Run
from services.pipeline.leases import LeaseRenewer, Step, claim
from services.pipeline.predictions_of import predictions_of, trainings_of
from services.providers.base import (
    ModelCapabilities,
    Predictions,
    Provider,
    SynchronousProvider,
    Trainings,
)
from services.providers.durations import DurationEstimator, PollSchedule
from services.storage.base import Storage

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """The pipeline's numbers; seconds where not said otherwise."""

    lease_seconds: float = 30.0
    max_attempts: int = 3
    max_refused: int = 5
    """How many tries may not reach the provider, before a run ends."""
    refused_base_seconds: float = 1.0
    max_step_failures: int = 6
    retry_base_seconds: float = 2.0
    lookup_seconds: float = 20.0
    """How long an unknown submit is looked for before a person must decide."""
    lookup_every_seconds: float = 4.0
    output_window_seconds: float = 3300.0
    """So long after its end a picture can be fetched: the provider keeps it for an hour."""
    poll_seconds: float = 1.0
    first_poll_seconds: float = 2.0
    """Until a model's usual duration is known."""
    training_poll_seconds: float = 5.0
    """Between two looks at a training: people watch its stage and its loss."""


@dataclass(frozen=True)
class StepContext:
    """The implementations and limits that the steps share in one process."""

    database: Database
    providers: Mapping[str, Provider]
    storage: Storage
    fetch: Callable[[str], bytes]
    fetch_to: Callable[[str, Path], int]
    """For what is too large for memory: the address's body into a file; returns its bytes."""
    scratch: Path
    """A folder on a roomy disk for files that live no longer than a step."""
    keeper: LeaseRenewer
    durations: DurationEstimator
    limits: Limits
    looks: PollSchedule = field(default_factory=PollSchedule)

    @contextmanager
    def step(self, step: Step, state: RunState, worker: str) -> Iterator[Run | None]:
        """Claim the step and renew its lease inside the block; None when it is not ours."""
        with self.step_with(step, state, worker, lambda _, run: run) as run:
            yield run

    @contextmanager
    def step_with(
        self,
        step: Step,
        state: RunState,
        worker: str,
        read: Callable[[Session, Run], T | None],
        limit_seconds: float | None = None,
    ) -> Iterator[T | None]:
        """As `step`, with what it needs to know: `read` in the transaction that claims.

        None also when `read` finds that there is nothing to do; it then ends the step itself.
        `limit_seconds` for a step that may take longer than the keeper's usual.
        """
        with self.database.transaction() as session:
            run = claim(session, step, state, worker, self.limits.lease_seconds)
            known = None if run is None else read(session, run)
        if known is None:
            yield None
            return
        self.keeper.hold(step, monotonic(), limit_seconds)
        try:
            yield known
        finally:
            self.keeper.drop(step)

    def predictions(self, run: Run) -> Predictions | None:
        """Where this run's work can be asked about; None where the answer is the work itself."""
        return predictions_of(self.providers, run.kind, run.provider)

    def trainings(self, name: str) -> Trainings:
        """The provider's trainings."""
        return trainings_of(self.providers, name)

    def capabilities(self, run: Run) -> ModelCapabilities:
        """What the run's model, or its trainer, can do."""
        if run.kind is Kind.TRAINING:
            return self.trainings(run.provider).capabilities(run.model)
        return self.providers[run.provider].capabilities(run.model)

    def synchronous_provider(self, name: str) -> SynchronousProvider:
        """The provider when it answers with the pictures themselves."""
        provider = self.providers[name]
        if not isinstance(provider, SynchronousProvider):
            raise TypeError(f"{name} is no synchronous provider")
        return provider


def latest_attempt(session: Session, run_id: str) -> Attempt:
    """The run's newest attempt; there is one from `submitting` on."""
    return session.scalars(
        select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number.desc()).limit(1)
    ).one()
