"""Whether an account's credits add up: charged = consumed + refunded + held, for each generation."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

from services.core.actors import Actor, require
from services.core.states import OPEN_SLOTS, EntryKind, Role, SlotState
from services.credits.part import Part
from services.database.models import Account, LedgerEntry, Slot


@dataclass(frozen=True)
class AccountTotals:
    """What became of an account's credits. `uneven`: generations whose credits do not add up."""

    account_id: str
    balance: int
    entries_sum: int
    granted: int
    charged: int
    refunded: int
    consumed: int
    held: int
    uneven: int

    @property
    def adds_up(self) -> bool:
        """Whether every invariant of the ledger holds."""
        return (
            self.uneven == 0
            and self.charged == self.consumed + self.refunded + self.held
            and self.balance == self.entries_sum
        )


class Totals(Part):
    """Sums the ledger and the slots up."""

    def totals(self, actor: Actor) -> dict[str, AccountTotals]:
        """By account; one statement that reads the whole ledger and every slot."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.execute(_totals())
            return {row[0]: AccountTotals(row[0], *(int(cell) for cell in row[1:])) for row in rows}


def _totals() -> Any:
    entries, work = _entries(), _work()
    sums = _sums(entries)
    by_account = (
        select(
            entries.c.account_id,
            func.sum(func.coalesce(work.c.consumed, 0)).label("consumed"),
            func.sum(func.coalesce(work.c.held, 0)).label("held"),
            func.count()
            .filter(
                entries.c.charged
                != entries.c.refunded
                + func.coalesce(work.c.consumed, 0)
                + func.coalesce(work.c.held, 0)
            )
            .label("uneven"),
        )
        .outerjoin(work, work.c.generation_id == entries.c.generation_id)
        .where(entries.c.generation_id.is_not(None))
        .group_by(entries.c.account_id)
        .subquery()
    )
    columns = [
        *(sums.c[name] for name in ("entries_sum", "granted", "charged", "refunded")),
        *(by_account.c[name] for name in ("consumed", "held", "uneven")),
    ]
    return (
        select(Account.id, Account.balance, *(func.coalesce(column, 0) for column in columns))
        .outerjoin(sums, sums.c.account_id == Account.id)
        .outerjoin(by_account, by_account.c.account_id == Account.id)
    )


def _entries() -> Any:
    """The ledger by account and generation; grants have none."""
    return (
        select(
            LedgerEntry.account_id,
            LedgerEntry.generation_id,
            func.sum(LedgerEntry.amount).label("amount"),
            _moved(EntryKind.GRANT, LedgerEntry.amount).label("granted"),
            _moved(EntryKind.CHARGE, -LedgerEntry.amount).label("charged"),
            _moved(EntryKind.REFUND, LedgerEntry.amount).label("refunded"),
        )
        .group_by(LedgerEntry.account_id, LedgerEntry.generation_id)
        .cte("entries")
    )


def _sums(entries: Any) -> Any:
    names = ("granted", "charged", "refunded")
    return (
        select(
            entries.c.account_id,
            func.sum(entries.c.amount).label("entries_sum"),
            *(func.sum(entries.c[name]).label(name) for name in names),
        )
        .group_by(entries.c.account_id)
        .subquery()
    )


def _work() -> Any:
    """What each generation's slots have used up, and what they still hold."""
    filled, is_open = Slot.state == SlotState.FILLED, Slot.state.in_(OPEN_SLOTS)
    return (
        select(
            Slot.generation_id,
            func.sum(case((filled, Slot.price_credits), else_=0)).label("consumed"),
            func.sum(case((is_open, Slot.price_credits), else_=0)).label("held"),
        )
        .group_by(Slot.generation_id)
        .subquery()
    )


def _moved(kind: EntryKind, amount: Any) -> Any:
    return func.sum(case((LedgerEntry.kind == kind, amount), else_=0))
