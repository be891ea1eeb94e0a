"""FailAndRefund closes what a run owes and refunds it once."""

from services.core.states import AttemptState, GenerationState, RunState, SlotState
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.remedies.subjects import ALL_THERE
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup


def test_waiting_run_is_canceled_at_the_provider_and_refunded(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    before = by_hand.balance()
    generation = setup.stuck()
    run = by_hand.run(generation)
    dry_run = setup.dry_run("fail_and_refund", run.id)
    assert dry_run.credits == 30 and "at the provider is canceled" in dry_run.sentence
    outcome = setup.apply_once("fail_and_refund", run.id)
    assert "canceled at the provider" in outcome.sentence
    poll(by_hand.context, Step(run.id, run.seq), "a late poll")
    assert by_hand.finish(generation) is GenerationState.FAILED
    (attempt,) = by_hand.attempts(generation)
    assert attempt.state is AttemptState.CANCELED and attempt.actual_cost_usd is not None
    assert by_hand.balance() == before
    card = setup.services.generations.card(setup.actor, generation)
    assert card.slots[0].failure == "A person ended it. 30 credits were refunded."


def test_blocked_slots_are_refunded_with_their_parent(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    before = by_hand.balance()
    generation = by_hand.studio.start_mascots().generation_id
    run = by_hand.run(generation)
    assert setup.dry_run("fail_and_refund", run.id).credits == before - by_hand.balance()
    setup.apply_once("fail_and_refund", run.id)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.balance() == before


def test_run_that_needs_review_is_failed_and_refunded(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.in_doubt()
    held, run = by_hand.balance(), by_hand.run(generation)
    setup.apply_once("fail_and_refund", run.id)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.balance() == held + 30
    dry_run = setup.dry_run("fail_and_refund", run.id)
    assert dry_run.problem and "ended without this picture" in dry_run.problem


def test_missing_picture_is_refunded(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose(2)
    by_hand.finish(generation)
    lost, intact = by_hand.slots(generation)
    run = setup.run_of(lost)
    dry_run = setup.dry_run("fail_and_refund", run.id)
    assert dry_run.problem == ALL_THERE
    setup.lose(lost)
    before = by_hand.balance()
    setup.apply_once("fail_and_refund", run.id)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    assert by_hand.balance() == before + 30
    states = {slot.id: (slot.state, slot.asset_id) for slot in by_hand.slots(generation)}
    assert states[lost.id] == (SlotState.FAILED, None)
    assert states[intact.id] == (SlotState.FILLED, intact.asset_id)
    assert setup.services.retry.quote(setup.actor, generation).price_credits == 30


def test_run_being_submitted_is_refused(setup: RemedySetup) -> None:
    run = setup.by_hand.run(setup.pose())
    setup.hold(run.id, RunState.SUBMITTING)
    for kind in ("fail_and_refund", "declare_lost"):
        problem = setup.dry_run(kind, run.id).problem
        assert problem and "being submitted to the provider" in problem
