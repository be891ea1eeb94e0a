"""Accept a prediction, returned by a create or found later, as the one of an attempt."""

from sqlalchemy import func
from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.database.models import Attempt
from services.pipeline.events import EventName, record_run
from services.pipeline.leases import Step, seconds_from_now
from services.pipeline.step_context import StepContext, update_attempt
from services.pipeline.transitions import move_run
from services.providers.base import Prediction


def accept(
    session: Session,
    context: StepContext,
    step: Step,
    attempt: Attempt,
    prediction: Prediction,
    deadline_seconds: float,
    event: EventName,
    actor: str = "system",
) -> None:
    """Store the prediction of an attempt, returned or found later, and schedule its first poll."""
    durations = context.durations(session, attempt.provider, attempt.model)
    min_seconds = 0.0 if durations else context.limits.first_poll_seconds
    poll_in = context.polls.seconds(session, attempt.provider, durations, 0.0, min_seconds)
    run = move_run(
        session,
        step,
        RunState.WAITING,
        in_seconds=poll_in,
        locks_generation=False,
        failure=None,
        failure_detail=None,
        provider_status=prediction.status.value,
        accepted_at=func.clock_timestamp(),
        deadline_at=seconds_from_now(deadline_seconds),
    )
    update_attempt(
        session,
        attempt.id,
        prediction_id=prediction.id,
        web_url=prediction.web_url,
        version=prediction.version or Attempt.version,
        state=AttemptState.RUNNING,
        accepted_at=func.clock_timestamp(),
    )
    is_other = prediction.version not in (None, attempt.version)
    named = {"version": prediction.version, "ordered": attempt.version} if is_other else {}
    record_run(
        session,
        event,
        run,
        actor=actor,
        prediction=prediction.id,
        link=prediction.web_url,
        **named,
    )
