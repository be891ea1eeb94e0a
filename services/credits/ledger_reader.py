"""Read an account's ledger: as pages, as CSV, and whether its sums add up.

Invariant of each generation: charged = consumed + refunded + held.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from services.core.actors import Actor, require
from services.core.states import EntryKind, Role
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Generation, LedgerEntry, Person
from services.database.query_result import csv_text

MAX_CSV_ROWS = 100_000
COLUMNS = (
    *("id", "created_at", "account_id", "kind", "amount", "quota_slots", "generation_id"),
    *("slot_id", "charge_id", "actor", "reason"),
)

_TOTALS = text(
    """
    SELECT account_id, balance, sum_of_entries, granted, charged, refunded, consumed, held,
      uneven_generations
    FROM diagnostics.credit_balances
    """
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
        return csv_text(COLUMNS, rows)

    def totals(self, actor: Actor) -> dict[str, AccountTotals]:
        """Return the sums by account; one statement that reads the entire ledger and every slot."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            return {row.account_id: AccountTotals(*row) for row in session.execute(_TOTALS)}


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
