"""Read an account's ledger: as pages, as CSV, and whether its sums add up.

Invariant of each generation: charged = consumed + refunded + held.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from services.core.actors import Actor, require
from services.core.states import OPEN_SLOTS, EntryKind, Role, SlotState
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Account, Generation, LedgerEntry, Person, Slot
from services.database.query_result import QueryResult, write_csv

MAX_CSV_ROWS = 100_000
COLUMNS = (
    *("id", "created_at", "account_id", "kind", "amount", "quota_slots", "generation_id"),
    *("slot_id", "charge_id", "actor", "reason"),
)


@dataclass(frozen=True)
class EntryView:
    """One movement of credits; `title` is its generation's."""

    id: str
    kind: EntryKind
    amount: int
    quota_slots: int
    generation_id: str | None
    title: str | None
    by: str
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class LedgerPage:
    """One keyset page, newest first."""

    items: tuple[EntryView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class AccountTotals:
    """Sums of an account's credits. `uneven`: generations whose credits do not add up."""

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


class LedgerReader:
    """The ledger for people; `ledger.py` writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        actor: Actor,
        account_id: str,
        *,
        kind: EntryKind | None = None,
        before: str | None = None,
        limit: int = 30,
    ) -> LedgerPage:
        """Return entries of this account older than the cursor: one range of its index."""
        require(actor, Role.VIEWER)
        query = _entries(account_id, kind).where(
            *keyset_before(before, LedgerEntry.created_at, LedgerEntry.id)
        )
        with self._database.transaction() as session:
            rows = session.execute(query.limit(limit + 1)).all()
        items = tuple(entry_view(*row) for row in rows[:limit])
        cursor = encode(items[-1].created_at, items[-1].id) if len(rows) > limit else None
        return LedgerPage(items, cursor)

    def csv(self, actor: Actor, account_id: str, kind: EntryKind | None = None) -> str:
        """Return the newest entries, at most MAX_CSV_ROWS, as CSV without formulas."""
        require(actor, Role.VIEWER)
        columns = [getattr(LedgerEntry, name) for name in COLUMNS]
        query = (
            _of_account(select(*columns), account_id, kind)
            .limit(MAX_CSV_ROWS)
            .execution_options(yield_per=2000)
        )
        with self._database.transaction() as session:
            rows = [_cells(row) for row in session.execute(query)]
        out = io.StringIO(newline="")
        write_csv(QueryResult(COLUMNS, rows, len(rows) == MAX_CSV_ROWS, 0.0), out)
        return out.getvalue()

    def totals(self, actor: Actor) -> dict[str, AccountTotals]:
        """Return the sums by account; one statement that reads the entire ledger and every slot."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            rows = session.execute(_totals())
            return {row[0]: AccountTotals(row[0], *(int(cell) for cell in row[1:])) for row in rows}


def entry_view(entry: LedgerEntry, name: str | None, title: str | None) -> EntryView:
    """Return an entry with its names; an actor without a person row is shown by id."""
    return EntryView(
        id=entry.id,
        kind=entry.kind,
        amount=entry.amount,
        quota_slots=entry.quota_slots,
        generation_id=entry.generation_id,
        title=title,
        by=name or entry.actor,
        reason=entry.reason,
        created_at=entry.created_at,
    )


def _entries(account_id: str, kind: EntryKind | None) -> Any:
    query = (
        select(LedgerEntry, Person.name, Generation.title)
        .outerjoin(Person, Person.id == LedgerEntry.actor)
        .outerjoin(Generation, Generation.id == LedgerEntry.generation_id)
    )
    return _of_account(query, account_id, kind)


def _of_account(query: Any, account_id: str, kind: EntryKind | None) -> Any:
    query = query.where(LedgerEntry.account_id == account_id)
    if kind:
        query = query.where(LedgerEntry.kind == kind)
    return query.order_by(LedgerEntry.created_at.desc(), LedgerEntry.id.desc())


def _cells(row: Iterable[Any]) -> tuple[str | None, ...]:
    return tuple(
        None if cell is None else cell.isoformat() if isinstance(cell, datetime) else str(cell)
        for cell in row
    )


def _totals() -> Any:
    entries, slots = _by_generation(), _slot_sums()
    sums = _sums(entries)
    by_account = (
        select(
            entries.c.account_id,
            func.sum(func.coalesce(slots.c.consumed, 0)).label("consumed"),
            func.sum(func.coalesce(slots.c.held, 0)).label("held"),
            func.count()
            .filter(
                entries.c.charged
                != entries.c.refunded
                + func.coalesce(slots.c.consumed, 0)
                + func.coalesce(slots.c.held, 0)
            )
            .label("uneven"),
        )
        .outerjoin(slots, slots.c.generation_id == entries.c.generation_id)
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


def _by_generation() -> Any:
    """Sum the ledger by account and generation; grants have none."""
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


def _slot_sums() -> Any:
    """Sum what each generation's slots consumed, and what they still hold."""
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
