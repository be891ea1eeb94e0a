"""The reconcile step: find a create whose answer was lost; it never makes anything twice."""

import logging
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import AtelierError
from services.core.states import AttemptState, RunState
from services.database.models import Attempt, Event, Run
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName
from services.pipeline.failures import Failure, close_attempt, request_review, retry_or_fail
from services.pipeline.leases import Step, reschedule
from services.pipeline.step_context import StepContext, latest_attempt
from services.pipeline.steps.accept import accept
from services.pipeline.steps.submit import generate, inputs_of_attempt, not_ours_yet
from services.providers.base import (
    FailureClass,
    Predictions,
    PreparedRequest,
    ProviderError,
)
from services.providers.registry import IDEMPOTENT
from services.recipes.registry import work_of
from services.recipes.work import RunInputs

logger = logging.getLogger("atelier.pipeline")

LIST_UNREAD_SECONDS = 3600.0
LOST_CALL = "No answer came while the provider was working; the call may have cost money."


def reconcile(context: StepContext, step: Step, worker: str) -> None:
    """Look up the run's create, if the step is still to be done."""
    with context.claimed(step, RunState.SUBMITTING, worker, lambda _, run: run) as run:
        if run is None:
            return
        checkpoint("reconcile.claimed")
        try:
            predictions = context.predictions(run)
        except ProviderError as error:
            # Its client cannot be made here: whether it took the request is still unknown.
            with context.database.transaction() as session:
                _search_later(session, context, step, latest_attempt(session, run.id), error)
            return
        if predictions is not None:
            _look_up(context, step, run, predictions)
        elif run.provider in IDEMPOTENT:
            _send_again(context, step, run)
        else:
            _count_as_lost(context, step, run)


def _count_as_lost(context: StepContext, step: Step, run: Run) -> None:
    """Retry a synchronous call whose answer was lost with its worker; its estimated cost stays."""
    failure = Failure(FailureClass.TRANSIENT, LOST_CALL)
    with context.database.transaction() as session:
        close_attempt(session, latest_attempt(session, run.id).id, AttemptState.LOST, failure)
        retry_or_fail(session, step, run, failure, context.limits)


def _send_again(context: StepContext, step: Step, run: Run) -> None:
    """Send the attempt again under its id: what the provider is making already is not made twice."""
    with context.database.transaction() as session:
        attempt = latest_attempt(session, run.id)
        inputs = inputs_of_attempt(session, run, attempt)
        is_young = _is_young(session, attempt, context.limits.lookup_seconds)
    prepared = _prepared_again(context, inputs) if is_young else None
    if prepared is None:
        _count_as_lost(context, step, run)
        return
    prepared = replace(prepared, version=attempt.version, payload=attempt.payload)
    generate(context, step, run, attempt.id, prepared)


def _prepared_again(context: StepContext, inputs: RunInputs) -> PreparedRequest | None:
    """Read an attempt's inputs again; None where that fails, and another attempt may do better."""
    try:
        return work_of(inputs.run.kind).prepare(context, inputs)
    except (AtelierError, ProviderError) as error:
        logger.warning("reconcile.unprepared run=%s %s", inputs.run.id, error)
        return None


def _look_up(context: StepContext, step: Step, run: Run, predictions: Predictions) -> None:
    with context.database.transaction() as session:
        attempt = latest_attempt(session, run.id)
    prepared = PreparedRequest(attempt.model, attempt.version, attempt.payload)
    try:
        found = predictions.find(prepared, attempt.created_at)
    except ProviderError as error:
        with context.database.transaction() as session:
            _search_later(session, context, step, attempt, error)
        logger.warning("reconcile.unanswered run=%s %s", run.id, error.detail)
        return
    checkpoint("reconcile.found")
    deadline = context.capabilities(run).deadline_seconds
    with context.database.transaction() as session:
        candidates = not_ours_yet(session, found)
        if len(candidates) == 1:
            accept(session, context, step, attempt, candidates[0], deadline, EventName.RUN_ADOPTED)
        elif not candidates and _is_young(session, attempt, context.limits.lookup_seconds):
            reschedule(session, step, context.limits.lookup_every_seconds)
        else:
            request_review(session, step, _unknown(attempt, len(candidates)), len(candidates))


def _search_later(
    session: Session, context: StepContext, step: Step, attempt: Attempt, error: ProviderError
) -> None:
    """Ask for the list again; a person decides where it cannot be read for an hour."""
    if _is_young(session, attempt, LIST_UNREAD_SECONDS):
        reschedule(session, step, context.limits.lookup_every_seconds)
        return
    answer = (attempt.failure_detail or "no answer came").rstrip(".")
    request_review(
        session,
        step,
        f"It is unknown whether the provider received the request: {answer}. Its list could not be"
        f" read: {error.detail}",
    )


def _is_young(session: Session, attempt: Attempt, seconds: float) -> bool:
    """Whether to search once more: the provider's list may lag behind its creates.

    Counted from when the answer was known to be lost: a POST may wait longer for its answer.
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


def _unknown(attempt: Attempt, count: int) -> str:
    answer = (attempt.failure_detail or "the worker died before its answer came").rstrip(".")
    return (
        f"It is unknown whether the provider received the request: {answer}. The provider's list"
        f" shows {count or 'no'} request{'s' if count > 1 else ''} like it."
    )
