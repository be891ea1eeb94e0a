"""Canceling: what was not sent ends at once, what is at the provider is ended there, nothing twice."""

import pytest
from sqlalchemy import select

from services.core.actors import Actor
from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import AttemptState, GenerationState, Role, RunState, SlotState
from services.database.models import Audit
from services.pipeline.cancel import settle_canceled
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.waiting import eventually

AFTER_MASCOT = 10_000 - 10
"""What a finished mascot leaves of the starting credits."""
VIEWER = Actor("per_viewer", "Viewer", Role.VIEWER)


def started_poses(by_hand: ManualPipeline, count: int = 1) -> str:
    """A started batch of poses."""
    mascot = finished_mascot(by_hand.studio.services)
    return by_hand.studio.start_poses(mascot, count).generation_id


def cancel(by_hand: ManualPipeline, generation_id: str) -> None:
    """As an operator clicks it."""
    services = by_hand.studio.services
    services.cancel.cancel(by_hand.studio.actor, generation_id, "not wanted any more")


def test_what_was_not_sent_ends_at_once_and_is_refunded(by_hand: ManualPipeline) -> None:
    generation = started_poses(by_hand, 3)
    cancel(by_hand, generation)
    assert by_hand.studio.state(generation) is GenerationState.CANCELED
    assert by_hand.balance() == AFTER_MASCOT
    assert by_hand.studio.creates() == 0
    by_hand.studio.assert_sound(generation)
    assert {slot.state for slot in by_hand.slots(generation)} == {SlotState.CANCELED}


def test_what_is_at_the_provider_is_canceled_there(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("stuck", provider="replicate")
    generation = started_poses(by_hand)
    by_hand.until_run(generation, RunState.WAITING)
    cancel(by_hand, generation)
    assert by_hand.studio.state(generation) is GenerationState.RUNNING
    assert by_hand.finish(generation) is GenerationState.CANCELED
    (attempt,) = by_hand.attempts(generation)
    assert attempt.state is AttemptState.CANCELED
    assert attempt.actual_cost_usd is not None
    assert by_hand.balance() == AFTER_MASCOT
    assert by_hand.studio.creates() == 1


def test_a_picture_that_was_ready_before_the_cancel_is_stored_and_stays_charged(
    by_hand: ManualPipeline,
) -> None:
    generation = started_poses(by_hand)
    run = by_hand.until_run(generation, RunState.WAITING)
    provider = by_hand.context.predictions(run)
    (attempt,) = by_hand.attempts(generation)
    assert provider and attempt.prediction_id
    known_id = attempt.prediction_id
    # The pipeline does not look meanwhile.
    eventually(lambda: provider.get(known_id).output_urls)
    cancel(by_hand, generation)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.balance() == AFTER_MASCOT - 30
    assert "run.cancel_too_late" in by_hand.events(generation)


def test_what_waited_for_a_late_picture_is_not_begun(by_hand: ManualPipeline) -> None:
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.until_run(generation, RunState.INGESTING)
    cancel(by_hand, generation)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    states = [slot.state for slot in by_hand.slots(generation)]
    assert states == [SlotState.FILLED, SlotState.CANCELED, SlotState.CANCELED]
    assert by_hand.balance() == 10_000 - 10
    assert len(by_hand.runs(generation)) == 1


def test_a_canceled_run_is_not_retried(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("throttle", times=None, provider="replicate", operation="create")
    generation = started_poses(by_hand)
    by_hand.round()
    cancel(by_hand, generation)
    assert by_hand.studio.state(generation) is GenerationState.CANCELED
    assert by_hand.studio.creates() == 0


def test_a_cancel_that_died_half_way_is_finished_by_the_dispatcher(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = started_poses(by_hand, 2)
    monkeypatch.setattr(
        "services.pipeline.cancel.settle_canceled", lambda session, generation_id: 0
    )
    cancel(by_hand, generation)
    monkeypatch.undo()
    assert by_hand.studio.state(generation) is GenerationState.QUEUED
    by_hand.tick()
    assert by_hand.studio.state(generation) is GenerationState.CANCELED
    assert by_hand.studio.creates() == 0


def test_a_lost_answer_of_a_canceled_batch_asks_nobody(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("drop_before_create", provider="replicate", operation="create")
    generation = started_poses(by_hand)
    by_hand.until_run(generation, RunState.NEEDS_REVIEW)
    cancel(by_hand, generation)
    assert by_hand.studio.state(generation) is GenerationState.CANCELED
    assert by_hand.balance() == AFTER_MASCOT


def test_canceling_twice_refunds_once(by_hand: ManualPipeline) -> None:
    generation = started_poses(by_hand, 2)
    cancel(by_hand, generation)
    with pytest.raises(InvalidRequestError, match="ended already"):
        cancel(by_hand, generation)
    with by_hand.context.database.transaction() as session:
        assert settle_canceled(session, generation) == 0
    assert by_hand.balance() == AFTER_MASCOT


def test_a_cancel_is_audited_with_its_reason(by_hand: ManualPipeline) -> None:
    generation = started_poses(by_hand)
    cancel(by_hand, generation)
    with by_hand.context.database.transaction() as session:
        row = session.scalars(select(Audit).where(Audit.subject_id == generation)).one()
    assert (row.action, row.reason) == ("generation.cancel", "not wanted any more")


def test_the_preview_counts_what_would_be_refunded(by_hand: ManualPipeline) -> None:
    generation = started_poses(by_hand, 3)
    preview = by_hand.studio.services.cancel.preview(by_hand.studio.actor, generation)
    assert (preview.open_slots, preview.credits, preview.at_provider) == (3, 90, 0)


def test_a_viewer_cannot_cancel(by_hand: ManualPipeline) -> None:
    generation = started_poses(by_hand)
    with pytest.raises(NotAllowedError):
        by_hand.studio.services.cancel.cancel(VIEWER, generation)
    with pytest.raises(NotFoundError):
        by_hand.studio.services.cancel.cancel(by_hand.studio.actor, "gen_unknown")
