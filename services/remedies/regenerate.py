"""Make again: one missing slot is charged and queued; one whose file is gone is made for nothing."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.core.states import PICTURELESS_ROLES, SlotState
from services.credits.budget import budget_error, budget_problems
from services.database.models import Asset, Generation, Slot
from services.pipeline.retry import (
    MISSING,
    found_generation,
    missing_slots,
)
from services.pipeline.transitions import (
    FINISHED,
    PARENT_FAILED,
    lock_generation,
    refresh_generation,
    regenerate_slot,
)
from services.recipes.registry import work_of
from services.recipes.training.work import WEIGHTS_ALONE
from services.references.part import lock_picture
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.slot_files import (
    StoredFile,
    drop_thumbnail,
    emptying_problem,
    lost_files,
    stored_file,
)
from services.remedies.subjects import REFUNDED_BEFORE, has_refund, view_slot

OWED = "It is owed still: it is being made, or waits for its turn."
FILE_THERE = "Its file is in the storage: there is nothing to make again."
CANCELING = "Its batch is being canceled: nothing of it is made again."
PARENT_MISSING = (
    "It is made from a picture that is missing, too. Make that one again: this one comes with it."
)


@dataclass(frozen=True)
class _Stored:
    """The file of a filled slot, and whether the storage has lost it."""

    file: StoredFile | None
    is_lost: bool


class Regenerate(RemedyTemplate[_Stored]):
    """For one slot, and those made from it that failed with it."""

    kind = RemedyKind.REGENERATE

    def ask(self, offer: RemedyOffer) -> _Stored:
        """The storage, about a filled slot's file."""
        with self._parts.database.transaction() as session:
            slot = view_slot(session, offer.subject_id)
            asset = session.get(Asset, slot.asset_id) if slot.asset_id else None
            file = stored_file(asset) if asset else None
        lost = lost_files(self._parts.storage, [file] if file else [])
        return _Stored(file, bool(lost))

    def plan(self, session: Session, offer: RemedyOffer, known: _Stored) -> DryRun:
        """At its frozen price; for nothing when it was paid and its file is gone."""
        slot = view_slot(session, offer.subject_id)
        generation = found_generation(session, slot.generation_id)
        if slot.state is SlotState.FILLED:
            return self._plan_anew(session, offer, known, slot, generation)
        slots = _with_what_failed_with_it(session, generation, slot)
        quote = self.tools.retry.quote_of(session, generation, slots, may_run=True)
        problem = _problem_again(session, slot) or next(iter(quote.problems), None)
        return DryRun(
            offer,
            f"{quote.slot_count} made again for {quote.price_credits:,} credits, the price of the"
            " start; the refund stands.",
            {"state": slot.state.value, "slots": [one.id for one in slots]},
            credits=-quote.price_credits,
            cost_usd=quote.cost_usd,
            problem=problem,
        )

    def _plan_anew(
        self,
        session: Session,
        offer: RemedyOffer,
        known: _Stored,
        slot: Slot,
        generation: Generation,
    ) -> DryRun:
        cost = self.tools.retry.cost_usd(session, [slot])
        problem = _problem_anew(session, slot, generation, known)
        if problem is None:
            limits = budget_problems(session, cost)
            problem = budget_error(limits[0], cost).sentence if limits else None
        return DryRun(
            offer,
            "Its file is gone from the storage: it is made again, and no credits move.",
            {"state": slot.state.value, "asset": slot.asset_id},
            cost_usd=cost,
            problem=problem,
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The generation, which every change of a slot locks."""
        lock_generation(session, view_slot(session, offer.subject_id).generation_id)

    def do(self, session: Session, order: Order, known: _Stored) -> Done:
        """Queue it, with its charge where it was refunded."""
        slot = view_slot(session, order.subject_id)
        generation = found_generation(session, slot.generation_id)
        if slot.state is SlotState.FILLED and known.file:
            lock_picture(session, known.file.sha256)
            if generation.state in FINISHED:
                generation.cancel_requested_at = None
            regenerate_slot(session, slot)
            refresh_generation(session, generation.id)
            made = [slot]
        else:
            made = _with_what_failed_with_it(session, generation, slot)
            self.tools.retry.order(session, order.actor, generation, made, may_run=True)
        after = {"slots": [one.id for one in made], "state": slot.state.value}
        return Done("It is being made again.", after, generation.id)

    def afterwards(self, order: Order, known: _Stored) -> str:
        """The lost picture's thumbnail goes."""
        if known.file and known.is_lost:
            drop_thumbnail(self._parts, known.file)
        return ""


def _problem_again(session: Session, slot: Slot) -> str | None:
    if slot.state not in MISSING:
        return OWED
    parent = session.get(Slot, slot.parent_slot_id) if slot.parent_slot_id else None
    return PARENT_MISSING if parent and parent.state is not SlotState.FILLED else None


def _with_what_failed_with_it(session: Session, generation: Generation, slot: Slot) -> list[Slot]:
    """The slot, what one run makes together with it, and what is made from those; in order."""
    chosen: list[Slot] = []
    for one in missing_slots(session, generation):
        parents = {known.id for known in chosen}
        is_together = one.run_group == slot.run_group and one.parent_slot_id == slot.parent_slot_id
        failed_with_it = one.parent_slot_id in parents and one.failure == PARENT_FAILED
        if one.id == slot.id or is_together or failed_with_it:
            chosen.append(one)
    return chosen


def _problem_anew(
    session: Session, slot: Slot, generation: Generation, known: _Stored
) -> str | None:
    if slot.role in PICTURELESS_ROLES:
        return WEIGHTS_ALONE
    if known.file is None or known.file.asset_id != slot.asset_id or not known.is_lost:
        return FILE_THERE
    problem = work_of(slot.kind).retry_problem(session, generation, [slot])
    if problem:
        return problem
    if generation.cancel_requested_at is not None and generation.state not in FINISHED:
        return CANCELING
    if has_refund(session, [slot]):
        return REFUNDED_BEFORE
    return emptying_problem(session, slot, session.get_one(Asset, slot.asset_id))
