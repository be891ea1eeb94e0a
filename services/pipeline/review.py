"""Queue another attempt of a run whose submission was decided to be lost."""

from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.states import AttemptState, RunState
from services.database.models import Run
from services.pipeline.events import EventName, record_run
from services.pipeline.failures import Failure, close_attempt
from services.pipeline.leases import Step
from services.pipeline.step_context import latest_attempt
from services.pipeline.transitions import (
    NEW_ATTEMPT,
    move_run,
    refresh_generation,
)

GIVEN_UP = "Given up: it is unknown whether the provider received it."
DECLARED_LOST = "Declared lost: it is unknown whether the provider received it."


def queue_another_attempt(
    session: Session,
    step: Step,
    state: AttemptState,
    failure: Failure,
    *,
    actor: Actor,
    reason: str,
) -> Run:
    """End the run's newest attempt in this state, for a person, and queue another one."""
    close_attempt(session, latest_attempt(session, step.run_id).id, state, failure)
    run = move_run(session, step, RunState.QUEUED, failure=None, failure_detail=None, **NEW_ATTEMPT)
    record_run(session, EventName.RUN_QUEUED, run, actor=actor.id, reason=reason)
    refresh_generation(session, run.generation_id)
    return run
