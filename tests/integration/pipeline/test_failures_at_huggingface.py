"""A picture of Hugging Face through the one pipeline: made, or each failure settled."""

from datetime import timedelta

import pytest

from services.core.states import AttemptState, GenerationState, Kind, RunState, SlotRole
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.start import Starter
from services.providers.base import FailureClass
from services.recipes.base import GenerationPlan, SlotPlan
from tests.integration.pipeline.manual_pipeline import ManualPipeline

PROVIDER = "huggingface"
PRICE = 15


def start(by_hand: ManualPipeline, prompt: str = "a fox, waving") -> str:
    """Start one picture from words alone."""
    slot = SlotPlan(
        role=SlotRole.POSE,
        provider=PROVIDER,
        model="black-forest-labs/FLUX.1-dev",
        prompt=prompt,
        price_credits=PRICE,
        cost_usd=0.03,
        aspect_ratio="1:1",
    )
    plan = GenerationPlan(Kind.POSES, DEFAULT_ACCOUNT_ID, "Waving", {}, (slot,))
    starter = Starter(by_hand.context.database, by_hand.queue)
    return starter.start(by_hand.studio.actor, plan, "words").generation_id


def test_a_picture_is_made_and_stored(by_hand: ManualPipeline) -> None:
    before = by_hand.balance()
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (slot,), (attempt,) = by_hand.slots(generation), by_hand.attempts(generation)
    assert slot.asset_id
    assert attempt.payload["inputs"] == "a fox, waving"
    assert by_hand.balance() == before - PRICE


@pytest.mark.parametrize(
    ("fault", "failure", "attempts"),
    [
        ("cold_start", FailureClass.TRANSIENT, 3),
        ("platform_error", FailureClass.TRANSIENT, 3),
        ("drop_after_create", FailureClass.TRANSIENT, 3),
        ("cut_output", FailureClass.TRANSIENT, 3),
        ("malformed", FailureClass.PLATFORM, 2),
        ("truncated_output", FailureClass.PLATFORM, 2),
    ],
)
def test_a_failure_that_stays_is_refunded(
    by_hand: ManualPipeline, fault: str, failure: FailureClass, attempts: int
) -> None:
    before = by_hand.balance()
    by_hand.studio.fault(fault, times=None, provider=PROVIDER, operation="generate")
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.slots(generation)[0].failure == failure
    assert len(by_hand.attempts(generation)) == attempts
    assert by_hand.balance() == before


@pytest.mark.parametrize("fault", ["no_funds", "unauthorized"])
def test_a_refused_account_pauses_hugging_face_alone(by_hand: ManualPipeline, fault: str) -> None:
    by_hand.studio.fault(fault, provider=PROVIDER, operation="generate")
    assert by_hand.finish(start(by_hand)) is GenerationState.FAILED
    assert "Hugging Face answered 40" in (by_hand.provider(PROVIDER).paused_reason or "")
    assert by_hand.provider("gemini").paused_at is None


def test_a_cold_model_is_retried_after_its_announced_delay(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("cold_start", provider=PROVIDER, operation="generate")
    generation = start(by_hand)
    (job,) = by_hand.tick()
    by_hand.do(job)
    run = by_hand.run(generation)
    assert run.state is RunState.QUEUED
    assert run.due_at - run.created_at >= timedelta(seconds=42)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    states = [attempt.state for attempt in by_hand.attempts(generation)]
    assert states == [AttemptState.FAILED, AttemptState.SUCCEEDED]
