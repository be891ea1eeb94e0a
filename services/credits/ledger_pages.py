"""The ledger of one account, page by page, and as a file for a spreadsheet."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from services.core.actors import Actor, require
from services.core.states import EntryKind, Role
from services.credits.part import Part
from services.database.csv_export import write_csv
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Generation, LedgerEntry, Person
from services.database.read_only.reader import QueryResult

EXPORTED_ROWS = 100_000
COLUMNS = (
    *("id", "created_at", "account_id", "kind", "amount", "quota_slots", "generation_id"),
    *("slot_id", "charge_id", "actor", "reason"),
)


@dataclass(frozen=True)
class EntryView:
    """One movement of credits; `title` names the generation it is for."""

    id: str
    account_id: str
    kind: EntryKind
    amount: int
    quota_slots: int
    quota_day: date | None
    generation_id: str | None
    slot_id: str | None
    charge_id: str | None
    title: str | None
    by: str
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class LedgerPage:
    """One keyset page, newest first."""

    items: tuple[EntryView, ...]
    next_cursor: str | None


class LedgerPages(Part):
    """Reads the ledger."""

    def ledger_page(
        self,
        actor: Actor,
        account_id: str,
        *,
        kind: EntryKind | None = None,
        before: str | None = None,
        limit: int = 30,
    ) -> LedgerPage:
        """Entries of this account, older than the cursor: one range of its index."""
        require(actor, Role.VIEWER)
        query = _entries(account_id, kind).where(
            *keyset_before(before, LedgerEntry.created_at, LedgerEntry.id)
        )
        with self._database.transaction() as session:
            rows = session.execute(query.limit(limit + 1)).all()
        items = tuple(entry_view(*row) for row in rows[:limit])
        cursor = encode(items[-1].created_at, items[-1].id) if len(rows) > limit else None
        return LedgerPage(items, cursor)

    def ledger_csv(self, actor: Actor, account_id: str, kind: EntryKind | None = None) -> str:
        """The newest entries, at most EXPORTED_ROWS, as CSV that no spreadsheet runs."""
        require(actor, Role.VIEWER)
        columns = [getattr(LedgerEntry, name) for name in COLUMNS]
        query = (
            _of_account(select(*columns), account_id, kind)
            .limit(EXPORTED_ROWS)
            .execution_options(yield_per=2000)
        )
        with self._database.transaction() as session:
            rows = [_cells(row) for row in session.execute(query)]
        out = io.StringIO(newline="")
        write_csv(QueryResult(COLUMNS, rows, len(rows) == EXPORTED_ROWS, 0.0), out)
        return out.getvalue()


def entry_view(entry: LedgerEntry, name: str | None, title: str | None) -> EntryView:
    """An entry with the words beside it; whoever is no person of the desk keeps their id."""
    return EntryView(
        id=entry.id,
        account_id=entry.account_id,
        kind=entry.kind,
        amount=entry.amount,
        quota_slots=entry.quota_slots,
        quota_day=entry.quota_day,
        generation_id=entry.generation_id,
        slot_id=entry.slot_id,
        charge_id=entry.charge_id,
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
