"""SettleRefund: write the refunds that a batch lacks and charge back those it got twice."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Exists, case, func, select
from sqlalchemy.orm import Session

from services.core.states import OPEN_SLOTS, EntryKind, Role, SlotState
from services.credits.ledger import charge_back, lock_account, refund_slot
from services.database.models import Account, Generation, LedgerEntry, Slot
from services.pipeline.events import EventName, record
from services.pipeline.retry import MISSING, found_generation
from services.pipeline.transitions import lock_generation
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import SubjectKind

BALANCED = "The credits of this batch add up: there is nothing to settle."
REASON = "settled"


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
        """Credits that the customer lacks."""
        return sum(slot.price_credits for slot in self.unrefunded)

    @property
    def to_charge(self) -> int:
        """Credits refunded too much, once the missing refunds are written."""
        used = self.consumed + self.refunded + self.to_refund + self.held
        return used - self.charged

    @property
    def is_balanced(self) -> bool:
        """Whether nothing needs a correction."""
        return not self.unrefunded and not self.overpaid and self.to_charge == 0


def balance_of(session: Session, generation_id: str) -> Balance:
    """Read the batch's ledger entries and slots."""
    charged, refunded = session.execute(
        select(
            func.coalesce(
                func.sum(case((LedgerEntry.kind == EntryKind.CHARGE, -LedgerEntry.amount))), 0
            ),
            func.coalesce(
                func.sum(case((LedgerEntry.kind == EntryKind.REFUND, LedgerEntry.amount))), 0
            ),
        ).where(LedgerEntry.generation_id == generation_id)
    ).one()
    rows = session.execute(
        select(Slot, LedgerEntry.quota_day, _has_refund())
        .join(LedgerEntry, LedgerEntry.id == Slot.charge_id)
        .where(Slot.generation_id == generation_id)
        .order_by(Slot.position)
        .execution_options(populate_existing=True)
    ).all()
    slots = [slot for slot, _, _ in rows]
    return Balance(
        charged=int(charged),
        consumed=_credits(slots, {SlotState.FILLED}),
        refunded=int(refunded),
        held=_credits(slots, OPEN_SLOTS),
        unrefunded=tuple(slot for slot, _, has in rows if slot.state in MISSING and not has),
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
