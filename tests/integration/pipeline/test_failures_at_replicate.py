"""Every failure that Replicate can answer a pose with has one exit, and each exit is settled."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, update

from services.core.states import AttemptState, GenerationState, RunState
from services.database.models import Attempt
from services.providers.base import FailureClass
from services.remedies.base import RemedyOffer
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline

POSE = 30


@pytest.fixture
def mascot(by_hand: ManualPipeline) -> str:
    """A mascot to pose."""
    return finished_mascot(by_hand.studio.services)


def start(by_hand: ManualPipeline, mascot: str, key: str = "poses", count: int = 1) -> str:
    """Start poses; returns the generation's id."""
    return by_hand.studio.start_poses(mascot, count, key).generation_id


def card_failure(by_hand: ManualPipeline, generation: str) -> str:
    """The sentence that a person reads on the tile."""
    card = by_hand.studio.services.generations.card(by_hand.studio.actor, generation)
    return card.slots[0].failure or ""


@pytest.mark.parametrize(
    ("fault", "failure", "creates", "sentence"),
    [
        ("refuse_content", FailureClass.CONTENT_REFUSED, 1, "content filter"),
        ("refuse_output", FailureClass.CONTENT_REFUSED, 1, "content filter"),
        ("fewer_outputs", FailureClass.EMPTY, 1, "without a picture"),
        ("aborted", FailureClass.DEADLINE, 1, "did not begin in time"),
        ("platform_error", FailureClass.PLATFORM, 2, "fault of its own"),
        ("out_of_memory", FailureClass.TOO_BIG, 1, "too big"),
        ("expired_outputs", FailureClass.WINDOW_MISSED, 1, "deleted the picture"),
        ("foreign_output_host", FailureClass.CONFIGURATION, 1, "refused our access"),
        ("truncated_output", FailureClass.BAD_OUTPUT, 1, "of no use"),
    ],
)
def test_a_failed_prediction_is_tried_as_often_as_its_class_allows_and_then_refunded(
    by_hand: ManualPipeline,
    mascot: str,
    fault: str,
    failure: FailureClass,
    creates: int,
    sentence: str,
) -> None:
    before = by_hand.balance()
    by_hand.studio.fault(fault, times=None, provider="replicate", operation="create")
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.run(generation).failure == failure
    assert by_hand.studio.creates() == creates == len(by_hand.attempts(generation))
    assert by_hand.balance() == before
    text = card_failure(by_hand, generation)
    assert sentence in text and "30 credits were refunded" in text


