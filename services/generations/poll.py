"""The poll step: look at a prediction once, save what it says, and decide when to look again."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.database.models import Attempt, Run
from services.generations.checkpoints import checkpoint
from services.generations.events import EventName, record
from services.generations.failures import Failure, close_attempt, retry_or_fail
from services.generations.lease import Step, put_back
from services.generations.parts import Limits, Parts, latest_attempt
from services.generations.transitions import fail_run, move_run
from services.providers.base import (
    FailureClass,
    Prediction,
    PredictionStatus,
    ProviderError,
)
from services.statuses import AttemptState, RunState

RUNNING = (PredictionStatus.STARTING, PredictionStatus.PROCESSING)
UNANSWERED_MAX_SECONDS = 30.0


def poll(parts: Parts, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step(step, RunState.WAITING, worker) as run:
        if run is None:
            return
        checkpoint("poll.claimed")
        with parts.database.transaction() as session:
            attempt = latest_attempt(session, run.id)
            is_late = _is_past_deadline(session, run)
        try:
            prediction = _ask(parts, run, attempt, is_late)
        except ProviderError as error:
            with parts.database.transaction() as session:
                _settle_unanswered(session, parts.limits, step, run, attempt, is_late, error)
            return
        checkpoint("poll.asked")
        with parts.database.transaction() as session:
            _settle(session, parts, step, run, attempt, prediction, is_late)
        checkpoint("poll.saved")


def _is_past_deadline(session: Session, run: Run) -> bool:
    return bool(
        session.scalar(select(Run.deadline_at < func.clock_timestamp()).where(Run.id == run.id))
    )


def _ask(parts: Parts, run: Run, attempt: Attempt, is_late: bool) -> Prediction:
    """The prediction as it is now; one past its deadline is canceled at the provider."""
    provider = parts.prediction_provider(run.provider)
    if provider is None or attempt.prediction_id is None:
        raise TypeError(f"run {run.id} waits for a prediction that cannot be asked for")
    prediction = provider.get(attempt.prediction_id)
    if is_late and prediction.status in RUNNING:
        return provider.cancel(prediction.id)
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
    """A look that was not answered costs nothing: look again until the deadline."""
    if error.failure is FailureClass.LOST or is_late:
        kind = FailureClass.LOST if error.failure is FailureClass.LOST else FailureClass.TIMED_OUT
        close_attempt(session, attempt.id, AttemptState.LOST, Failure(kind, error.detail))
        fail_run(session, step, kind, error.detail)
        return
    backoff = min(UNANSWERED_MAX_SECONDS, limits.poll_seconds * 2.0**run.step_failures)
    delay = max(error.retry_after_seconds or 0.0, backoff)
    put_back(session, step, delay, step_failures=min(run.step_failures + 1, 5))


def _settle(
    session: Session,
    parts: Parts,
    step: Step,
    run: Run,
    attempt: Attempt,
    prediction: Prediction,
    is_late: bool,
) -> None:
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(
            logs=prediction.logs or Attempt.logs,
            predict_seconds=prediction.predict_seconds,
            started_at=prediction.started_at,
        )
    )
    if prediction.status is PredictionStatus.SUCCEEDED:
        _finish(session, step, attempt, prediction)
    elif prediction.status in RUNNING and not is_late:
        _look_again(session, parts.limits, step, run, prediction)
    else:
        _fail(session, parts.limits, step, run, attempt, prediction, is_late)


def _look_again(
    session: Session, limits: Limits, step: Step, run: Run, prediction: Prediction
) -> None:
    put_back(
        session,
        step,
        limits.poll_seconds,
        step_failures=0,
        provider_status=prediction.status,
        progress=prediction.progress,
    )
    if run.provider_status != prediction.status:
        record(
            session,
            EventName.RUN_PROVIDER_STARTED,
            run.generation_id,
            run_id=run.id,
            status=prediction.status.value,
        )


def _finish(session: Session, step: Step, attempt: Attempt, prediction: Prediction) -> None:
    """The provider is done: its outputs are to be fetched before they expire."""
    if not prediction.output_urls:
        kind = FailureClass.WINDOW_MISSED if prediction.is_data_removed else FailureClass.EMPTY
        detail = prediction.error or "The provider finished without a picture."
        close_attempt(session, attempt.id, AttemptState.FAILED, Failure(kind, detail))
        fail_run(session, step, kind, detail)
        return
    close_attempt(session, attempt.id, AttemptState.SUCCEEDED)
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(outputs=[{"url": url} for url in prediction.output_urls])
    )
    run = move_run(session, step, RunState.INGESTING, provider_status=prediction.status)
    record(
        session,
        EventName.RUN_PROVIDER_FINISHED,
        run.generation_id,
        run_id=run.id,
        pictures=len(prediction.output_urls),
        predict_seconds=prediction.predict_seconds,
    )


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
