"""Regenerate: charge and queue a missing slot; free of charge if its paid file is missing."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.core.states import PICTURELESS_ROLES, SlotState
from services.credits.budget import budget_error, budget_problems
from services.database.models import Asset, Generation, Slot
from services.pipeline.retry import MISSING, found_generation, missing_slots
from services.pipeline.transitions import (
    FINISHED,
    PARENT_FAILED,
    refresh_generation,
    regenerate_slot,
)
from services.recipes.registry import work_of
from services.recipes.training.work import WEIGHTS_ALONE
from services.references.erase import lock_picture
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import (
    REFUNDED_BEFORE,
    SubjectKind,
    delete_thumbnail,
    emptying_problem,
    has_refund,
    missing_files,
    view_slot,
)

OPEN = "It is queued or being generated already."
FILE_THERE = "Its file is in storage: there is nothing to regenerate."
CANCELING = "Its batch is being canceled: nothing of it is regenerated."
PARENT_MISSING = "Its source picture is missing too. Regenerate that one: this one follows it."


@dataclass(frozen=True)
class RegenerateFacts:
    """The picture of a filled slot, and whether its file is missing from storage."""

    asset: Asset | None
    is_missing: bool


class Regenerate(Remedy[RegenerateFacts]):
    """Regenerate one slot, with those derived from it that failed because of it."""

    id = "regenerate"
    label = "Regenerate"
    icon = "replay"
    consequence = "Generates the missing picture again. One that was refunded is charged again."
    audit_label = "Regenerated a picture"
    subject = SubjectKind.SLOT

    def inspect(self, offer: RemedyOffer) -> RegenerateFacts:
        """Read whether a filled slot's file is in storage."""
        with self._context.database.transaction() as session:
            slot = view_slot(session, offer.subject_id)
            asset = session.get(Asset, slot.asset_id) if slot.asset_id else None
        missing = missing_files(self._context.storage, [asset] if asset else [])
        return RegenerateFacts(asset, bool(missing))

    def plan(self, session: Session, offer: RemedyOffer, facts: RegenerateFacts) -> DryRun:
        """Quote its original price, or nothing when it was paid and its file is missing."""
        slot = view_slot(session, offer.subject_id)
        generation = found_generation(session, slot.generation_id)
        if slot.state is SlotState.FILLED:
            return self._plan_free(session, offer, facts, slot, generation)
        slots = with_dependents(session, slot)
        quote = self.tools.retry.quote_of(session, generation, slots, may_run=True)
        problem = _problem_charged(session, slot) or next(iter(quote.problems), None)
        return DryRun(
            offer,
            f"{quote.slot_count} generated again for {quote.price_credits:,} credits, the original"
            " price; the refund stays.",
            {"state": slot.state.value, "slots": [one.id for one in slots]},
            credits=-quote.price_credits,
            cost_usd=quote.cost_usd,
            problem=problem,
        )

    def _plan_free(
        self,
        session: Session,
        offer: RemedyOffer,
        facts: RegenerateFacts,
        slot: Slot,
        generation: Generation,
    ) -> DryRun:
        cost = self.tools.retry.cost_usd(session, [slot])
        problem = _problem_free(session, slot, generation, facts)
        if problem is None:
            limits = budget_problems(session, cost)
            problem = budget_error(limits[0], cost).sentence if limits else None
        return DryRun(
            offer,
            "Its file is missing from storage: it is generated again, and no credits move.",
            {"state": slot.state.value, "asset": slot.asset_id},
            cost_usd=cost,
            problem=problem,
        )

    def change(self, session: Session, request: RemedyRequest, facts: RegenerateFacts) -> Change:
        """Queue it, with a charge where it was refunded."""
        slot = view_slot(session, request.subject_id)
        generation = found_generation(session, slot.generation_id)
        if slot.state is SlotState.FILLED and facts.asset:
            lock_picture(session, facts.asset.sha256)
            if generation.state in FINISHED:
                generation.cancel_requested_at = None
            regenerate_slot(session, slot)
            refresh_generation(session, generation.id)
            queued = [slot]
        else:
            queued = with_dependents(session, slot)
            self.tools.retry.order(session, request.actor, generation, queued, may_run=True)
        after = {"slots": [one.id for one in queued], "state": slot.state.value}
        return Change("It is generated again.", after, generation.id)

    def finish(self, request: RemedyRequest, facts: RegenerateFacts) -> str:
        """Delete the missing picture's thumbnail."""
        if facts.asset and facts.is_missing:
            delete_thumbnail(self._context, facts.asset)
        return ""


def _problem_charged(session: Session, slot: Slot) -> str | None:
    if slot.state not in MISSING:
        return OPEN
    parent = session.get(Slot, slot.parent_slot_id) if slot.parent_slot_id else None
    return PARENT_MISSING if parent and parent.state is not SlotState.FILLED else None


def with_dependents(session: Session, slot: Slot) -> list[Slot]:
    """List the slot, those that one run fills together with it, and those derived from them."""
    chosen: list[Slot] = []
    generation = found_generation(session, slot.generation_id)
    for one in missing_slots(session, generation):
        parents = {parent.id for parent in chosen}
        is_together = one.run_group == slot.run_group and one.parent_slot_id == slot.parent_slot_id
        failed_with_it = one.parent_slot_id in parents and one.failure == PARENT_FAILED
        if one.id == slot.id or is_together or failed_with_it:
            chosen.append(one)
    return chosen


def _problem_free(
    session: Session, slot: Slot, generation: Generation, facts: RegenerateFacts
) -> str | None:
    if slot.role in PICTURELESS_ROLES:
        return WEIGHTS_ALONE
    if facts.asset is None or facts.asset.id != slot.asset_id or not facts.is_missing:
        return FILE_THERE
    problem = work_of(slot.kind).retry_problem(session, generation, [slot])
    if problem:
        return problem
    if generation.cancel_requested_at is not None and generation.state not in FINISHED:
        return CANCELING
    if has_refund(session, [slot]):
        return REFUNDED_BEFORE
    return emptying_problem(session, slot, session.get_one(Asset, slot.asset_id))
