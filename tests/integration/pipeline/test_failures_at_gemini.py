"""Every failure that Gemini can answer a batch with has one exit, and each exit is settled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from services.core.errors import StorageError
from services.core.states import AttemptState, GenerationState, RunState, SlotRole, SlotState
from services.providers.base import FailureClass
from services.storage.base import Storage
from tests.integration.pipeline.manual_pipeline import ManualPipeline

PICTURE = 10
BATCH = 30


def start(by_hand: ManualPipeline, key: str = "mascots") -> str:
    """Start one variation: a full body, then an avatar and an icon made from it."""
    return by_hand.studio.start_mascots(key=key).generation_id


@pytest.mark.parametrize(
    ("fault", "failure", "attempts"),
    [
        ("refuse_content", FailureClass.CONTENT_REFUSED, 1),
        ("refuse_output", FailureClass.CONTENT_REFUSED, 1),
        ("fewer_outputs", FailureClass.EMPTY, 1),
        ("platform_error", FailureClass.TRANSIENT, 3),
        ("drop_after_create", FailureClass.TRANSIENT, 3),
        ("malformed", FailureClass.TRANSIENT, 3),
        ("truncated_output", FailureClass.PLATFORM, 2),
    ],
)
def test_a_failed_full_body_ends_its_avatar_and_icon_and_all_three_are_refunded(
    by_hand: ManualPipeline, fault: str, failure: FailureClass, attempts: int
) -> None:
    before = by_hand.balance()
    by_hand.studio.fault(fault, times=None, provider="gemini", operation="generate")
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert len(by_hand.attempts(generation)) == attempts
    body, *children = by_hand.slots(generation)
    assert body.failure == failure
    assert {child.role for child in children} == {SlotRole.AVATAR, SlotRole.SQUARE_ICON}
    assert [child.failure for child in children] == ["parent_failed"] * 2
    assert by_hand.balance() == before
    card = by_hand.studio.services.generations.card(by_hand.studio.actor, generation)
    assert card.refunded_credits == BATCH


def test_a_failed_avatar_is_refunded_alone(by_hand: ManualPipeline) -> None:
    before = by_hand.balance()
    by_hand.studio.fault("refuse_content", provider="gemini", prompt_contains="Avatar of the same")
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    states = [slot.state for slot in by_hand.slots(generation)]
    assert states == [SlotState.FILLED, SlotState.FAILED, SlotState.FILLED]
    assert by_hand.balance() == before - BATCH + PICTURE


def test_an_overloaded_model_is_retried_and_then_answers(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("platform_error", times=2, provider="gemini", operation="generate")
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    states = [attempt.state for attempt in by_hand.attempts(generation)[:3]]
    assert states == [AttemptState.FAILED, AttemptState.FAILED, AttemptState.SUCCEEDED]


def test_a_quota_blocks_gemini_for_its_retry_delay_and_counts_no_attempt(
    by_hand: ManualPipeline,
) -> None:
    by_hand.studio.fault("throttle", seconds=17, provider="gemini", operation="generate")
    generation = start(by_hand)
    (job,) = by_hand.tick()
    by_hand.do(job)
    run = by_hand.run(generation)
    assert (run.state, run.attempt_count) == (RunState.QUEUED, 0)
    blocked_until = by_hand.provider("gemini").blocked_until
    assert blocked_until and blocked_until - datetime.now(UTC) > timedelta(seconds=15)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


@pytest.mark.parametrize(
    ("fault", "failure"),
    [("no_funds", FailureClass.FUNDS), ("unauthorized", FailureClass.CONFIGURATION)],
)
def test_what_would_fail_every_call_pauses_gemini_but_not_replicate(
    by_hand: ManualPipeline, fault: str, failure: FailureClass
) -> None:
    by_hand.studio.fault(fault, provider="gemini", operation="generate")
    generation = start(by_hand)
    waiting = start(by_hand, "another")
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.run(generation).failure == failure
    by_hand.round()
    assert by_hand.run(waiting).state is RunState.QUEUED
    assert by_hand.provider("gemini").paused_at is not None
    assert by_hand.provider("replicate").paused_at is None
    card = by_hand.studio.services.generations.card(by_hand.studio.actor, waiting)
    assert card.slots[0].waiting_for.startswith("Gemini is paused: ")


class AwayForAMoment:
    """A storage that refuses its first puts."""

    def __init__(self, storage: Storage, refusals: int) -> None:
        self._storage = storage
        self._refusals = refusals

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def put(self, *arguments: Any) -> None:
        """Refuse, or store after all."""
        if self._refusals:
            self._refusals -= 1
            raise StorageError(reason="away")
        self._storage.put(*arguments)


@pytest.mark.parametrize(("refusals", "calls"), [(3, 3), (4, 4)])
def test_a_paid_answer_waits_for_a_storage_that_is_away_for_a_moment(
    by_hand: ManualPipeline, monkeypatch: pytest.MonkeyPatch, refusals: int, calls: int
) -> None:
    monkeypatch.setattr("services.pipeline.steps.submit.STORAGE_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    storage = cast(Storage, AwayForAMoment(by_hand.context.storage, refusals))
    by_hand.context = replace(by_hand.context, storage=storage)
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert len(by_hand.attempts(generation)) == calls
