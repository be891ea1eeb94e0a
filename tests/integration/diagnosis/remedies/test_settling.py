"""Settle: whatever was done to a batch's credits, they add up afterwards, and can be refunded again."""

import pytest
from sqlalchemy import func, select, update

from services.core.states import EntryKind, GenerationState, RunState, SlotState, Tier
from services.credits.ledger import refund_slot
from services.database.models import Account, Generation, QuotaDay, Run, Slot
from services.remedies.base import RemedyKind
from services.remedies.settle_refund import EVEN
from tests.integration.diagnosis.remedies.surgery import Surgery


def never_refunded(surgery: Surgery) -> str:
    """Two poses that failed without a refund, as no step of ours would leave them."""
    generation = surgery.pose(2)
    of_it = {"failure": "unknown", "failure_detail": "Planted"}
    surgery.write(
        update(Slot)
        .where(Slot.generation_id == generation)
        .values(state=SlotState.FAILED, **of_it),
        update(Run).where(Run.generation_id == generation).values(state=RunState.FAILED),
        update(Generation)
        .where(Generation.id == generation)
        .values(state=GenerationState.FAILED, finished_at=func.clock_timestamp()),
    )
    return generation


def given_back_too_much(surgery: Surgery) -> str:
    """A finished pose whose credits were given back all the same."""
    generation = surgery.pose()
    surgery.by_hand.finish(generation)
    with surgery.by_hand.parts.database.transaction() as session:
        slot = session.scalars(select(Slot).where(Slot.generation_id == generation)).one()
        refund_slot(session, slot, "Planted")
    return generation


def test_missing_refunds_are_written_once(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    before = by_hand.balance()
    generation = never_refunded(surgery)
    assert surgery.look(RemedyKind.SETTLE_REFUND, generation).credits == 60
    surgery.order(RemedyKind.SETTLE_REFUND, generation)
    by_hand.studio.assert_sound(generation)
    assert by_hand.balance() == before
    assert surgery.look(RemedyKind.SETTLE_REFUND, generation).problem == EVEN
    assert by_hand.events(generation).count("slot.refunded") == 2


def test_what_was_given_back_too_much_is_charged_and_can_be_refunded_later(
    surgery: Surgery,
) -> None:
    by_hand = surgery.by_hand
    before = by_hand.balance()
    generation = given_back_too_much(surgery)
    assert surgery.look(RemedyKind.SETTLE_REFUND, generation).credits == -30
    slot = by_hand.slots(generation)[0]
    surgery.lose(slot)
    problem = surgery.look(RemedyKind.FAIL_AND_REFUND, surgery.run_of(slot).id).problem
    assert problem and "settle the refunds" in problem
    surgery.order(RemedyKind.SETTLE_REFUND, generation)
    by_hand.studio.assert_sound(generation)
    assert by_hand.balance() == before - 30
    surgery.order(RemedyKind.FAIL_AND_REFUND, surgery.run_of(slot).id)
    by_hand.studio.assert_sound(generation)
    assert by_hand.balance() == before
    totals = surgery.services.ledger.totals(surgery.actor)
    assert all(account.uneven == 0 for account in totals.values())


def test_a_balance_that_is_used_up_cannot_be_charged(surgery: Surgery) -> None:
    generation = given_back_too_much(surgery)
    (slot,) = surgery.by_hand.slots(generation)
    left = surgery.by_hand.balance() - 10
    surgery.services.accounts.grant(surgery.actor, slot.account_id, -left, "Taken", "drain")
    problem = surgery.look(RemedyKind.SETTLE_REFUND, generation).problem
    assert problem and "cannot fall below zero" in problem


def test_a_batch_that_adds_up_is_left_alone(surgery: Surgery) -> None:
    generation = surgery.pose()
    assert surgery.look(RemedyKind.SETTLE_REFUND, generation).problem == EVEN


@pytest.mark.parametrize("is_missing", [True, False])
def test_the_unlimited_tier_is_settled_in_its_quota(surgery: Surgery, is_missing: bool) -> None:
    surgery.write(update(Account).values(tier=Tier.UNLIMITED, daily_quota=9))
    generation = never_refunded(surgery) if is_missing else given_back_too_much(surgery)
    assert _used(surgery) == (2 if is_missing else 0)
    surgery.order(RemedyKind.SETTLE_REFUND, generation)
    assert _used(surgery) == (0 if is_missing else 1)
    assert surgery.credits(generation, EntryKind.CHARGE) == 0
    surgery.by_hand.studio.assert_sound(generation)


def _used(surgery: Surgery) -> int:
    return int(surgery.all(select(func.sum(QuotaDay.used)))[0] or 0)