def test_a_platform_error_is_mended_by_one_more_attempt_with_another_seed(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("platform_error", times=1, provider="replicate", operation="create")
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    first, second = by_hand.attempts(generation)
    assert (first.state, second.state) == (AttemptState.FAILED, AttemptState.SUCCEEDED)
    assert first.seed != second.seed
    assert first.payload["input"]["seed"] == first.seed
    assert by_hand.studio.creates() == 2


def test_throttled_waits_behind_the_providers_gate_and_counts_no_attempt(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("throttle", seconds=7, provider="replicate", operation="create")
    first, second = start(by_hand, mascot, "first"), start(by_hand, mascot, "second")
    enqueued = by_hand.tick()
    assert len(enqueued) == 2
    for job in enqueued:
        by_hand.do(job)
    # The second was enqueued before the gate closed: it waits like the others, unsent.
    assert by_hand.studio.creates() == 0 == by_hand.studio.attempts()
    assert [by_hand.run(one).state for one in (first, second)] == [RunState.QUEUED] * 2
    assert [by_hand.run(one).attempt_count for one in (first, second)] == [0, 0]
    assert by_hand.provider().blocked_until is not None
    by_hand.hurry(opens_gates=False)
    assert by_hand.tick() == []
    assert by_hand.finish(first) is by_hand.finish(second) is GenerationState.SUCCEEDED
    assert by_hand.studio.creates() == 2


def test_without_funds_one_run_fails_and_all_others_wait_until_someone_resumes(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("no_funds", provider="replicate", operation="create")
    first, second = start(by_hand, mascot, "first"), start(by_hand, mascot, "second")
    for job in by_hand.tick():
        by_hand.do(job)
    third = start(by_hand, mascot, "third")
    by_hand.hurry()
    assert by_hand.tick() == []
    assert by_hand.finish(first) is GenerationState.FAILED
    assert by_hand.run(first).failure == FailureClass.FUNDS
    assert [by_hand.run(one).state for one in (second, third)] == [RunState.QUEUED] * 2
    overview = by_hand.studio.services.overview
    paused = [one.name for one in overview.read(by_hand.studio.actor).providers if one.paused_at]
    assert paused == ["replicate"]
    remedies, offer = by_hand.studio.services.remedies, RemedyOffer("resume_provider", "replicate")
    dry_run = remedies.dry_run(by_hand.studio.actor, offer)
    remedies.apply(by_hand.studio.actor, offer, "paid the bill", dry_run.expected)
    assert by_hand.finish(second) is by_hand.finish(third) is GenerationState.SUCCEEDED
    assert by_hand.studio.creates() == 2


@pytest.mark.parametrize("operation", ["create", "files"])
def test_a_refused_token_pauses_the_provider_until_another_one_is_set(
    by_hand: ManualPipeline, mascot: str, operation: str
) -> None:
    by_hand.studio.fault("unauthorized", provider="replicate", operation=operation)
    first, second = start(by_hand, mascot, "first"), start(by_hand, mascot, "second")
    for job in by_hand.tick():
        by_hand.do(job)
    assert by_hand.finish(first) is GenerationState.FAILED
    assert by_hand.run(first).failure == FailureClass.CONFIGURATION
    by_hand.hurry()
    assert by_hand.tick() == []
    by_hand.dispatcher.register({"replicate": "another"})
    assert by_hand.finish(second) is GenerationState.SUCCEEDED


@pytest.mark.parametrize("fault", ["server_error", "malformed", "drop_before_create"])
def test_an_unanswered_create_that_is_not_found_is_never_resent(
    by_hand: ManualPipeline, mascot: str, fault: str
) -> None:
    by_hand.studio.fault(fault, provider="replicate", operation="create")
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.NEEDS_REVIEW
    by_hand.round()
    assert by_hand.studio.creates() == 0
    assert [one.state for one in by_hand.attempts(generation)] == [AttemptState.UNKNOWN]
    assert "unknown whether" in card_failure(by_hand, generation)


def test_a_create_whose_answer_was_lost_is_found_and_adopted(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("drop_after_create", provider="replicate", operation="create")
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.studio.creates() == 1 == len(by_hand.attempts(generation))
    assert "run.adopted" in by_hand.events(generation)


def test_a_lost_answer_is_searched_from_its_loss_not_from_its_send(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("drop_before_create", provider="replicate", operation="create")
    by_hand.limit(lookup_seconds=30.0)
    generation = start(by_hand, mascot)
    sent = by_hand.until_run(generation, RunState.SUBMITTING)
    with by_hand.context.database.transaction() as session:
        an_hour_ago = func.clock_timestamp() - timedelta(hours=1)
        session.execute(update(Attempt).values(created_at=an_hour_ago))
    by_hand.hurry()
    (job,) = by_hand.tick()
    assert job.step == "reconcile"
    by_hand.do(job)
    looked = by_hand.run(generation)
    assert looked.state is RunState.SUBMITTING
    assert looked.seq == sent.seq + 1


def test_a_prediction_past_its_deadline_is_canceled_there_and_timed_out_here(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("stuck", provider="replicate", operation="create")
    generation = start(by_hand, mascot)
    run = by_hand.until_run(generation, RunState.WAITING)
    by_hand.change_run(run.id, deadline_at=func.clock_timestamp())
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.run(generation).failure == FailureClass.TIMED_OUT
    assert by_hand.attempts(generation)[0].state is AttemptState.CANCELED
    seen = httpx.get(f"{by_hand.studio.simulator_url}/_simulator/predictions").json()
    assert seen["by_state"] == {"canceled": 1}


@pytest.mark.parametrize("fault", ["server_error", "throttle", "malformed"])
def test_polls_that_are_not_answered_cost_nothing(
    by_hand: ManualPipeline, mascot: str, fault: str
) -> None:
    by_hand.studio.fault(fault, times=7, seconds=0, provider="replicate", operation="get")
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.studio.creates() == 1


def test_one_unanswered_poll_after_the_deadline_does_not_throw_a_paid_picture_away(
    by_hand: ManualPipeline, mascot: str
) -> None:
    generation = start(by_hand, mascot)
    run = by_hand.until_run(generation, RunState.WAITING)
    by_hand.studio.fault("server_error", times=2, provider="replicate", operation="get")
    by_hand.change_run(run.id, deadline_at=func.clock_timestamp())
    by_hand.round()
    assert by_hand.run(generation).state is RunState.WAITING
    by_hand.studio.fault("server_error", times=None, provider="replicate", operation="get")
    for _ in range(10):
        by_hand.round()
    assert by_hand.run(generation).state is RunState.WAITING, "its output may still be there"
    by_hand.limit(output_window_seconds=-1.0)
    assert by_hand.finish(generation) is GenerationState.FAILED
    run = by_hand.run(generation)
    assert run.failure == FailureClass.UNANSWERED
    assert "answered 500" in (run.failure_detail or "")


def test_a_prediction_that_the_provider_forgot_is_lost(
    by_hand: ManualPipeline, mascot: str
) -> None:
    generation = start(by_hand, mascot)
    by_hand.until_run(generation, RunState.WAITING)
    httpx.post(f"{by_hand.studio.simulator_url}/_simulator/reset").raise_for_status()
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.run(generation).failure == FailureClass.LOST


def test_a_picture_that_went_before_it_was_fetched_is_a_missed_window(
    by_hand: ManualPipeline, mascot: str
) -> None:
    generation = start(by_hand, mascot)
    by_hand.until_run(generation, RunState.INGESTING)
    httpx.post(f"{by_hand.studio.simulator_url}/_simulator/reset").raise_for_status()
    for _ in range(8):
        by_hand.round()
    assert by_hand.run(generation).state is RunState.INGESTING, "a minute has not passed"
    by_hand.limit(unknown_seconds=0.0)
    assert by_hand.finish(generation) is GenerationState.FAILED
    run = by_hand.run(generation)
    assert run.failure == FailureClass.WINDOW_MISSED
    assert "an hour" not in (run.failure_detail or "")


def test_a_paid_picture_is_fetched_however_long_the_delivery_is_away(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("server_error", times=12, provider="replicate", operation="delivery")
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.events(generation).count("run.step_failed") == 12


def test_a_delivery_that_never_comes_back_ends_the_run_when_the_window_is_over(
    by_hand: ManualPipeline, mascot: str
) -> None:
    by_hand.studio.fault("server_error", times=None, provider="replicate", operation="delivery")
    by_hand.limit(output_window_seconds=-1.0)
    generation = start(by_hand, mascot)
    assert by_hand.finish(generation) is GenerationState.FAILED
