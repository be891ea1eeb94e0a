"""A provider has taken a request: by its answer, or found again later."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.database.models import Attempt
from services.pipeline.events import EventName, record
from services.pipeline.leases import Step, seconds_from_now
from services.pipeline.step_context import StepContext
from services.pipeline.transitions import move_run
from services.providers.base import Prediction


def accept(
    session: Session,
    parts: StepContext,
    step: Step,
    attempt: Attempt,
    prediction: Prediction,
    deadline_seconds: float,
    event: EventName,
    actor: str = "system",
) -> None:
    """Save the prediction's id and link, and wait for it."""
    durations = parts.durations(session, attempt.provider, attempt.model)
    least = 0.0 if durations else parts.limits.first_poll_seconds
    poll_in = parts.looks.seconds(session, attempt.provider, durations, 0.0, least)
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
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(
            prediction_id=prediction.id,
            web_url=prediction.web_url,
            version=prediction.version or Attempt.version,
            state=AttemptState.RUNNING,
            accepted_at=func.clock_timestamp(),
        )
        .execution_options(synchronize_session=False)
    )
    record(
        session,
        event,
        run.generation_id,
        run_id=run.id,
        actor=actor,
        prediction=prediction.id,
        link=prediction.web_url,
    )
