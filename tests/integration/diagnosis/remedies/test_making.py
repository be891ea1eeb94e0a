"""Make again: one slot of many, charged when it was refunded, free when its file was lost."""

from sqlalchemy import update

from services.core.states import EntryKind, GenerationState, SlotState
from services.credits.budget import BudgetLimits
from services.database.models import Asset, Generation
from services.remedies.base import RemedyKind
from services.remedies.slot_files import MADE_FROM
from tests.integration.diagnosis.remedies.surgery import Surgery
from tests.integration.pipeline.simulated import made_from, start


def test_one_of_two_missing_slots_is_charged_and_made_again(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    by_hand.studio.fault("out_of_memory", times=2, provider="replicate", operation="create")
    generation = surgery.pose(3)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    missing = [slot for slot in by_hand.slots(generation) if slot.state is SlotState.FAILED]
    before = by_hand.balance()
    look = surgery.look(RemedyKind.REGENERATE, missing[0].id)
    assert look.credits == -30 and look.cost_usd > 0
    surgery.order(RemedyKind.REGENERATE, missing[0].id)
    assert by_hand.balance() == before - 30
    states = [slot.state for slot in by_hand.slots(generation)]
    assert states.count(SlotState.FAILED) == states.count(SlotState.PENDING) == 1
    # While that one is being made, the other may be ordered as well.
    surgery.apply(surgery.look(RemedyKind.REGENERATE, missing[1].id))
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert surgery.credits(generation, EntryKind.CHARGE) == -150
    assert surgery.credits(generation, EntryKind.REFUND) == 60


def test_what_failed_with_its_parent_is_made_again_with_it(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    by_hand.studio.fault("refuse_content", provider="gemini")
    generation = by_hand.studio.start_mascots().generation_id
    assert by_hand.finish(generation) is GenerationState.FAILED
    parent, child, _ = by_hand.slots(generation)
    problem = surgery.look(RemedyKind.REGENERATE, child.id).problem
    assert problem and "Make that one again" in problem
    surgery.order(RemedyKind.REGENERATE, parent.id)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


def test_a_lost_picture_is_made_again_for_nothing(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.finish(generation)
    parent, *children = by_hand.slots(generation)
    problem = surgery.look(RemedyKind.REGENERATE, parent.id).problem
    assert problem and "is in the storage" in problem
    lost, before = surgery.lose(parent), by_hand.balance()
    look = surgery.look(RemedyKind.REGENERATE, parent.id)
    assert look.credits == 0 and look.cost_usd > 0
    surgery.order(RemedyKind.REGENERATE, parent.id)
    assert by_hand.studio.state(generation) is GenerationState.RUNNING
    by_hand.studio.assert_sound(generation)
    assert not surgery.has_file(lost.thumbnail_key)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    made, *kept = by_hand.slots(generation)
    assert made.asset_id not in (None, lost.id)
    assert [slot.asset_id for slot in kept] == [slot.asset_id for slot in children]
    assert by_hand.balance() == before
    with by_hand.parts.database.transaction() as session:
        assert session.get_one(Asset, lost.id).deleted_at is not None


def test_one_that_fails_the_second_time_is_refunded(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose()
    by_hand.finish(generation)
    (slot,) = by_hand.slots(generation)
    surgery.lose(slot)
    before = by_hand.balance()
    # As after a cancel that came too late: making it again ends that wish.
    surgery.write(update(Generation).values(cancel_requested_at=Generation.created_at))
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    surgery.order(RemedyKind.REGENERATE, slot.id)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.balance() == before + 30


def test_money_and_budget_are_looked_at_before(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = surgery.pose(2)
    by_hand.finish(generation)
    failed, filled = sorted(by_hand.slots(generation), key=lambda slot: slot.state.value)
    surgery.lose(filled)
    surgery.services.budget.change(surgery.actor, BudgetLimits(0.0001, None), "Agreed")
    for slot in (failed, filled):
        problem = surgery.look(RemedyKind.REGENERATE, slot.id).problem
        assert problem and "budget for this day" in problem
    surgery.services.budget.change(surgery.actor, BudgetLimits(None, 99.0), "Agreed")
    left = by_hand.balance()
    surgery.services.accounts.grant(surgery.actor, failed.account_id, -left, "Taken", "drain")
    problem = surgery.look(RemedyKind.REGENERATE, failed.id).problem
    assert problem and "account holds 0" in problem
    assert surgery.look(RemedyKind.REGENERATE, filled.id).problem is None


def test_a_simulation_that_others_were_made_from_keeps_its_place(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = start(by_hand.studio)
    by_hand.finish(generation)
    slot, other = by_hand.slots(generation)
    made_from(by_hand.studio, slot)
    for one in (slot, other):
        surgery.lose(one)
    assert surgery.look(RemedyKind.REGENERATE, slot.id).problem == MADE_FROM
    assert surgery.look(RemedyKind.REGENERATE, other.id).problem is None
