"""The poll step: look at a prediction once, save what it says, and decide when to look again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.states import AttemptState, Kind, RunState
from services.credits.costs import settle_cost
from services.database.models import Attempt, Generation, Run
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record
from services.pipeline.failures import Failure, close_attempt, retry_or_fail
from services.pipeline.leases import Step, reschedule
from services.pipeline.step_context import Limits, StepContext
from services.pipeline.training_progress import record_training_progress
from services.pipeline.transitions import cancel_run, fail_run, move_run
from services.providers.base import (
    FailureClass,
    Prediction,
    PredictionStatus,
    ProviderError,
)

RUNNING = (PredictionStatus.STARTING, PredictionStatus.PROCESSING)
UNANSWERED_MAX_SECONDS = 30.0
MAX_UNANSWERED_POLLS = 5


def poll(parts: StepContext, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step_with(step, RunState.WAITING, worker, _read) as look:
        if look is None:
            return
        checkpoint("poll.claimed")
        try:
            prediction = _ask(parts, look)
        except ProviderError as error:
            with parts.database.transaction() as session:
                _settle_unanswered(
                    session, parts.limits, step, look.run, look.attempt, look.is_late, error
                )
            return
        checkpoint("poll.asked")
        with parts.database.transaction() as session:
            _settle(session, parts, step, look, prediction)
        checkpoint("poll.saved")


@dataclass(frozen=True)
class _Look:
    """What a look begins with; `is_late` is past the deadline."""

    run: Run
    attempt: Attempt
    age_seconds: float
    """Since the provider accepted it."""
    is_late: bool
    is_canceling: bool
    """A person has canceled its generation."""


def _read(session: Session, run: Run) -> _Look:
    now = func.clock_timestamp()
    attempt, age_seconds, is_late, is_canceling = session.execute(
        select(
            Attempt,
            func.extract("epoch", now - Run.accepted_at),
            Run.deadline_at < now,
            Generation.cancel_requested_at.is_not(None),
        )
        .join(Run, Run.id == Attempt.run_id)
        .join(Generation, Generation.id == Run.generation_id)
        .where(Attempt.run_id == run.id)
        .order_by(Attempt.number.desc())
        .limit(1)
    ).one()
    return _Look(run, attempt, float(age_seconds or 0.0), bool(is_late), is_canceling)


def _ask(parts: StepContext, look: _Look) -> Prediction:
    """As it is now; one past its deadline, or that nobody wants any more, is canceled there."""
    predictions, known_id = parts.predictions(look.run), look.attempt.prediction_id
    if predictions is None or known_id is None:
        raise TypeError(f"run {look.run.id} waits for a prediction that cannot be asked for")
    prediction = predictions.get(known_id)
    if prediction.status in RUNNING and (look.is_late or look.is_canceling):
        prediction = predictions.cancel(known_id)
        checkpoint("poll.canceled")
    return prediction


def _settle_unanswered(
    session: Session,
    limits: Limits,
    step: Step,
    run: Run,
    attempt: Attempt,
    is_late: bool,
    error: ProviderError,
) -> None:
    """A look that was not answered costs nothing: look again until the deadline.

    A few times after it, too: the picture may have been ready, and paid for, long before.
    """
    is_over = is_late and run.step_failures >= MAX_UNANSWERED_POLLS
    if error.failure is FailureClass.LOST or is_over:
        kind = FailureClass.LOST if error.failure is FailureClass.LOST else FailureClass.TIMED_OUT
        close_attempt(session, attempt.id, AttemptState.LOST, Failure(kind, error.detail))
        fail_run(session, step, kind, error.detail)
        return
    backoff = min(UNANSWERED_MAX_SECONDS, limits.poll_seconds * 2.0**run.step_failures)
    delay = max(error.retry_after_seconds or 0.0, backoff)
    reschedule(session, step, delay, step_failures=min(run.step_failures + 1, MAX_UNANSWERED_POLLS))


def _settle(
    session: Session, parts: StepContext, step: Step, look: _Look, prediction: Prediction
) -> None:
    if prediction.status is PredictionStatus.SUCCEEDED and prediction.output_urls:
        _finish(session, step, look, prediction)
        return
    save_poll(session, look.attempt, prediction)
    if prediction.status is PredictionStatus.SUCCEEDED:
        _fail_empty(session, step, look.attempt, prediction)
    elif prediction.status is PredictionStatus.CANCELED and look.is_canceling:
        close_attempt(session, look.attempt.id, AttemptState.CANCELED)
        cancel_run(session, step)
    elif prediction.status in RUNNING and not look.is_late:
        _poll_again(session, parts, step, look, prediction)
    else:
        _fail(session, parts.limits, step, look.run, look.attempt, prediction, look.is_late)


def save_poll(session: Session, attempt: Attempt, prediction: Prediction, **changes: Any) -> None:
    """What the provider says of it, on the attempt."""
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(
            logs=prediction.logs or Attempt.logs,
            predict_seconds=prediction.predict_seconds,
            started_at=prediction.started_at,
            **changes,
        )
        .execution_options(synchronize_session=False)
    )


def _poll_again(
    session: Session, parts: StepContext, step: Step, look: _Look, prediction: Prediction
) -> None:
    run, attempt = look.run, look.attempt
    durations = parts.durations(session, attempt.provider, attempt.model)
    poll_in = parts.looks.seconds(
        session, attempt.provider, durations, look.age_seconds, parts.limits.poll_seconds
    )
    told: dict[str, Any] = {"progress": prediction.progress}
    if run.kind is Kind.TRAINING:
        poll_in = parts.limits.training_poll_seconds
        told = record_training_progress(session, run, prediction.logs)
    if look.is_canceling:
        poll_in = parts.limits.poll_seconds
    reschedule(session, step, poll_in, step_failures=0, provider_status=prediction.status, **told)
    if run.provider_status != prediction.status:
        record(
            session,
            EventName.RUN_PROVIDER_STARTED,
            run.generation_id,
            run_id=run.id,
            status=prediction.status.value,
        )


def _finish(session: Session, step: Step, look: _Look, prediction: Prediction) -> None:
    """The provider is done: its outputs are to be fetched before they expire.

    Even when a person has canceled meanwhile: it is made and paid for.
    """
    outputs: list[dict[str, Any]] = [{"url": url} for url in prediction.output_urls]
    told: dict[str, Any] = {}
    if look.run.kind is Kind.TRAINING:
        outputs.insert(0, {"version": prediction.trained_version})
        told = record_training_progress(session, look.run, prediction.logs)
    save_poll(
        session,
        look.attempt,
        prediction,
        state=AttemptState.SUCCEEDED,
        finished_at=_finished_at(prediction),
        outputs=outputs,
    )
    settle_cost(session, look.attempt.id)
    run = move_run(
        session,
        step,
        RunState.INGESTING,
        locks_generation=False,
        provider_status=prediction.status,
        **told,
    )
    if look.is_canceling:
        record(session, EventName.RUN_CANCEL_TOO_LATE, run.generation_id, run_id=run.id)
    record(
        session,
        EventName.RUN_PROVIDER_FINISHED,
        run.generation_id,
        run_id=run.id,
        pictures=len(prediction.output_urls),
        predict_seconds=prediction.predict_seconds,
    )


def _finished_at(prediction: Prediction) -> Any:
    """The provider's end, by our clock: an outage of ours must not make its model look slow."""
    if prediction.created_at is None or prediction.completed_at is None:
        return func.clock_timestamp()
    took = prediction.completed_at - prediction.created_at
    return func.least(Attempt.accepted_at + took, func.clock_timestamp())


def _fail_empty(session: Session, step: Step, attempt: Attempt, prediction: Prediction) -> None:
    kind = FailureClass.WINDOW_MISSED if prediction.is_data_removed else FailureClass.EMPTY
    detail = prediction.error or "The provider finished without a picture."
    close_attempt(session, attempt.id, AttemptState.FAILED, Failure(kind, detail))
    fail_run(session, step, kind, detail)


def _fail(
    session: Session,
    limits: Limits,
    step: Step,
    run: Run,
    attempt: Attempt,
    prediction: Prediction,
    is_late: bool,
) -> None:
    kind = prediction.failure or FailureClass.UNKNOWN
    detail = prediction.error or f"The provider says: {prediction.status.value}."
    if is_late:
        kind, detail = FailureClass.TIMED_OUT, "It was not ready when its time was up."
    is_canceled = prediction.status is PredictionStatus.CANCELED
    state = AttemptState.CANCELED if is_canceled else AttemptState.FAILED
    close_attempt(session, attempt.id, state, Failure(kind, detail))
    retry_or_fail(session, step, run, Failure(kind, detail), limits)
