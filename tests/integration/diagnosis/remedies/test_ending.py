"""Fail and refund: whatever is left of a run ends, and its credits go back once."""

from services.core.states import AttemptState, GenerationState, RunState, SlotState
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.remedies.base import RemedyKind
from tests.integration.diagnosis.remedies.surgery import Surgery


def test_what_is_at_the_provider_is_ended_there_and_refunded(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    before = by_hand.balance()
    generation = surgery.stuck()
    run = by_hand.run(generation)
    look = surgery.look(RemedyKind.FAIL_AND_REFUND, run.id)
    assert look.credits == 30 and "canceled there" in look.sentence
    outcome = surgery.order(RemedyKind.FAIL_AND_REFUND, run.id)
    assert "canceled at the provider" in outcome.sentence
    poll(by_hand.parts, Step(run.id, run.seq), "a late look")
    assert by_hand.finish(generation) is GenerationState.FAILED
    (attempt,) = by_hand.attempts(generation)
    assert attempt.state is AttemptState.CANCELED and attempt.actual_cost_usd is not None
    assert by_hand.balance() == before
    card = surgery.services.generations.card(surgery.actor, generation)
    assert card.slots[0].failure == "A person ended it. 30 credits were refunded."


def test_children_that_wait_are_refunded_with_it(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    before = by_hand.balance()
    generation = by_hand.studio.start_mascots().generation_id
    run = by_hand.run(generation)
    assert surgery.look(RemedyKind.FAIL_AND_REFUND, run.id).credits == before - by_hand.balance()
    surgery.order(RemedyKind.FAIL_AND_REFUND, run.id)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.balance() == before


def test_an_order_in_doubt_is_given_up(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.in_doubt()
    held, run = by_hand.balance(), by_hand.run(generation)
    surgery.order(RemedyKind.FAIL_AND_REFUND, run.id)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.balance() == held + 30
    look = surgery.look(RemedyKind.FAIL_AND_REFUND, run.id)
    assert look.problem and "ended without this picture" in look.problem


def test_a_lost_picture_is_given_back(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose(2)
    by_hand.finish(generation)
    lost, kept = by_hand.slots(generation)
    run = surgery.run_of(lost)
    look = surgery.look(RemedyKind.FAIL_AND_REFUND, run.id)
    assert look.problem == "Its files are all in the storage: nothing is lost."
    surgery.lose(lost)
    before = by_hand.balance()
    surgery.order(RemedyKind.FAIL_AND_REFUND, run.id)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    assert by_hand.balance() == before + 30
    states = {slot.id: (slot.state, slot.asset_id) for slot in by_hand.slots(generation)}
    assert states[lost.id] == (SlotState.FAILED, None)
    assert states[kept.id] == (SlotState.FILLED, kept.asset_id)
    assert surgery.services.retry.quote(surgery.actor, generation).price_credits == 30


def test_a_request_on_its_way_is_waited_for(surgery: Surgery) -> None:
    run = surgery.by_hand.run(surgery.pose())
    surgery.hold(run.id, RunState.SUBMITTING)
    for kind in (RemedyKind.FAIL_AND_REFUND, RemedyKind.DECLARE_LOST):
        problem = surgery.look(kind, run.id).problem
        assert problem and "being sent to the provider" in problem
