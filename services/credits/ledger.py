"""Credits: what things cost, the charge at the start, the refund of what did not arrive.

Every movement is one row of the append-only ledger; a trigger moves the balance with it.
"""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import InsufficientCreditsError, NotFoundError
from services.core.states import EntryKind, Tier
from services.credits.quota import refuse_over_quota, today_of
from services.database.models import Account, LedgerEntry, Price, Slot, new_id


def price_of(session: Session, item: str) -> int:
    """Credits for one slot of this kind of work, today; raises NotFoundError."""
    credits = session.scalar(select(Price.credits).where(Price.item == item))
    if credits is None:
        raise NotFoundError(what="price", id=item)
    return credits


def lock_account(session: Session, account_id: str) -> Account:
    """The account's row, locked until the transaction ends; raises NotFoundError.

    FOR NO KEY UPDATE: two charges wait for each other, a new picture's row does not wait.
    """
    account = session.scalar(
        select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    )
    if account is None:
        raise NotFoundError(what="account", id=account_id)
    return account


def frozen_price(tier: Tier, price: int) -> int:
    """What a slot costs an account of this tier: the unlimited one pays with its quota."""
    return 0 if tier is Tier.UNLIMITED else price


def charge(
    session: Session,
    account: Account,
    amount: int,
    slot_count: int,
    generation_id: str,
    actor: Actor,
    reason: str = "Started",
) -> LedgerEntry:
    """Take `amount` credits for so many slots; the account's row must be locked.

    The unlimited tier is charged slots of its day's quota beside an amount of 0. Raises
    InsufficientCreditsError or QuotaReachedError before anything is written. Each charge of a
    generation has a number: the first is its start's, the others are retries'.
    """
    if account.balance < amount:
        raise InsufficientCreditsError(price=amount, balance=account.balance)
    is_unlimited = account.tier is Tier.UNLIMITED
    day = today_of(session, account.time_zone) if is_unlimited else None
    if day is not None:
        refuse_over_quota(session, account, day, slot_count)
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.CHARGE,
        amount=-amount,
        idempotency_key=f"charge:{generation_id}:{_charges(session, generation_id)}",
        generation_id=generation_id,
        quota_day=day,
        quota_slots=slot_count if is_unlimited else 0,
        actor=actor.id,
        reason=reason,
    )
    session.add(entry)
    session.flush()
    return entry


def charge_back(
    session: Session,
    account: Account,
    amount: int,
    generation_id: str,
    actor: Actor,
    reason: str,
    *,
    quota_day: date | None = None,
    quota_slots: int = 0,
) -> LedgerEntry:
    """Take back what was refunded too much; the account's row must be locked.

    An entry of its own, since no entry is ever changed; refunds that follow may name it. Raises
    InsufficientCreditsError.
    """
    if account.balance < amount:
        raise InsufficientCreditsError(price=amount, balance=account.balance)
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.CHARGE,
        amount=-amount,
        idempotency_key=f"correction:{generation_id}:{_charges(session, generation_id)}",
        generation_id=generation_id,
        quota_day=quota_day,
        quota_slots=quota_slots,
        actor=actor.id,
        reason=reason,
    )
    session.add(entry)
    session.flush()
    return entry


def _charges(session: Session, generation_id: str) -> int:
    return session.scalars(
        select(func.count())
        .select_from(LedgerEntry)
        .where(LedgerEntry.generation_id == generation_id, LedgerEntry.kind == EntryKind.CHARGE)
    ).one()


def refund_slot(session: Session, slot: Slot, reason: str, actor: str = "system") -> int:
    """Give back what this slot was charged, credits or quota; the database refuses a second time.

    Returns the credits given back.
    """
    charged = session.get_one(LedgerEntry, slot.charge_id)
    session.add(
        LedgerEntry(
            id=new_id("led"),
            account_id=slot.account_id,
            kind=EntryKind.REFUND,
            amount=slot.price_credits,
            idempotency_key=f"refund:{slot.id}:{slot.charge_id}",
            generation_id=slot.generation_id,
            slot_id=slot.id,
            charge_id=slot.charge_id,
            quota_day=charged.quota_day,
            quota_slots=0 if charged.quota_day is None else -1,
            actor=actor,
            reason=reason,
        )
    )
    session.flush()
    return slot.price_credits
