"""Regenerate: charged when the slot was refunded, free when its file is missing."""

from sqlalchemy import update

from services.core.states import EntryKind, GenerationState, SlotState
from services.credits.budget import BudgetLimits
from services.database.models import Asset, Generation
from services.remedies.subjects import DERIVED
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup
from tests.integration.pipeline.simulated import made_from, start


def test_one_of_two_failed_slots_is_charged_and_regenerated(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    by_hand.studio.fault("out_of_memory", times=2, provider="replicate", operation="create")
    generation = setup.pose(3)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    missing = [slot for slot in by_hand.slots(generation) if slot.state is SlotState.FAILED]
    before = by_hand.balance()
    dry_run = setup.dry_run("regenerate", missing[0].id)
    assert dry_run.credits == -30 and dry_run.cost_usd > 0
    setup.apply_once("regenerate", missing[0].id)
    assert by_hand.balance() == before - 30
    states = [slot.state for slot in by_hand.slots(generation)]
    assert states.count(SlotState.FAILED) == states.count(SlotState.PENDING) == 1
    # While that one is being made, the other may be ordered as well.
    setup.apply(setup.dry_run("regenerate", missing[1].id))
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert setup.credits(generation, EntryKind.CHARGE) == -150
    assert setup.credits(generation, EntryKind.REFUND) == 60


def test_slots_that_failed_with_their_parent_are_regenerated_with_it(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    by_hand.studio.fault("refuse_content", provider="gemini")
    generation = by_hand.studio.start_mascots().generation_id
    assert by_hand.finish(generation) is GenerationState.FAILED
    parent, child, _ = by_hand.slots(generation)
    problem = setup.dry_run("regenerate", child.id).problem
    assert problem and "Regenerate that one" in problem
    setup.apply_once("regenerate", parent.id)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


def test_missing_picture_is_regenerated_free_of_charge(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = by_hand.studio.start_mascots().generation_id
    by_hand.finish(generation)
    parent, *children = by_hand.slots(generation)
    problem = setup.dry_run("regenerate", parent.id).problem
    assert problem and "is in storage" in problem
    lost, before = setup.lose(parent), by_hand.balance()
    dry_run = setup.dry_run("regenerate", parent.id)
    assert dry_run.credits == 0 and dry_run.cost_usd > 0
    setup.apply_once("regenerate", parent.id)
    assert by_hand.studio.state(generation) is GenerationState.RUNNING
    by_hand.studio.assert_sound(generation)
    assert not setup.has_file(lost.thumbnail_key)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    made, *derived = by_hand.slots(generation)
    assert made.asset_id not in (None, lost.id)
    assert [slot.asset_id for slot in derived] == [slot.asset_id for slot in children]
    assert by_hand.balance() == before
    with by_hand.context.database.transaction() as session:
        assert session.get_one(Asset, lost.id).deleted_at is not None


def test_free_regeneration_that_fails_is_refunded(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose()
    by_hand.finish(generation)
    (slot,) = by_hand.slots(generation)
    setup.lose(slot)
    before = by_hand.balance()
    # As after a cancel that came too late: regenerating it withdraws that cancel.
    setup.write(update(Generation).values(cancel_requested_at=Generation.created_at))
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    setup.apply_once("regenerate", slot.id)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.balance() == before + 30


def test_balance_and_budget_limit_regeneration(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = setup.pose(2)
    by_hand.finish(generation)
    failed, filled = sorted(by_hand.slots(generation), key=lambda slot: slot.state.value)
    setup.lose(filled)
    setup.services.budget.change(setup.actor, BudgetLimits(0.0001, None), "Agreed")
    for slot in (failed, filled):
        problem = setup.dry_run("regenerate", slot.id).problem
        assert problem and "budget for this day" in problem
    setup.services.budget.change(setup.actor, BudgetLimits(None, 99.0), "Agreed")
    left = by_hand.balance()
    setup.services.accounts.grant(setup.actor, failed.account_id, -left, "Taken", "drain")
    problem = setup.dry_run("regenerate", failed.id).problem
    assert problem and "account holds 0" in problem
    assert setup.dry_run("regenerate", filled.id).problem is None


def test_simulation_with_derived_pictures_cannot_be_regenerated(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = start(by_hand.studio)
    by_hand.finish(generation)
    slot, other = by_hand.slots(generation)
    made_from(by_hand.studio, slot)
    for one in (slot, other):
        setup.lose(one)
    assert setup.dry_run("regenerate", slot.id).problem == DERIVED
    assert setup.dry_run("regenerate", other.id).problem is None
