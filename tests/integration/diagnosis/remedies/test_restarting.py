"""Cancel and start again, and declare lost: another attempt, and no credits move."""

import pytest

from services.core.errors import RemedyRefusedError
from services.core.states import AttemptState, GenerationState, RunState
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.remedies.base import RemedyKind
from services.remedies.restart import FINISHED_MEANWHILE
from tests.integration.diagnosis.remedies.surgery import Surgery
from tests.waiting import eventually


def test_a_stuck_prediction_is_canceled_there_and_ordered_once_more(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.stuck()
    held, run = by_hand.balance(), by_hand.run(generation)
    outcome = surgery.order(RemedyKind.CANCEL_AND_RESTART, run.id)
    assert "canceled at the provider" in outcome.sentence
    assert by_hand.balance() == held
    poll(by_hand.parts, Step(run.id, run.seq), "a late look")
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    first, second = by_hand.attempts(generation)
    assert (first.state, second.state) == (AttemptState.CANCELED, AttemptState.SUCCEEDED)
    assert first.actual_cost_usd is not None
    assert first.seed != second.seed
    fingerprint = by_hand.provider().token_fingerprint
    assert first.token_fingerprint == second.token_fingerprint == fingerprint is not None
    assert by_hand.balance() == held
    assert surgery.told(generation) == ["cancel_and_restart"]


def test_one_that_has_finished_meanwhile_is_fetched_instead(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose()
    run = by_hand.until_run(generation, RunState.WAITING)
    look = surgery.look(RemedyKind.CANCEL_AND_RESTART, run.id)

    def has_finished() -> bool:
        now = surgery.services.remedies.dry_run(surgery.actor, look.offer)
        return bool(now.problem == FINISHED_MEANWHILE)

    eventually(has_finished)
    with pytest.raises(RemedyRefusedError, match="fetched instead"):
        surgery.apply(look)
    (ring,) = by_hand.tick()
    by_hand.do(ring)
    assert by_hand.run(generation).state is RunState.INGESTING
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert len(by_hand.attempts(generation)) == 1


def test_what_is_not_at_a_provider_cannot_be_canceled_there(surgery: Surgery) -> None:
    run = surgery.by_hand.run(surgery.pose())
    problem = surgery.look(RemedyKind.CANCEL_AND_RESTART, run.id).problem
    assert problem == "It does not wait at a provider."


def test_an_order_in_doubt_is_declared_lost_and_sent_once_more(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.in_doubt()
    held = by_hand.balance()
    run = by_hand.run(generation)
    look = surgery.look(RemedyKind.DECLARE_LOST, run.id)
    assert "bills both" in look.sentence and look.cost_usd > 0 and look.credits == 0
    surgery.order(RemedyKind.DECLARE_LOST, run.id)
    assert by_hand.studio.state(generation) is not GenerationState.NEEDS_REVIEW
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    states = [attempt.state for attempt in by_hand.attempts(generation)]
    assert states == [AttemptState.LOST, AttemptState.SUCCEEDED]
    assert by_hand.balance() == held


def test_what_is_known_is_not_declared_lost(surgery: Surgery) -> None:
    generation = surgery.stuck()
    look = surgery.look(RemedyKind.DECLARE_LOST, surgery.by_hand.run(generation).id)
    assert look.problem == "It is known by now what became of this order."


def test_nothing_of_a_canceled_batch_is_ordered_again(surgery: Surgery) -> None:
    generation = surgery.stuck()
    surgery.services.cancel.cancel(surgery.actor, generation)
    look = surgery.look(RemedyKind.CANCEL_AND_RESTART, surgery.by_hand.run(generation).id)
    assert look.problem and "was canceled" in look.problem
