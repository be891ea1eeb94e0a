"""The poll step: ask about a prediction once, store the answer, and schedule the next step."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.credits.costs import cost_of
from services.database.models import Attempt, Event, Generation, Run
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record_run
from services.pipeline.failures import Failure, close_attempt, retry_or_fail
from services.pipeline.leases import Step, reschedule
from services.pipeline.step_context import Limits, StepContext, update_attempt
from services.pipeline.transitions import cancel_run, fail_run, move_run
from services.providers.base import (
    FailureClass,
    Prediction,
    PredictionStatus,
    ProviderError,
)
from services.recipes.registry import work_of

UNKNOWN = "unknown"
"""The provider's status of a prediction that it answered 404 for."""
RUNNING = (PredictionStatus.STARTING, PredictionStatus.PROCESSING)
UNANSWERED_MAX_SECONDS = 30.0
MAX_UNANSWERED_POLLS = 5
"""How many are counted. So many answers that there is no such prediction, over a minute, are final."""
MAX_RETRY_AFTER_SECONDS = 300.0


def poll(context: StepContext, step: Step, worker: str) -> None:
    """Poll the prediction of a waiting run, if the step is still to be done."""
    with context.claimed(step, RunState.WAITING, worker, _read) as polled:
        if polled is None:
            return
        checkpoint("poll.claimed")
        try:
            prediction = _ask(context, polled)
        except ProviderError as error:
            with context.database.transaction() as session:
                _settle_unanswered(session, context.limits, step, polled, error)
            return
        checkpoint("poll.asked")
        with context.database.transaction() as session:
            _settle(session, context, step, polled, prediction)
        checkpoint("poll.saved")


@dataclass(frozen=True)
class _Polled:
    """What a poll begins with; `is_late` is past the deadline."""

    run: Run
    attempt: Attempt
    age_seconds: float
    """Since the provider accepted it."""
    is_late: bool
    is_canceling: bool
    """A person has canceled its generation."""


def _read(session: Session, run: Run) -> _Polled:
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
    return _Polled(run, attempt, float(age_seconds or 0.0), bool(is_late), is_canceling)


def _ask(context: StepContext, polled: _Polled) -> Prediction:
    """Get the prediction; one that is late or was canceled by a person is canceled there."""
    predictions, known_id = context.predictions(polled.run), polled.attempt.prediction_id
    if predictions is None or known_id is None:
        raise TypeError(f"run {polled.run.id} waits for a prediction that cannot be asked for")
    prediction = predictions.get(known_id)
    if prediction.status in RUNNING and (polled.is_late or polled.is_canceling):
        prediction = predictions.cancel(known_id)
        checkpoint("poll.canceled")
    return prediction


def _settle_unanswered(
    session: Session, limits: Limits, step: Step, polled: _Polled, error: ProviderError
) -> None:
    """Schedule another poll after an error, as long as the output could still be there.

    One answer that there is no such prediction proves nothing: the next may know it.
    """
    run, is_unknown = polled.run, error.failure is FailureClass.LOST
    was_unknown = run.provider_status == UNKNOWN
    failures = run.step_failures if is_unknown is was_unknown else 0
    is_over = polled.is_late and polled.age_seconds > limits.output_window_seconds
    if is_unknown and failures >= MAX_UNANSWERED_POLLS:
        _give_up(session, step, polled, FailureClass.LOST, error.detail)
    elif is_over and failures >= MAX_UNANSWERED_POLLS:
        detail = f"It may have finished there: polls went unanswered until now. {error.detail}"
        _give_up(session, step, polled, FailureClass.UNANSWERED, detail)
    else:
        backoff = min(UNANSWERED_MAX_SECONDS, limits.poll_seconds * 2.0 ** (failures + is_unknown))
        wait = min(error.retry_after_seconds or 0.0, MAX_RETRY_AFTER_SECONDS)
        changes = {"provider_status": UNKNOWN} if is_unknown else {}
        failures = min(failures + 1, MAX_UNANSWERED_POLLS)
        reschedule(session, step, max(wait, backoff), step_failures=failures, **changes)
        _record_failed_poll(session, run, error, max(wait, backoff))


def _give_up(
    session: Session, step: Step, polled: _Polled, kind: FailureClass, detail: str
) -> None:
    close_attempt(session, polled.attempt.id, AttemptState.LOST, Failure(kind, detail))
    fail_run(session, step, kind, detail)


def _record_failed_poll(session: Session, run: Run, error: ProviderError, delay: float) -> None:
    """Record what the provider answered, once for each answer that differs from the last one."""
    newest = select(Event).where(Event.run_id == run.id).order_by(Event.id.desc()).limit(1)
    last = session.scalars(newest).one_or_none()
    is_same = last is not None and last.detail.get("reason") == error.detail
    if last is not None and last.name == EventName.RUN_POLL_FAILED and is_same:
        return
    record_run(
        session,
        EventName.RUN_POLL_FAILED,
        run,
        failure=error.failure.value,
        status=error.status_code,
        reason=error.detail,
        in_seconds=round(delay, 1),
    )


