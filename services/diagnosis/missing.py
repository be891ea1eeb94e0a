"""Missing pictures by cause, and how far the comparison of storage and rows has come."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError
from services.core.states import MissingCause, ReconciliationScope, ReconciliationState, Role
from services.core.thresholds import Thresholds
from services.database.engine import Database
from services.database.models import Account, Asset, Attempt, Generation, Reconciliation, Run
from services.database.models import OrphanedFile as Orphan
from services.diagnosis.causes import CAUSES, Cause
from services.diagnosis.missing_items import (
    CAUSE_OF,
    MissingItem,
    MissingPage,
    missing_files,
    page_of,
    unfetched_outputs,
)
from services.reconciliation.full_comparison import share_done
from services.reconciliation.schedule import newest, running_round

__all__ = ["MissingGroup", "MissingItem", "MissingPage", "MissingPictures", "MissingReport"]

LISTED = (
    Cause.OUTPUT_NOT_FETCHED,
    Cause.OBJECT_MISSING,
    Cause.WRONG_BUCKET,
    Cause.ORPHANED_FILE,
)
"""Every cause with a list here, the most urgent first."""
FIRST_ITEMS = 6
MOST_ACCOUNTS = 5
MOST_ITEMS = 200


@dataclass(frozen=True)
class MissingGroup:
    """Everything that is missing for one cause; a group without anything is left out."""

    cause: Cause
    count: int
    oldest_at: datetime
    accounts: tuple[tuple[str, int], ...]
    """Names and how many of each, the most first, at most five; strays have none."""
    byte_count: int | None
    """Of strays alone: what deleting them would free."""
    items: tuple[MissingItem, ...]
    """The first of them."""

    @property
    def title(self) -> str:
        """The cause's own words."""
        return CAUSES[self.cause].title


@dataclass(frozen=True)
class ReconciliationSummary:
    """The newest round of a scope; `progress` 0–1 while a full one runs."""

    scope: ReconciliationScope
    state: ReconciliationState
    began_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None
    object_count: int
    missing_count: int
    orphan_count: int
    problem: str | None
    progress: float | None
    completed_at: datetime | None
    """When a round of this scope last came to its end."""


@dataclass(frozen=True)
class MissingReport:
    """All groups, the most urgent first, and the newest round of each scope that ever ran."""

    groups: tuple[MissingGroup, ...]
    rounds: tuple[ReconciliationSummary, ...]

    @property
    def total(self) -> int:
        """Pictures that are missing or may soon be; strays are none."""
        return sum(group.count for group in self.groups if group.cause is not Cause.ORPHANED_FILE)


@dataclass(frozen=True)
class _Tally:
    count: int
    oldest_at: datetime
    accounts: tuple[tuple[str, int], ...] = ()
    byte_count: int | None = None


class MissingPictures:
    """Reads what the rounds have found, and orders one; it never asks the storage itself."""

    def __init__(self, database: Database, thresholds: Thresholds | None = None) -> None:
        self._database = database
        self._thresholds = thresholds or Thresholds()

    def report(self, actor: Actor) -> MissingReport:
        """At most eleven statements, whatever is missing."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            tallies = _file_tallies(session, actor) | _output_tally(
                session, actor, self._thresholds
            )
            tallies |= _stray_tally(session)
            groups = tuple(
                self._group(session, actor, cause, tallies[cause])
                for cause in LISTED
                if cause in tallies
            )
            rounds = [_round_view(session, scope) for scope in ReconciliationScope]
        return MissingReport(groups, tuple(view for view in rounds if view))

    def items(
        self, actor: Actor, cause: Cause, before: str | None = None, limit: int = 50
    ) -> MissingPage:
        """One page of a cause, one statement; raises InvalidRequestError for any other cause."""
        require(actor, Role.VIEWER)
        if cause not in LISTED:
            raise InvalidRequestError(
                problem="There is no list of missing pictures for this cause."
            )
        with self._database.transaction() as session:
            return self._page(session, actor, cause, before, max(1, min(limit, MOST_ITEMS)))

    def count(self, actor: Actor) -> int:
        """How many stored pictures are missing: one statement, on the index of those alone."""
        require(actor, Role.VIEWER)
        query = select(func.count()).select_from(Asset).where(*missing_files(actor))
        with self._database.transaction() as session:
            return session.scalars(query).one()

    def order_round(self, actor: Actor, scope: ReconciliationScope) -> bool:
        """Have storage and rows compared now; False when that is going on already."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            going, is_new = running_round(session, scope)
            if is_new:
                after = {"scope": scope.value}
                told = "Ordered by hand"
                record_change(session, actor, "storage.compare", going.id, told, after=after)
        return is_new

    def _group(self, session: Session, actor: Actor, cause: Cause, tally: _Tally) -> MissingGroup:
        page = self._page(session, actor, cause, None, FIRST_ITEMS)
        return MissingGroup(
            cause, tally.count, tally.oldest_at, tally.accounts, tally.byte_count, page.items
        )

    def _page(
        self, session: Session, actor: Actor, cause: Cause, before: str | None, limit: int
    ) -> MissingPage:
        return page_of(session, actor, cause, before, limit, self._thresholds)


