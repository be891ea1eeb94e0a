"""Decide about an unknown submit: submit it once more, or fail and refund it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.audit.changes import reason_of, record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import AttemptState, Role, RunState
from services.database.engine import Database
from services.database.models import Run
from services.pipeline.events import EventName, record_run
from services.pipeline.failures import Failure, close_attempt
from services.pipeline.leases import Step
from services.pipeline.step_context import latest_attempt
from services.pipeline.transitions import (
    NEW_ATTEMPT,
    fail_run,
    move_run,
    refresh_generation,
)
from services.providers.base import FailureClass

GIVEN_UP = "Given up: it is unknown whether the provider received it."
DECLARED_LOST = "Declared lost: it is unknown whether the provider received it."
ALREADY = "This was decided already. Reload the page to see its state."


class Review:
    """Ends `needs_review`, with a reason and an audit row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resubmit(self, actor: Actor, run_id: str, reason: str) -> None:
        """Submit the run once more; should the first request exist after all, both are paid."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            step = self._decided(session, actor, run_id, "run.make_again", reason)
            lost = Failure(FailureClass.AMBIGUOUS, DECLARED_LOST)
            queue_another_attempt(
                session, step, AttemptState.LOST, lost, actor=actor, reason=reason
            )

    def give_up(self, actor: Actor, run_id: str, reason: str) -> None:
        """Fail the run and refund its slots."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            step = self._decided(session, actor, run_id, "run.give_up", reason)
            fail_run(session, step, FailureClass.AMBIGUOUS, GIVEN_UP)

    def _decided(
        self, session: Session, actor: Actor, run_id: str, action: str, reason: str
    ) -> Step:
        why = reason_of(reason)
        run = session.scalar(select(Run).where(Run.id == run_id).with_for_update())
        if run is None:
            raise NotFoundError(what="run", id=run_id)
        if run.state is not RunState.NEEDS_REVIEW:
            raise InvalidRequestError(problem=ALREADY)
        record_change(session, actor, action, run_id, why, before={"state": run.state.value})
        session.flush()
        return Step(run.id, run.seq)


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
