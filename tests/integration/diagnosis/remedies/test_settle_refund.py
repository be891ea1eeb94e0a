"""SettleRefund makes a batch's credits add up; they can be refunded again afterwards."""

import pytest
from sqlalchemy import func, select, update

from services.core.states import EntryKind, GenerationState, RunState, SlotState, Tier
from services.credits.ledger import refund_slot
from services.database.models import Account, Generation, QuotaDay, Run, Slot
from services.remedies.generations import BALANCED
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup


def never_refunded(setup: RemedySetup) -> str:
    """Two poses that failed without a refund, as no step of ours would leave them."""
    generation = setup.pose(2)
    of_it = {"failure": "unknown", "failure_detail": "Planted"}
    setup.write(
        update(Slot)
        .where(Slot.generation_id == generation)
        .values(state=SlotState.FAILED, **of_it),
        update(Run).where(Run.generation_id == generation).values(state=RunState.FAILED),
        update(Generation)
        .where(Generation.id == generation)
        .values(state=GenerationState.FAILED, finished_at=func.clock_timestamp()),
    )
    return generation


def refunded_too_much(setup: RemedySetup) -> str:
    """A finished pose whose credits were given back all the same."""
    generation = setup.pose()
    setup.by_hand.finish(generation)
    with setup.by_hand.context.database.transaction() as session:
        slot = session.scalars(select(Slot).where(Slot.generation_id == generation)).one()
        refund_slot(session, slot, "Planted")
    return generation


def test_missing_refunds_are_written_once(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    before = by_hand.balance()
    generation = never_refunded(setup)
    assert setup.dry_run("settle_refund", generation).credits == 60
    setup.apply_once("settle_refund", generation)
    by_hand.studio.assert_sound(generation)
    assert by_hand.balance() == before
    assert setup.dry_run("settle_refund", generation).problem == BALANCED
    assert by_hand.events(generation).count("slot.refunded") == 2


def test_surplus_refund_is_charged_back_and_can_be_refunded_later(
    setup: RemedySetup,
) -> None:
    by_hand = setup.by_hand
    before = by_hand.balance()
    generation = refunded_too_much(setup)
    assert setup.dry_run("settle_refund", generation).credits == -30
    slot = by_hand.slots(generation)[0]
    setup.lose(slot)
    problem = setup.dry_run("fail_and_refund", setup.run_of(slot).id).problem
    assert problem and "settle the refunds" in problem
    setup.apply_once("settle_refund", generation)
    by_hand.studio.assert_sound(generation)
    assert by_hand.balance() == before - 30
    setup.apply_once("fail_and_refund", setup.run_of(slot).id)
    by_hand.studio.assert_sound(generation)
    assert by_hand.balance() == before
    totals = setup.services.ledger.totals(setup.actor)
    assert all(account.uneven == 0 for account in totals.values())


def test_charge_back_never_overdraws_the_account(setup: RemedySetup) -> None:
    generation = refunded_too_much(setup)
    (slot,) = setup.by_hand.slots(generation)
    left = setup.by_hand.balance() - 10
    setup.services.accounts.grant(setup.actor, slot.account_id, -left, "Taken", "drain")
    problem = setup.dry_run("settle_refund", generation).problem
    assert problem and "cannot fall below zero" in problem


def test_balanced_batch_is_refused(setup: RemedySetup) -> None:
    generation = setup.pose()
    assert setup.dry_run("settle_refund", generation).problem == BALANCED


@pytest.mark.parametrize("is_missing", [True, False])
def test_unlimited_tier_is_settled_in_its_quota(setup: RemedySetup, is_missing: bool) -> None:
    setup.write(update(Account).values(tier=Tier.UNLIMITED, daily_quota=9))
    generation = never_refunded(setup) if is_missing else refunded_too_much(setup)
    assert _used(setup) == (2 if is_missing else 0)
    setup.apply_once("settle_refund", generation)
    assert _used(setup) == (0 if is_missing else 1)
    assert setup.credits(generation, EntryKind.CHARGE) == 0
    setup.by_hand.studio.assert_sound(generation)


def _used(setup: RemedySetup) -> int:
    return int(setup.all(select(func.sum(QuotaDay.used)))[0] or 0)
