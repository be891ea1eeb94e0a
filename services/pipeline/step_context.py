"""The services and limits of every pipeline step, built once by the container."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.core.states import RunState
from services.database.engine import Database
from services.database.models import Attempt, Run
from services.pipeline.checkpoints import checkpoint
from services.pipeline.leases import LeaseRenewer, Step, claim
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    Predictions,
    Provider,
    SynchronousProvider,
)
from services.providers.durations import DurationEstimator, PollSchedule
from services.recipes.registry import work_of
from services.storage.base import Storage

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """The pipeline's numbers; times in seconds."""

    lease_seconds: float = 30.0
    max_attempts: int = 3
    max_refused: int = 5
    """How many attempts may not reach the provider before a run fails."""
    refused_base_seconds: float = 1.0
    max_step_failures: int = 6
    retry_base_seconds: float = 2.0
    lookup_seconds: float = 20.0
    """How long an unknown submit is searched for before a person must decide."""
    lookup_every_seconds: float = 4.0
    output_window_seconds: float = 3300.0
    """How long after its end an output can be downloaded: the provider stores it for an hour."""
    refunds_refusals: bool = True
    """Whether what a content filter refused is refunded."""
    keeps_blank: bool = False
    """Whether a picture that shows nothing fills its slot; else it is refunded."""
    unknown_seconds: float = 60.0
    """How long answers that something is gone prove nothing: the next may know it."""
    poll_seconds: float = 1.0
    first_poll_seconds: float = 2.0
    """The delay of the first poll until a model's median duration is known."""


REFUSALS = (FailureClass.CONTENT_REFUSED, FailureClass.BLANK)


def is_refunded(limits: Limits, failure: FailureClass) -> bool:
    """Whether a slot that fails for this reason is refunded: all are, but for the rule of refusals."""
    return limits.refunds_refusals or failure not in REFUSALS


@dataclass(frozen=True)
class StepContext:
    """The implementations and limits that the steps share in one process; a `WorkContext`."""

    database: Database
    providers: Mapping[str, Provider]
    storage: Storage
    fetch: Callable[[str], bytes]
    fetch_to: Callable[[str, Path], int]
    """Downloads what is too large for memory into a file; returns its bytes."""
    scratch: Path
    """A folder for files that live no longer than a step; holds several gigabytes."""
    leases: LeaseRenewer
    durations: DurationEstimator
    limits: Limits
    polls: PollSchedule = field(default_factory=PollSchedule)

    @contextmanager
    def claimed(
        self, step: Step, state: RunState, worker: str, read: Callable[[Session, Run], T | None]
    ) -> Iterator[T | None]:
        """Claim a step and renew its lease inside the block.

        Yields what `read` returns in the transaction that claims; None when another worker has
        the step, or when `read` found nothing to do and ended the step itself.
        """
        with self.database.transaction() as session:
            run = claim(session, step, state, worker, self.limits.lease_seconds)
            inputs = None if run is None else read(session, run)
        if run is None or inputs is None:
            yield None
            return
        self.leases.hold(step, monotonic(), work_of(run.kind).step_seconds.get(state))
        try:
            yield inputs
        finally:
            self.leases.drop(step)

    @property
    def keeps_blank(self) -> bool:
        """Whether a blank picture fills its slot like any other."""
        return self.limits.keeps_blank

    def checkpoint(self, name: str) -> None:
        """Report a checkpoint reached inside a recipe's work."""
        checkpoint(name)

    def predictions(self, run: Run) -> Predictions | None:
        """The API that can be asked about a run; None where the answer is the work itself."""
        return work_of(run.kind).predictions(self.providers[run.provider])

    def capabilities(self, run: Run) -> ModelCapabilities:
        """What the run's model, or its trainer, can do."""
        return work_of(run.kind).capabilities(self.providers[run.provider], run.model)

    def synchronous_provider(self, name: str) -> SynchronousProvider:
        """The provider, which must answer with the pictures themselves."""
        provider = self.providers[name]
        if not isinstance(provider, SynchronousProvider):
            raise TypeError(f"{name} is no synchronous provider")
        return provider


def latest_attempt(session: Session, run_id: str) -> Attempt:
    """The run's newest attempt; there is one from `submitting` on."""
    return session.scalars(
        select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number.desc()).limit(1)
    ).one()


def update_attempt(session: Session, attempt_id: str, **values: Any) -> None:
    """Store these columns of an attempt; objects already read from the session stay as they are."""
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