def _file_tallies(session: Session, actor: Actor) -> dict[Cause, _Tally]:
    rows = session.execute(
        select(Asset.missing_cause, Account.name, func.count(), func.min(Asset.missing_at))
        .join(Account, Account.id == Asset.account_id)
        .where(*missing_files(actor))
        .group_by(Asset.missing_cause, Account.id)
    ).all()
    found: dict[Cause, list[Any]] = {}
    for missing, *told in rows:
        found.setdefault(CAUSE_OF[missing or MissingCause.GONE], []).append(told)
    return {cause: _tally(told) for cause, told in found.items()}


def _output_tally(session: Session, actor: Actor, late: Thresholds) -> dict[Cause, _Tally]:
    rows = session.execute(
        select(Account.name, func.count(), func.min(Attempt.finished_at))
        .select_from(Run)
        .join(Attempt, Attempt.run_id == Run.id)
        .join(Generation, Generation.id == Run.generation_id)
        .join(Account, Account.id == Generation.account_id)
        .where(*unfetched_outputs(actor, late))
        .group_by(Account.id)
    ).all()
    return {Cause.OUTPUT_NOT_FETCHED: _tally(rows)} if rows else {}


def _stray_tally(session: Session) -> dict[Cause, _Tally]:
    count, byte_count, oldest = session.execute(
        select(func.count(), func.sum(Orphan.byte_count), func.min(Orphan.found_at))
    ).one()
    if not count:
        return {}
    return {Cause.ORPHANED_FILE: _Tally(count, oldest, byte_count=int(byte_count))}


def _tally(rows: Iterable[Any]) -> _Tally:
    """Of rows with an account's name, its count and its oldest; one account may have several."""
    told = [tuple(row) for row in rows]
    counts: Counter[str] = Counter()
    for name, count, _ in told:
        counts[name] += count
    oldest_at = min(oldest for _, _, oldest in told)
    return _Tally(counts.total(), oldest_at, tuple(counts.most_common(MOST_ACCOUNTS)))


def _round_view(session: Session, scope: ReconciliationScope) -> ReconciliationSummary | None:
    last = newest(session, scope)
    if last is None:
        return None
    completed_at = session.scalar(
        select(Reconciliation.ended_at)
        .where(Reconciliation.scope == scope, Reconciliation.state == ReconciliationState.DONE)
        .order_by(Reconciliation.began_at.desc())
        .limit(1)
    )
    is_measured = scope is ReconciliationScope.FULL and last.state is ReconciliationState.RUNNING
    return ReconciliationSummary(
        scope=scope,
        state=last.state,
        began_at=last.began_at,
        heartbeat_at=last.heartbeat_at,
        ended_at=last.ended_at,
        object_count=last.object_count,
        missing_count=last.missing_count,
        orphan_count=last.orphan_count,
        problem=last.problem,
        progress=share_done(last.after_key) if is_measured else None,
        completed_at=completed_at,
    )
