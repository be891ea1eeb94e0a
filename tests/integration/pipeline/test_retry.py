"""Retry: what is missing alone is made again, charged again; the first refund stands."""

import pytest
from sqlalchemy import func, select, update

from services.core.actors import Actor
from services.core.errors import (
    InsufficientCreditsError,
    InvalidRequestError,
    NotAllowedError,
    QuotaReachedError,
)
from services.core.states import EntryKind, GenerationState, Role, SlotState, Tier
from services.database.models import Account, LedgerEntry, QuotaDay
from services.database.seed import DEFAULT_ACCOUNT_ID
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline

AFTER_MASCOT = 10_000 - 10
"""What a finished mascot leaves of the starting credits."""
VIEWER = Actor("per_viewer", "Viewer", Role.VIEWER)


def partial_poses(by_hand: ManualPipeline) -> str:
    """Three poses of which one failed and was refunded."""
    mascot = finished_mascot(by_hand.studio.services)
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = by_hand.studio.start_poses(mascot, 3).generation_id
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    return generation


def entries(by_hand: ManualPipeline, generation: str, kind: EntryKind) -> list[LedgerEntry]:
    """Its ledger, oldest first."""
    with by_hand.context.database.transaction() as session:
        query = select(LedgerEntry).where(
            LedgerEntry.generation_id == generation, LedgerEntry.kind == kind
        )
        return list(session.scalars(query.order_by(LedgerEntry.id)))


def test_a_retry_makes_and_charges_only_missing_slots(by_hand: ManualPipeline) -> None:
    generation = partial_poses(by_hand)
    stored = [slot.asset_id for slot in by_hand.slots(generation) if slot.asset_id]
    services, actor = by_hand.studio.services, by_hand.studio.actor
    quote = services.retry.quote(actor, generation)
    assert (quote.slot_count, quote.price_credits, quote.problems) == (1, 30, ())
    assert services.retry.start(actor, generation) == 1
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert [
        slot.asset_id for slot in by_hand.slots(generation) if slot.asset_id in stored
    ] == stored
    charges = entries(by_hand, generation, EntryKind.CHARGE)
    refunds = entries(by_hand, generation, EntryKind.REFUND)
    assert [entry.amount for entry in charges] == [-90, -30]
    assert [entry.amount for entry in refunds] == [30]
    assert by_hand.balance() == AFTER_MASCOT - 90
    assert len(by_hand.runs(generation)) == 4


def test_a_second_click_finds_nothing_missing(by_hand: ManualPipeline) -> None:
    generation = partial_poses(by_hand)
    services, actor = by_hand.studio.services, by_hand.studio.actor
    services.retry.start(actor, generation)
    with pytest.raises(InvalidRequestError, match="still running"):
        services.retry.start(actor, generation)
    by_hand.finish(generation)
    with pytest.raises(InvalidRequestError, match="Nothing of it is missing"):
        services.retry.start(actor, generation)
    assert len(entries(by_hand, generation, EntryKind.CHARGE)) == 2


def test_a_failed_retry_is_refunded(by_hand: ManualPipeline) -> None:
    generation = partial_poses(by_hand)
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    by_hand.studio.services.retry.start(by_hand.studio.actor, generation)
    assert by_hand.finish(generation) is GenerationState.PARTIAL
    assert [e.amount for e in entries(by_hand, generation, EntryKind.REFUND)] == [30, 30]
    assert by_hand.balance() == AFTER_MASCOT - 60


def test_children_of_a_retried_parent_wait_for_it(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("refuse_content", provider="gemini")
    generation = by_hand.studio.start_mascots().generation_id
    assert by_hand.finish(generation) is GenerationState.FAILED
    by_hand.studio.services.retry.start(by_hand.studio.actor, generation)
    states = [slot.state for slot in by_hand.slots(generation)]
    assert states == [SlotState.PENDING, SlotState.BLOCKED, SlotState.BLOCKED]
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


def test_a_canceled_batch_can_be_made_after_all(by_hand: ManualPipeline) -> None:
    mascot = finished_mascot(by_hand.studio.services)
    generation = by_hand.studio.start_poses(mascot, 2).generation_id
    services, actor = by_hand.studio.services, by_hand.studio.actor
    services.cancel.cancel(actor, generation)
    services.retry.start(actor, generation)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.balance() == AFTER_MASCOT - 60


def test_each_retry_asks_with_another_seed(by_hand: ManualPipeline) -> None:
    generation = partial_poses(by_hand)
    by_hand.studio.services.retry.start(by_hand.studio.actor, generation)
    by_hand.finish(generation)
    payloads = [attempt.payload_hash for attempt in by_hand.attempts(generation)]
    assert len(set(payloads)) == len(payloads)


def test_a_balance_too_small_is_reported_before_any_charge(by_hand: ManualPipeline) -> None:
    generation = partial_poses(by_hand)
    services, actor = by_hand.studio.services, by_hand.studio.actor
    with by_hand.context.database.transaction() as session:
        session.add(
            LedgerEntry(
                id="led_drain",
                account_id=DEFAULT_ACCOUNT_ID,
                kind=EntryKind.GRANT,
                amount=-9_920,
                idempotency_key="drain",
                actor="system",
                reason="Taken away",
            )
        )
    assert "ask an admin" in services.retry.quote(actor, generation).problems[0].lower()
    with pytest.raises(InsufficientCreditsError):
        services.retry.start(actor, generation)
    assert len(entries(by_hand, generation, EntryKind.CHARGE)) == 1


def test_the_unlimited_tier_pays_a_retry_with_its_quota(by_hand: ManualPipeline) -> None:
    _become_unlimited(by_hand, quota=3)
    generation = partial_poses(by_hand)
    assert _used(by_hand) == 2
    services, actor = by_hand.studio.services, by_hand.studio.actor
    services.retry.start(actor, generation)
    assert _used(by_hand) == 3
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.balance() == AFTER_MASCOT
    mascot = by_hand.studio.mascot_id()
    with pytest.raises(QuotaReachedError):
        by_hand.studio.start_poses(mascot, 1, key="more")


def _become_unlimited(by_hand: ManualPipeline, quota: int) -> None:
    with by_hand.context.database.transaction() as session:
        session.execute(update(Account).values(tier=Tier.UNLIMITED, daily_quota=quota))


def _used(by_hand: ManualPipeline) -> int:
    with by_hand.context.database.transaction() as session:
        return int(session.scalar(select(func.sum(QuotaDay.used))) or 0)


def test_a_viewer_sees_the_price_and_cannot_start(by_hand: ManualPipeline) -> None:
    generation = partial_poses(by_hand)
    assert by_hand.studio.services.retry.quote(VIEWER, generation).price_credits == 30
    with pytest.raises(NotAllowedError):
        by_hand.studio.services.retry.start(VIEWER, generation)
