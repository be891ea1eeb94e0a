"""Charge credits or daily quota at a start, and refund what failed.

Every movement is one row of the append-only ledger; a trigger moves the balance with it. The
unlimited tier pays with slots of a daily quota; its day is one of the account's time zone.
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import InsufficientCreditsError, NotFoundError, QuotaReachedError
from services.core.states import EntryKind, Tier
from services.database.models import Account, LedgerEntry, Price, QuotaDay, Slot, new_id


def price_of(session: Session, item: str) -> int:
    """Return today's credits for one slot of this kind of work; raises NotFoundError."""
    credits = session.scalar(select(Price.credits).where(Price.item == item))
    if credits is None:
        raise NotFoundError(what="price", id=item)
    return credits


def lock_account(session: Session, account_id: str) -> Account:
    """Lock the account's row until the transaction ends; raises NotFoundError.

    FOR NO KEY UPDATE: two charges wait for each other, a new asset's row does not wait.
    """
    account = session.scalar(
        select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    )
    if account is None:
        raise NotFoundError(what="account", id=account_id)
    return account


def frozen_price(tier: Tier, price: int) -> int:
    """Return what a slot costs an account of this tier: the unlimited one pays with its quota."""
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
    """Charge `amount` credits for so many slots; the account's row must be locked.

    The unlimited tier is charged slots of its day's quota beside an amount of 0. Raises
    InsufficientCreditsError or QuotaReachedError before anything is written.
    """
    is_unlimited = account.tier is Tier.UNLIMITED
    _check_balance(account, amount)
    day = today_of(session, account.time_zone) if is_unlimited else None
    if day is not None:
        refuse_over_quota(session, account, day, slot_count)
    quota = {"quota_day": day, "quota_slots": slot_count if is_unlimited else 0}
    return _charge(session, account, amount, generation_id, actor, reason, "charge", **quota)


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
    """Charge what was refunded too much; the account's row must be locked.

    An entry of its own, since entries never change; later refunds may refer to it. Raises
    InsufficientCreditsError.
    """
    _check_balance(account, amount)
    quota = {"quota_day": quota_day, "quota_slots": quota_slots}
    return _charge(session, account, amount, generation_id, actor, reason, "correction", **quota)


def refund_slot(session: Session, slot: Slot, reason: str, actor: str = "system") -> int:
    """Refund a slot's charge, credits or quota; return the credits.

    The database refuses a second refund of the same charge.
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


def today_of(session: Session, time_zone: str) -> date:
    """Return the date in that zone by the database's clock."""
    local = func.timezone(time_zone, func.clock_timestamp())
    return session.scalars(select(cast(local, Date))).one()


def quota_left(session: Session, account: Account) -> int:
    """Return how many slots the account may still start today."""
    return _left_on(session, account, today_of(session, account.time_zone))


def refuse_over_quota(session: Session, account: Account, day: date, slot_count: int) -> None:
    """Raise QuotaReachedError unless so many slots fit; the account's row must be locked."""
    left = _left_on(session, account, day)
    if slot_count > left:
        raise QuotaReachedError(
            requested=slot_count, left=left, quota=account.daily_quota, zone=account.time_zone
        )


def _left_on(session: Session, account: Account, day: date) -> int:
    """Count the day's quota less the slots started then; a refund lowers what was used."""
    used = session.scalar(
        select(QuotaDay.used).where(QuotaDay.account_id == account.id, QuotaDay.day == day)
    )
    return max(0, account.daily_quota - (used or 0))


def _check_balance(account: Account, amount: int) -> None:
    if account.balance < amount:
        raise InsufficientCreditsError(price=amount, balance=account.balance)


def _charge(
    session: Session,
    account: Account,
    amount: int,
    generation_id: str,
    actor: Actor,
    reason: str,
    key: str,
    **quota: Any,
) -> LedgerEntry:
    """Write a charge; a generation's charges are numbered: first its start's, then its retries'."""
    number = session.scalars(
        select(func.count())
        .select_from(LedgerEntry)
        .where(LedgerEntry.generation_id == generation_id, LedgerEntry.kind == EntryKind.CHARGE)
    ).one()
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.CHARGE,
        amount=-amount,
        idempotency_key=f"{key}:{generation_id}:{number}",
        generation_id=generation_id,
        actor=actor.id,
        reason=reason,
        **quota,
    )
    session.add(entry)
    session.flush()
    return entry
