"""The audit trail, page by page, and as a file for a spreadsheet. Changes nothing."""

import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from services.audit.changes import one_line
from services.audit.differences import Change, changes_of
from services.core.actors import SYSTEM, Actor, require
from services.core.states import Role
from services.database.csv_export import write_csv
from services.database.engine import Database
from services.database.models import Audit, Person
from services.database.models.base import words as indexed_words
from services.database.read_only.reader import QueryResult

EXPORTED_ROWS = 100_000
COLUMNS = (*("id", "at", "actor", "name", "action", "subject_id", "reason", "before", "after"),)
# Numbers and times are given in one statement each, so that they part by less than this.
_PARTED_IDS = 1000
_REASON: ColumnElement[Any] = literal_column(indexed_words("reason").text)


@dataclass(frozen=True)
class AuditFilters:
    """What is looked for; everything that is empty is left out. `until` itself is excluded."""

    actor_id: str = ""
    action: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    """Words of the reason; the last one may be its beginning alone."""


@dataclass(frozen=True)
class AuditView:
    """One change: who did what to what, and why."""

    id: int
    at: datetime
    actor_id: str
    by: str
    action: str
    subject_id: str
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class AuditPage:
    """One keyset page, newest first; `next_before` asks for the following one."""

    items: tuple[AuditView, ...]
    next_before: int | None


@dataclass(frozen=True)
class AuditChoices:
    """Who has acted, by id with their name, and every action that was taken."""

    people: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]


class AuditTrail:
    """Reads the trail, for admins alone: it names people and shows what they changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        actor: Actor,
        filters: AuditFilters = AuditFilters(),
        before: int | None = None,
        limit: int = 50,
    ) -> AuditPage:
        """Changes older than `before`, by their number."""
        require(actor, Role.ADMIN)
        query = filtered(filters)
        if before is not None:
            query = query.where(Audit.id < before)
        with self._database.transaction() as session:
            rows = session.execute(query.limit(limit + 1)).all()
        items = tuple(_view(*row) for row in rows[:limit])
        return AuditPage(items, items[-1].id if len(rows) > limit else None)

    def choices(self, actor: Actor) -> AuditChoices:
        """What the filters offer; one look at an index for each, however long the trail is."""
        require(actor, Role.ADMIN)
        with self._database.transaction() as session:
            ids, actions = _distinct(session, "actor"), _distinct(session, "action")
            names = select(Person.id, Person.name).where(Person.id.in_(ids))
            known = {SYSTEM.id: SYSTEM.name, **{row.id: row.name for row in session.execute(names)}}
        people = [(who, known.get(who, who)) for who in ids]
        return AuditChoices(tuple(sorted(people, key=lambda person: person[1])), tuple(actions))

    def csv(self, actor: Actor, filters: AuditFilters = AuditFilters()) -> str:
        """The newest changes, at most EXPORTED_ROWS, as CSV that no spreadsheet runs."""
        require(actor, Role.ADMIN)
        query = filtered(filters).limit(EXPORTED_ROWS).execution_options(yield_per=2000)
        with self._database.transaction() as session:
            rows = [_cells(*row) for row in session.execute(query)]
        out = io.StringIO(newline="")
        write_csv(QueryResult(COLUMNS, rows, len(rows) == EXPORTED_ROWS, 0.0), out)
        return out.getvalue()


def filtered(filters: AuditFilters) -> Select[Audit, str]:
    """The statement that finds these changes, newest first."""
    query = select(Audit, Person.name).outerjoin(Person, Person.id == Audit.actor)
    named = {
        Audit.actor: filters.actor_id,
        Audit.action: filters.action,
        Audit.subject_id: one_line(filters.subject_id),
    }
    for column, value in named.items():
        if value:
            query = query.where(column == value)
    if words := one_line(filters.words):
        query = query.where(_REASON.bool_op("@@")(_wanted(words)))
    return query.where(*_between(filters.since, filters.until)).order_by(Audit.id.desc())


def _wanted(words: str) -> ColumnElement[Any]:
    """All of these words, the last one as a beginning; nothing when none is left of them."""
    parsed = func.nullif(cast(func.plainto_tsquery("simple", words), Text), "")
    return cast(parsed.concat(":*"), TSQUERY)


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Times, and the numbers that go with them: the trail is read in their order."""
    conditions: list[ColumnElement[bool]] = []
    if since:
        first = select(Audit.id).where(Audit.at >= since).order_by(Audit.at).limit(1)
        conditions += [Audit.at >= since, Audit.id >= first.scalar_subquery() - _PARTED_IDS]
    if until:
        last = select(Audit.id).where(Audit.at < until).order_by(Audit.at.desc()).limit(1)
        conditions += [Audit.at < until, Audit.id <= last.scalar_subquery() + _PARTED_IDS]
    return conditions


def _distinct(session: Session, column: str) -> list[str]:
    """The different values of an indexed column, each found by a jump over its equals."""
    found = getattr(Audit, column)
    jumps = select(func.min(found).label("value")).cte("jumps", recursive=True)
    following = select(func.min(found)).where(found > jumps.c.value).scalar_subquery()
    jumps = jumps.union_all(select(following).where(jumps.c.value.is_not(None)))
    return list(session.scalars(select(jumps.c.value).where(jumps.c.value.is_not(None))))


def _view(row: Audit, name: str | None) -> AuditView:
    return AuditView(
        id=row.id,
        at=row.at,
        actor_id=row.actor,
        by=_by(row, name),
        action=row.action,
        subject_id=row.subject_id,
        reason=row.reason,
        changes=changes_of(row.before, row.after),
    )


def _by(row: Audit, name: str | None) -> str:
    return SYSTEM.name if row.actor == SYSTEM.id else name or row.actor


def _cells(row: Audit, name: str | None) -> tuple[str | None, ...]:
    kept = [
        None if data is None else json.dumps(data, ensure_ascii=False, sort_keys=True)
        for data in (row.before, row.after)
    ]
    who = (row.actor, _by(row, name))
    return (str(row.id), row.at.isoformat(), *who, row.action, row.subject_id, row.reason, *kept)
