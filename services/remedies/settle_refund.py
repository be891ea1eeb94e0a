"""Settles a batch's credits: what was never given back is, and what was given back too much is not."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Exists, case, func, select
from sqlalchemy.orm import Session

from services.core.states import OPEN_SLOTS, EntryKind, SlotState
from services.credits.ledger import charge_back, lock_account, refund_slot
from services.database.models import Account, Generation, LedgerEntry, Slot
from services.pipeline.events import EventName, record
from services.pipeline.retry import MISSING, found_generation
from services.pipeline.transitions import lock_generation
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.remedy import Done, Order, RemedyTemplate

EVEN = "The credits of this batch add up: there is nothing to settle."
REASON = "settled"


@dataclass(frozen=True)
class Books:
    """A batch's credits, and the slots that make them uneven."""

    charged: int
    consumed: int
    refunded: int
    held: int
    unrefunded: tuple[Slot, ...]
    """Ended without a picture; their newest charge was not given back."""
    overpaid: tuple[tuple[Slot, date | None], ...]
    """Filled or still owed, though their newest charge was given back; with its quota's day."""

    @property
    def to_refund(self) -> int:
        """Credits that are missing to the customer."""
        return sum(slot.price_credits for slot in self.unrefunded)

    @property
    def to_charge(self) -> int:
        """Credits that were given back too much, once the missing refunds are written."""
        used = self.consumed + self.refunded + self.to_refund + self.held
        return used - self.charged

    @property
    def is_even(self) -> bool:
        """Whether nothing is to be done."""
        return not self.unrefunded and not self.overpaid and self.to_charge == 0


def books_of(session: Session, generation_id: str) -> Books:
    """Read ledger and slots as they are now."""
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
    return Books(
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


class SettleRefund(RemedyTemplate[None]):
    """Afterwards charged = consumed + refunded + held again."""

    kind = RemedyKind.SETTLE_REFUND

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """Which entries are missing."""
        generation = found_generation(session, offer.subject_id)
        books = books_of(session, generation.id)
        return DryRun(
            offer,
            f"{books.to_refund:,} credits go back that were never given back, and"
            f" {max(0, books.to_charge):,} are charged that were given back too much.",
            _expected(books),
            credits=books.to_refund - books.to_charge,
            problem=_problem(session, generation, books),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The generation and its account."""
        lock_generation(session, offer.subject_id)
        lock_account(session, found_generation(session, offer.subject_id).account_id)

    def do(self, session: Session, order: Order, known: None) -> Done:
        """Refunds first, so that what they give is there to be charged."""
        generation = found_generation(session, order.subject_id)
        books = books_of(session, generation.id)
        for slot in books.unrefunded:
            _refund(session, order, slot)
        _charge_back(session, order, generation, books)
        after = _expected(books_of(session, generation.id))
        return Done("The credits add up again.", after, generation.id)


def _expected(books: Books) -> dict[str, object]:
    return {
        "charged": books.charged,
        "consumed": books.consumed,
        "refunded": books.refunded,
        "held": books.held,
        "unrefunded": [slot.id for slot in books.unrefunded],
        "overpaid": [slot.id for slot, _ in books.overpaid],
    }


def _problem(session: Session, generation: Generation, books: Books) -> str | None:
    if books.is_even:
        return EVEN
    if books.to_charge < 0:
        return (
            f"{-books.to_charge:,} credits more were charged than its slots explain. Find out why,"
            " then give them back as a grant."
        )
    account = session.get_one(Account, generation.account_id, populate_existing=True)
    left = account.balance + books.to_refund - books.to_charge
    if left < 0:
        return (
            f"{books.to_charge:,} credits are to be charged, and the account holds"
            f" {account.balance:,}: its balance cannot fall below zero."
        )
    return None


def _refund(session: Session, order: Order, slot: Slot) -> None:
    credits = refund_slot(session, slot, REASON, order.actor.id)
    record(
        session,
        EventName.SLOT_REFUNDED,
        slot.generation_id,
        actor=order.actor.id,
        slot=slot.id,
        credits=credits,
        failure=slot.failure,
    )


def _charge_back(session: Session, order: Order, generation: Generation, books: Books) -> None:
    """One entry for each quota day; the slots name it, so that a later refund is possible."""
    if not books.overpaid and books.to_charge == 0:
        return
    account = session.get_one(Account, generation.account_id, populate_existing=True)
    days = Counter(day for _, day in books.overpaid) or Counter({None: 0})
    left = books.to_charge
    for day, count in days.items():
        entry = charge_back(
            session,
            account,
            left,
            generation.id,
            order.actor,
            order.reason,
            quota_day=day,
            quota_slots=count if day else 0,
        )
        left = 0
        for slot, of_day in books.overpaid:
            if of_day == day:
                slot.charge_id = entry.id
