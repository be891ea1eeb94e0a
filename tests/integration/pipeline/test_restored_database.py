"""Work that was queued in an older copy of the database, and was sent before it was restored."""

from sqlalchemy import delete, func, update

from services.core.states import GenerationState, RunState
from services.database.models import Attempt, DatabaseRestore, Run
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline


def test_a_run_that_was_sent_before_the_restore_is_adopted_and_not_paid_twice(
    by_hand: ManualPipeline,
) -> None:
    generation = by_hand.studio.start_poses(finished_mascot(by_hand.studio.services)).generation_id
    run = by_hand.until_run(generation, RunState.WAITING)
    (sent,) = by_hand.attempts(generation)
    _take_back(by_hand, run.id)

    assert by_hand.finish(generation) is GenerationState.SUCCEEDED

    (adopted,) = by_hand.attempts(generation)
    assert adopted.prediction_id == sent.prediction_id and adopted.id != sent.id
    assert "run.adopted" in by_hand.events(generation)


def test_a_run_that_was_not_sent_before_the_restore_is_sent_once(by_hand: ManualPipeline) -> None:
    generation = by_hand.studio.start_poses(finished_mascot(by_hand.studio.services)).generation_id
    with by_hand.context.database.transaction() as session:
        session.add(DatabaseRestore(copied_at=func.clock_timestamp(), lost_at=func.now()))
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert len(by_hand.attempts(generation)) == 1
    assert "run.adopted" not in by_hand.events(generation)


def _take_back(by_hand: ManualPipeline, run_id: str) -> None:
    """As a copy from before the submit has it, except for the timeline, which cannot be removed."""
    with by_hand.context.database.transaction() as session:
        session.execute(delete(Attempt).where(Attempt.run_id == run_id))
        session.execute(
            update(Run)
            .where(Run.id == run_id)
            .values(
                state=RunState.QUEUED,
                seq=Run.seq + 1,
                lease_until=None,
                enqueued_at=None,
                accepted_at=None,
                deadline_at=None,
                provider_status=None,
                attempt_count=0,
            )
        )
        session.add(DatabaseRestore(copied_at=func.clock_timestamp(), lost_at=func.now()))
