"""Read the audit trail: as pages, as CSV, and each row's differences field by field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from services.audit.changes import one_line
from services.core.actors import SYSTEM, Actor, require
from services.core.states import Role
from services.database.engine import Database
from services.database.models import Audit, Person
from services.database.models.base import words as indexed_words
from services.database.query_result import csv_text

MAX_CSV_ROWS = 100_000
COLUMNS = ("id", "at", "actor", "name", "action", "subject_id", "reason", "before", "after")
# Ids and times are assigned separately; a row is at most this many ids out of time order.
_ID_SLACK = 1000
_REASON: ColumnElement[Any] = literal_column(indexed_words("reason").text)


@dataclass(frozen=True)
class AuditFilters:
    """Filters of the trail; empty ones do not apply. `until` itself is excluded."""

    actor_id: str = ""
    action: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    """Words of the reason; the last one matches as a prefix."""


@dataclass(frozen=True)
class Change:
    """One field. `before` None: it did not exist; `after` None: no value was stored."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class AuditView:
    """One change: who did what to what, and why."""

    id: int
    at: datetime
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
    """Reads the trail, for admins: it names people and shows what they changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        actor: Actor,
        filters: AuditFilters = AuditFilters(),
        before: int | None = None,
        limit: int = 50,
    ) -> AuditPage:
        """Return the newest changes with an id below `before`."""
        require(actor, Role.ADMIN)
        query = filtered(filters)
        if before is not None:
            query = query.where(Audit.id < before)
        with self._database.transaction() as session:
            rows = session.execute(query.limit(limit + 1)).all()
        items = tuple(_view(*row) for row in rows[:limit])
        return AuditPage(items, items[-1].id if len(rows) > limit else None)

    def choices(self, actor: Actor) -> AuditChoices:
        """Return the values of the filters; one index lookup each, however long the trail is."""
        require(actor, Role.ADMIN)
        with self._database.transaction() as session:
            ids, actions = _distinct(session, "actor"), _distinct(session, "action")
            names = select(Person.id, Person.name).where(Person.id.in_(ids))
            known = {SYSTEM.id: SYSTEM.name, **{row.id: row.name for row in session.execute(names)}}
        people = [(who, known.get(who, who)) for who in ids]
        return AuditChoices(tuple(sorted(people, key=lambda person: person[1])), tuple(actions))

    def csv(self, actor: Actor, filters: AuditFilters = AuditFilters()) -> str:
        """Return the newest changes, at most MAX_CSV_ROWS, as CSV without formulas."""
        require(actor, Role.ADMIN)
        query = filtered(filters).limit(MAX_CSV_ROWS).execution_options(yield_per=2000)
        with self._database.transaction() as session:
            rows = [_cells(*row) for row in session.execute(query)]
        return csv_text(COLUMNS, rows)


def filtered(filters: AuditFilters) -> Select[Audit, str]:
    """Return the statement that selects these changes, newest first."""
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
        query = query.where(_REASON.bool_op("@@")(_prefix_query(words)))
    return query.where(*_between(filters.since, filters.until)).order_by(Audit.id.desc())


def _prefix_query(words: str) -> ColumnElement[Any]:
    """Match all of these words, the last one as a prefix; match nothing without a word."""
    parsed = func.nullif(cast(func.plainto_tsquery("simple", words), Text), "")
    return cast(parsed.concat(":*"), TSQUERY)


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Restrict times and, since the trail is read by id, the ids that belong to them."""
    conditions: list[ColumnElement[bool]] = []
    if since:
        first = select(Audit.id).where(Audit.at >= since).order_by(Audit.at).limit(1)
        conditions += [Audit.at >= since, Audit.id >= first.scalar_subquery() - _ID_SLACK]
    if until:
        last = select(Audit.id).where(Audit.at < until).order_by(Audit.at.desc()).limit(1)
        conditions += [Audit.at < until, Audit.id <= last.scalar_subquery() + _ID_SLACK]
    return conditions


def _distinct(session: Session, column: str) -> list[str]:
    """Return the distinct values of an indexed column; each one is one index lookup."""
    found = getattr(Audit, column)
    jumps = select(func.min(found).label("value")).cte("jumps", recursive=True)
    following = select(func.min(found)).where(found > jumps.c.value).scalar_subquery()
    jumps = jumps.union_all(select(following).where(jumps.c.value.is_not(None)))
    return list(session.scalars(select(jumps.c.value).where(jumps.c.value.is_not(None))))


def _view(row: Audit, name: str | None) -> AuditView:
    return AuditView(
        id=row.id,
        at=row.at,
        by=_by(row, name),
        action=row.action,
        subject_id=row.subject_id,
        reason=row.reason,
        changes=changes_of(row.before, row.after),
    )


def _by(row: Audit, name: str | None) -> str:
    return SYSTEM.name if row.actor == SYSTEM.id else name or row.actor


def _cells(row: Audit, name: str | None) -> tuple[str | None, ...]:
    stored = [
        None if data is None else json.dumps(data, ensure_ascii=False, sort_keys=True)
        for data in (row.before, row.after)
    ]
    who = (row.actor, _by(row, name))
    return (str(row.id), row.at.isoformat(), *who, row.action, row.subject_id, row.reason, *stored)


def changes_of(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Change, ...]:
    """Return the fields that differ, in their order; all of them where one side is missing."""
    old, new = _flat(before or {}), _flat(after or {})
    return tuple(
        Change(name, _text(old, name), _text(new, name))
        for name in dict.fromkeys([*old, *new])
        if name not in old or name not in new or old[name] != new[name]
    )


def _flat(data: Mapping[str, Any], under: str = "") -> dict[str, Any]:
    """Flatten `{"fault": {"name": "slow"}}` to `{"fault.name": "slow"}`."""
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{under}{name}.")
        else:
            flat[f"{under}{name}"] = value
    return flat


def _text(data: Mapping[str, Any], name: str) -> str | None:
    return _shown(data[name]) if name in data else None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return str(value)