def _settle(
    session: Session, context: StepContext, step: Step, polled: _Polled, prediction: Prediction
) -> None:
    is_published = prediction.failure is not FailureClass.UNPUBLISHED
    has_outputs = prediction.status is PredictionStatus.SUCCEEDED or not is_published
    if has_outputs and prediction.output_urls:
        _finish(session, step, polled, prediction)
        return
    save_poll(session, polled.attempt, prediction)
    if prediction.status is PredictionStatus.SUCCEEDED:
        _fail_empty(session, step, polled.attempt, prediction)
    elif prediction.status is PredictionStatus.CANCELED and polled.is_canceling:
        close_attempt(session, polled.attempt.id, AttemptState.CANCELED)
        cancel_run(session, step)
    elif prediction.status in RUNNING and not polled.is_late:
        _poll_later(session, context, step, polled, prediction)
    else:
        _fail(session, context.limits, step, polled, prediction)


def save_poll(session: Session, attempt: Attempt, prediction: Prediction, **changes: Any) -> None:
    """Store on the attempt what the provider reports; nothing where nothing is new."""
    values = {
        "logs": prediction.logs or attempt.logs,
        "predict_seconds": prediction.predict_seconds,
        "started_at": prediction.started_at,
    }
    changed = {name: value for name, value in values.items() if getattr(attempt, name) != value}
    if changed or changes:
        update_attempt(session, attempt.id, **changed, **changes)


def _poll_later(
    session: Session, context: StepContext, step: Step, polled: _Polled, prediction: Prediction
) -> None:
    run, attempt, work = polled.run, polled.attempt, work_of(polled.run.kind)
    if polled.is_canceling:
        poll_in = context.limits.poll_seconds
    elif work.poll_seconds is not None:
        poll_in = work.poll_seconds
    else:
        durations = context.durations(session, attempt.provider, attempt.model)
        poll_in = context.polls.seconds(
            session, attempt.provider, durations, polled.age_seconds, context.limits.poll_seconds
        )
    progress = work.progress(session, run, prediction)
    reschedule(
        session, step, poll_in, step_failures=0, provider_status=prediction.status, **progress
    )
    if run.provider_status != prediction.status:
        record_run(session, EventName.RUN_PROVIDER_STARTED, run, status=prediction.status.value)


def _finish(session: Session, step: Step, polled: _Polled, prediction: Prediction) -> None:
    """Store where the outputs are, which expire soon; they are downloaded by the next step.

    Even when a person has canceled meanwhile: they are finished and paid for.
    """
    work = work_of(polled.run.kind)
    outputs = work.outputs(prediction)
    progress = work.progress(session, polled.run, prediction)
    save_poll(
        session,
        polled.attempt,
        prediction,
        state=AttemptState.SUCCEEDED,
        finished_at=_finished_at(prediction),
        outputs=outputs,
        actual_cost_usd=cost_of(
            AttemptState.SUCCEEDED, prediction.predict_seconds or 0.0, len(outputs)
        ),
    )
    run = move_run(
        session,
        step,
        RunState.INGESTING,
        locks_generation=False,
        provider_status=prediction.status,
        **progress,
    )
    if polled.is_canceling:
        record_run(session, EventName.RUN_CANCEL_TOO_LATE, run)
    record_run(
        session,
        EventName.RUN_PROVIDER_FINISHED,
        run,
        pictures=len(prediction.output_urls),
        predict_seconds=prediction.predict_seconds,
    )


def _finished_at(prediction: Prediction) -> Any:
    """Return the provider's end by our clock: an outage of ours must not lengthen the duration."""
    if prediction.created_at is None or prediction.completed_at is None:
        return func.clock_timestamp()
    took = prediction.completed_at - prediction.created_at
    return func.least(Attempt.accepted_at + took, func.clock_timestamp())


def _fail_empty(session: Session, step: Step, attempt: Attempt, prediction: Prediction) -> None:
    kind = prediction.failure or FailureClass.EMPTY
    detail = prediction.error or "The provider finished without a picture."
    close_attempt(session, attempt.id, AttemptState.FAILED, Failure(kind, detail))
    fail_run(session, step, kind, detail)


def _fail(
    session: Session, limits: Limits, step: Step, polled: _Polled, prediction: Prediction
) -> None:
    kind = prediction.failure or FailureClass.UNKNOWN
    detail = prediction.error or f"The provider reports: {prediction.status.value}."
    if polled.is_late:
        kind, detail = FailureClass.TIMED_OUT, "It was not ready when its time was up."
    is_canceled = prediction.status is PredictionStatus.CANCELED
    state = AttemptState.CANCELED if is_canceled else AttemptState.FAILED
    close_attempt(session, polled.attempt.id, state, Failure(kind, detail))
    retry_or_fail(session, step, polled.run, Failure(kind, detail), limits)
