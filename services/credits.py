"""Credits: what things cost, the charge at the start, the refund of what did not arrive.

Every movement is one row of the append-only ledger; a trigger moves the balance with it.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.actors import Actor, require
from services.database.engine import Database
from services.database.models import Account, LedgerEntry, Price, Slot, new_id
from services.errors import InsufficientCreditsError, NotFoundError
from services.statuses import EntryKind, Role


@dataclass(frozen=True)
class AccountView:
    """An account as pages see it; `balance` in credits."""

    id: str
    name: str
    tier: str
    balance: int


class Credits:
    """What a page may ask about money."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accounts(self, actor: Actor) -> list[AccountView]:
        """Every account, by name."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.scalars(select(Account).order_by(Account.name))
            return [AccountView(row.id, row.name, row.tier.value, row.balance) for row in rows]


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


def charge(
    session: Session, account: Account, amount: int, generation_id: str, actor: Actor
) -> LedgerEntry:
    """Take `amount` credits for a generation, once; the account's row must be locked.

    Raises InsufficientCreditsError before anything is written.
    """
    if account.balance < amount:
        raise InsufficientCreditsError(price=amount, balance=account.balance)
    entry = LedgerEntry(
        id=new_id("led"),
        account_id=account.id,
        kind=EntryKind.CHARGE,
        amount=-amount,
        idempotency_key=f"charge:{generation_id}:0",
        generation_id=generation_id,
        actor=actor.id,
        reason="Started",
    )
    session.add(entry)
    session.flush()
    return entry


def refund_slot(session: Session, slot: Slot, reason: str) -> int:
    """Give back what this slot was charged; the database refuses a second time.

    Returns the credits given back.
    """
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
            actor="system",
            reason=reason,
        )
    )
    session.flush()
    return slot.price_credits
