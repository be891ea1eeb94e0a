"""Remedies of a batch: cancel it, retry what failed, settle its refunds."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Exists, func, select
from sqlalchemy.orm import Session

from services.core.errors import InvalidRequestError
from services.core.states import OPEN_SLOTS, EntryKind, Role, SlotState
from services.credits.ledger import charge_back, lock_account, refund_slot
from services.database.models import Account, Generation, LedgerEntry, Slot
from services.pipeline.cancel import cancelable, preview_cancel, request_cancel, settle_canceled
from services.pipeline.events import EventName, record
from services.pipeline.retry import MISSING, found_generation, missing_slots
from services.pipeline.transitions import lock_generation
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import SubjectKind

CANCELED_BEFORE = "It is canceled already; what is at a provider ends there."
BALANCED = "The credits of this batch add up: there is nothing to settle."
REASON = "settled"


class CancelGeneration(Remedy[None]):
    """Cancel a batch, as the pages' Cancel does."""

    id = "cancel"
    label = "Cancel batch"
    icon = "block"
    consequence = "Cancels everything that is not finished and refunds it."
    audit_label = "Canceled a batch"
    subject = SubjectKind.GENERATION

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Count what is refunded if the provider finishes nothing meanwhile."""
        generation = found_generation(session, offer.subject_id)
        preview, problem = preview_cancel(session, generation), None
        try:
            cancelable(session, offer.subject_id)
        except InvalidRequestError as error:
            problem = error.sentence
        if generation.cancel_requested_at is not None:
            problem = problem or CANCELED_BEFORE
        return DryRun(
            offer,
            f"{preview.open_slots:,} pictures are canceled and {preview.credits:,} credits refunded."
            " What a provider finishes meanwhile stays charged.",
            {"is_canceled": generation.cancel_requested_at is not None},
            credits=preview.credits,
            problem=problem,
        )

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Request the cancel; no step of it starts after the commit."""
        generation = cancelable(session, request.subject_id)
        request_cancel(session, request.actor, generation, request.reason)
        return Change("It is canceled.", {"is_canceled": True}, generation.id)

    def finish(self, request: RemedyRequest, facts: None) -> str:
        """Cancel what was not submitted, poll what was."""
        with self._context.database.transaction() as session:
            settle_canceled(session, request.subject_id)
        return ""


class RetryGeneration(Remedy[None]):
    """Regenerate every missing picture of a batch, as the pages' Retry does."""

    id = "retry"
    label = "Retry"
    icon = "replay"
    consequence = (
        "Generates every missing picture again. They are charged again; their refunds stay."
    )
    audit_label = "Retried a batch"
    subject = SubjectKind.GENERATION

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Quote the missing slots."""
        generation = found_generation(session, offer.subject_id)
        slots = missing_slots(session, generation)
        quote = self.tools.retry.quote_of(session, generation, slots)
        return DryRun(
            offer,
            f"{quote.slot_count:,} missing pictures are generated again for"
            f" {quote.price_credits:,} credits; the refunds stay.",
            {"state": generation.state.value, "slots": [slot.id for slot in slots]},
            credits=-quote.price_credits,
            cost_usd=quote.cost_usd,
            problem=next(iter(quote.problems), None),
        )

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Charge and queue the missing slots."""
        generation = found_generation(session, request.subject_id)
        slots = missing_slots(session, generation)
        self.tools.retry.order(session, request.actor, generation, slots)
        after = {"slots": [slot.id for slot in slots]}
        return Change("It is generated again.", after, generation.id)


@dataclass(frozen=True)
class Balance:
    """A batch's credits, and the slots whose refund is missing or too much."""

    charged: int
    consumed: int
    refunded: int
    held: int
    unrefunded: tuple[Slot, ...]
    """Ended without a picture; their newest charge was not refunded."""
    overpaid: tuple[tuple[Slot, date | None], ...]
    """Filled or open, though their newest charge was refunded; with the day of its quota."""

    @property
    def to_refund(self) -> int:
        """Return the credits that the customer lacks."""
        return sum(slot.price_credits for slot in self.unrefunded)

    @property
    def to_charge(self) -> int:
        """Return the credits refunded too much, once the missing refunds are written."""
        used = self.consumed + self.refunded + self.to_refund + self.held
        return used - self.charged

    @property
    def is_balanced(self) -> bool:
        """Whether nothing needs a correction."""
        return not self.unrefunded and not self.overpaid and self.to_charge == 0


