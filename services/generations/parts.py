"""What every step of the pipeline works with, put together once by the container."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.database.engine import Database
from services.database.models import Attempt, Run
from services.generations.lease import LeaseKeeper, Step, claim
from services.generations.pace import LookPace, UsualSeconds
from services.providers.base import PredictionProvider, Provider, SynchronousProvider
from services.statuses import RunState
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
    first_look_seconds: float = 2.0
    """Until a model's usual duration is known."""


@dataclass(frozen=True)
class Parts:
    """The implementations and limits that the steps share in one process."""

    database: Database
    providers: Mapping[str, Provider]
    storage: Storage
    fetch: Callable[[str], bytes]
    keeper: LeaseKeeper
    usual: UsualSeconds
    limits: Limits
    looks: LookPace = field(default_factory=LookPace)

    @contextmanager
    def step(self, step: Step, state: RunState, worker: str) -> Iterator[Run | None]:
        """Claim the step and renew its lease inside the block; None when it is not ours."""
        with self.step_with(step, state, worker, lambda _, run: run) as run:
            yield run

    @contextmanager
    def step_with(
        self, step: Step, state: RunState, worker: str, read: Callable[[Session, Run], T | None]
    ) -> Iterator[T | None]:
        """As `step`, with what it needs to know: `read` in the transaction that claims.

        None also when `read` finds that there is nothing to do; it then ends the step itself.
        """
        with self.database.transaction() as session:
            run = claim(session, step, state, worker, self.limits.lease_seconds)
            known = None if run is None else read(session, run)
        if known is None:
            yield None
            return
        self.keeper.hold(step, monotonic())
        try:
            yield known
        finally:
            self.keeper.drop(step)

    def prediction_provider(self, name: str) -> PredictionProvider | None:
        """The provider when it can be asked about its predictions."""
        provider = self.providers[name]
        return provider if isinstance(provider, PredictionProvider) else None

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
