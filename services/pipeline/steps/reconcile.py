"""The reconcile step: a create whose answer nobody saw. It is looked up, never sent again."""

import logging
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.database.models import Attempt, Event, Run
from services.pipeline.accept import accept
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName
from services.pipeline.failures import Failure, ask_a_person, close_attempt, retry_or_fail
from services.pipeline.leases import Step, reschedule
from services.pipeline.step_context import StepContext, latest_attempt
from services.providers.base import (
    FailureClass,
    Prediction,
    Predictions,
    PreparedRequest,
    ProviderError,
)

logger = logging.getLogger("atelier.pipeline")

LOST_CALL = "The worker died while the provider was working; the call may have cost money."


def reconcile(parts: StepContext, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step(step, RunState.SUBMITTING, worker) as run:
        if run is None:
            return
        checkpoint("reconcile.claimed")
        predictions = parts.predictions(run)
        if predictions is None:
            _count_as_lost(parts, step, run)
        else:
            _look_up(parts, step, run, predictions)


def _count_as_lost(parts: StepContext, step: Step, run: Run) -> None:
    """A synchronous answer died with its worker: another attempt, the cost of this one noted."""
    failure = Failure(FailureClass.TRANSIENT, LOST_CALL)
    with parts.database.transaction() as session:
        close_attempt(session, latest_attempt(session, run.id).id, AttemptState.LOST, failure)
        retry_or_fail(session, step, run, failure, parts.limits)


def _look_up(parts: StepContext, step: Step, run: Run, predictions: Predictions) -> None:
    with parts.database.transaction() as session:
        attempt = latest_attempt(session, run.id)
    prepared = PreparedRequest(attempt.model, attempt.version, attempt.payload)
    try:
        found = predictions.find(prepared, attempt.created_at)
    except ProviderError as error:
        with parts.database.transaction() as session:
            reschedule(session, step, parts.limits.lookup_every_seconds)
        logger.warning("reconcile.unanswered run=%s %s", run.id, error.detail)
        return
    checkpoint("reconcile.found")
    deadline = parts.capabilities(run).deadline_seconds
    with parts.database.transaction() as session:
        candidates = _not_ours_yet(session, found)
        if len(candidates) == 1:
            accept(session, parts, step, attempt, candidates[0], deadline, EventName.RUN_ADOPTED)
        elif not candidates and _is_young(session, attempt, parts.limits.lookup_seconds):
            reschedule(session, step, parts.limits.lookup_every_seconds)
        else:
            ask_a_person(session, step, _unknown(len(candidates)), len(candidates))


def _not_ours_yet(session: Session, found: list[Prediction]) -> list[Prediction]:
    ids = [prediction.id for prediction in found]
    known = set(
        session.scalars(select(Attempt.prediction_id).where(Attempt.prediction_id.in_(ids)))
    )
    return [prediction for prediction in found if prediction.id not in known]


def _is_young(session: Session, attempt: Attempt, seconds: float) -> bool:
    """The provider's list may lag behind its creates: one look is not enough.

    Counted from when the answer was known to be lost: a POST may wait longer than this for one.
    """
    lost_at = (
        select(func.min(Event.at))
        .where(
            Event.run_id == attempt.run_id,
            Event.at >= attempt.created_at,
            Event.name.in_((EventName.RUN_STEP_FAILED, EventName.RUN_RECOVERED)),
        )
        .scalar_subquery()
    )
    age = func.clock_timestamp() - func.coalesce(lost_at, attempt.created_at)
    return bool(session.scalar(select(age < timedelta(seconds=seconds))))


def _unknown(count: int) -> str:
    return (
        "Nobody knows whether this picture was ordered: the connection broke while it was sent, "
        f"and the provider's list shows {count or 'no'} request{'s' if count != 1 else ''} like it."
    )