def balance_of(session: Session, generation_id: str) -> Balance:
    """Read the batch's ledger entries and slots."""
    sums = session.execute(
        select(LedgerEntry.kind, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.generation_id == generation_id)
        .group_by(LedgerEntry.kind)
    )
    amounts = {kind: int(total) for kind, total in sums}
    rows = session.execute(
        select(Slot, LedgerEntry.quota_day, _has_refund())
        .join(LedgerEntry, LedgerEntry.id == Slot.charge_id)
        .where(Slot.generation_id == generation_id)
        .order_by(Slot.position)
        .execution_options(populate_existing=True)
    ).all()
    slots = [slot for slot, _, _ in rows]
    return Balance(
        charged=-amounts.get(EntryKind.CHARGE, 0),
        consumed=_credits(slots, {SlotState.FILLED})
        + sum(slot.price_credits for slot in slots if slot.is_charge_kept),
        refunded=amounts.get(EntryKind.REFUND, 0),
        held=_credits(slots, OPEN_SLOTS),
        unrefunded=tuple(
            slot
            for slot, _, has in rows
            if slot.state in MISSING and not (has or slot.is_charge_kept)
        ),
        overpaid=tuple((slot, day) for slot, day, has in rows if slot.state not in MISSING and has),
    )


def _has_refund() -> Exists:
    refund = select(LedgerEntry.id).where(
        LedgerEntry.kind == EntryKind.REFUND,
        LedgerEntry.slot_id == Slot.id,
        LedgerEntry.charge_id == Slot.charge_id,
    )
    return refund.correlate(Slot).exists()


def _credits(slots: list[Slot], states: set[SlotState] | frozenset[SlotState]) -> int:
    return sum(slot.price_credits for slot in slots if slot.state in states)


class SettleRefund(Remedy[None]):
    """Restore charged = consumed + refunded + held."""

    id = "settle_refund"
    label = "Settle refund"
    icon = "balance"
    consequence = "Corrects the credits so that charged equals used plus refunded plus held."
    audit_label = "Settled a refund"
    subject = SubjectKind.GENERATION
    role = Role.ADMIN

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Count the entries that are missing."""
        generation = found_generation(session, offer.subject_id)
        balance = balance_of(session, generation.id)
        return DryRun(
            offer,
            f"{balance.to_refund:,} credits that were never refunded are refunded, and"
            f" {max(0, balance.to_charge):,} that were refunded too much are charged.",
            _expected(balance),
            credits=balance.to_refund - balance.to_charge,
            problem=_problem(session, generation, balance),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """Lock the generation and its account."""
        lock_generation(session, offer.subject_id)
        lock_account(session, found_generation(session, offer.subject_id).account_id)

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Write refunds first, so that their credits can be charged."""
        generation = found_generation(session, request.subject_id)
        balance = balance_of(session, generation.id)
        for slot in balance.unrefunded:
            _refund(session, request, slot)
        _charge_back(session, request, generation, balance)
        after = _expected(balance_of(session, generation.id))
        return Change("The credits add up again.", after, generation.id)


def _expected(balance: Balance) -> dict[str, object]:
    return {
        "charged": balance.charged,
        "consumed": balance.consumed,
        "refunded": balance.refunded,
        "held": balance.held,
        "unrefunded": [slot.id for slot in balance.unrefunded],
        "overpaid": [slot.id for slot, _ in balance.overpaid],
    }


def _problem(session: Session, generation: Generation, balance: Balance) -> str | None:
    if balance.is_balanced:
        return BALANCED
    if balance.to_charge < 0:
        return (
            f"{-balance.to_charge:,} credits more were charged than its slots explain. Find out why,"
            " then grant them back."
        )
    account = session.get_one(Account, generation.account_id, populate_existing=True)
    left = account.balance + balance.to_refund - balance.to_charge
    if left < 0:
        return (
            f"{balance.to_charge:,} credits are to be charged, and the account holds"
            f" {account.balance:,}: its balance cannot fall below zero."
        )
    return None


def _refund(session: Session, request: RemedyRequest, slot: Slot) -> None:
    credits = refund_slot(session, slot, REASON, request.actor.id)
    record(
        session,
        EventName.SLOT_REFUNDED,
        slot.generation_id,
        actor=request.actor.id,
        slot=slot.id,
        credits=credits,
        failure=slot.failure,
    )


def _charge_back(
    session: Session, request: RemedyRequest, generation: Generation, balance: Balance
) -> None:
    """Write one charge for each quota day; the slots name it, so that a refund stays possible."""
    if not balance.overpaid and balance.to_charge == 0:
        return
    account = session.get_one(Account, generation.account_id, populate_existing=True)
    days = Counter(day for _, day in balance.overpaid) or Counter({None: 0})
    left = balance.to_charge
    for day, count in days.items():
        entry = charge_back(
            session,
            account,
            left,
            generation.id,
            request.actor,
            request.reason,
            quota_day=day,
            quota_slots=count if day else 0,
        )
        left = 0
        for slot, slot_day in balance.overpaid:
            if slot_day == day:
                slot.charge_id = entry.id
