"""Report missing pictures by cause, and the progress of the reconciliation of storage and rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from services.diagnosis.facts.models import facts_of_row
from services.diagnosis.missing_items import (
    CAUSE_OF,
    MissingItem,
    MissingPage,
    missing_files,
    page_of,
    unfetched_outputs,
)
from services.diagnosis.registry import BY_ID
from services.reconciliation.full_comparison import share_done
from services.reconciliation.schedule import newest, running_reconciliation

LISTED = (
    *("output_not_fetched", "object_missing", "object_damaged"),
    *("wrong_bucket", "orphaned_file"),
)
"""The causes with a list here, the most urgent first."""
FIRST_ITEMS = 6
MAX_ACCOUNTS = 5
MAX_ITEMS = 200


@dataclass(frozen=True)
class MissingGroup:
    """Everything that is missing for one cause; a group without anything is left out."""

    cause: str
    count: int
    oldest_at: datetime
    accounts: tuple[tuple[str, int], ...] = ()
    """Names with their counts, the largest first, at most five; orphaned files have none."""
    byte_count: int | None = None
    """Of orphaned files only: bytes that deleting them frees."""
    items: tuple[MissingItem, ...] = ()
    """The first page."""

    @property
    def title(self) -> str:
        """The cause's title."""
        return BY_ID[self.cause].title


@dataclass(frozen=True)
class ReconciliationSummary:
    """The newest reconciliation of a scope; `progress` 0–1 while a full one runs."""

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
    """When a reconciliation of this scope last completed."""


@dataclass(frozen=True)
class MissingReport:
    """All groups, the most urgent first, and the newest reconciliation of each scope."""

    groups: tuple[MissingGroup, ...]
    reconciliations: tuple[ReconciliationSummary, ...]

    @property
    def total(self) -> int:
        """Pictures that are missing or may soon be; orphaned files are not counted."""
        return sum(group.count for group in self.groups if group.cause != "orphaned_file")


class MissingPictures:
    """Reads what reconciliation has found, and starts one; it never reads the storage itself."""

    def __init__(self, database: Database, thresholds: Thresholds | None = None) -> None:
        self._database = database
        self._thresholds = thresholds or Thresholds()

    def report(self, actor: Actor) -> MissingReport:
        """Read all groups in at most eleven statements."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            counted = [
                *_file_groups(session, actor),
                *_output_groups(session, actor, self._thresholds),
                *_orphan_groups(session),
            ]
            counted.sort(key=lambda group: LISTED.index(group.cause))
            groups = tuple(
                replace(it, items=self._page(session, actor, it.cause, None, FIRST_ITEMS).items)
                for it in counted
            )
            newest_of_scopes = [_newest_summary(session, scope) for scope in ReconciliationScope]
        return MissingReport(groups, tuple(it for it in newest_of_scopes if it))

    def items(
        self, actor: Actor, cause: str, before: str | None = None, limit: int = 50
    ) -> MissingPage:
        """Read one page of a cause in one statement; raises InvalidRequestError for any other cause."""
        require(actor, Role.VIEWER)
        if cause not in LISTED:
            raise InvalidRequestError(
                problem="There is no list of missing pictures for this cause."
            )
        with self._database.transaction() as session:
            return self._page(session, actor, cause, before, max(1, min(limit, MAX_ITEMS)))

    def count(self, actor: Actor) -> int:
        """Count missing pictures in one statement on their partial index."""
        require(actor, Role.VIEWER)
        query = select(func.count()).select_from(Asset).where(*missing_files(actor))
        with self._database.transaction() as session:
            return session.scalars(query).one()

    def start_reconciliation(self, actor: Actor, scope: ReconciliationScope) -> bool:
        """Start a reconciliation now; False when one is running already."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            running, is_new = running_reconciliation(session, scope)
            if is_new:
                after = {"scope": scope.value}
                record_change(
                    session, actor, "storage.compare", running.id, "Started by hand", after=after
                )
        return is_new

    def _page(
        self, session: Session, actor: Actor, cause: str, before: str | None, limit: int
    ) -> MissingPage:
        return page_of(session, actor, cause, before, limit, self._thresholds)


def _file_groups(session: Session, actor: Actor) -> list[MissingGroup]:
    rows = session.execute(
        select(Asset.missing_cause, Account.name, func.count(), func.min(Asset.missing_at))
        .join(Account, Account.id == Asset.account_id)
        .where(*missing_files(actor))
        .group_by(Asset.missing_cause, Account.id)
    ).all()
    found: dict[str, list[Any]] = {}
    for missing, *of_account in rows:
        found.setdefault(CAUSE_OF[missing or MissingCause.GONE], []).append(of_account)
    return [_group(cause, of_accounts) for cause, of_accounts in found.items()]


def _output_groups(session: Session, actor: Actor, late: Thresholds) -> list[MissingGroup]:
    rows = session.execute(
        select(Account.name, func.count(), func.min(Attempt.finished_at))
        .select_from(Run)
        .join(Attempt, Attempt.run_id == Run.id)
        .join(Generation, Generation.id == Run.generation_id)
        .join(Account, Account.id == Generation.account_id)
        .where(*unfetched_outputs(actor, late))
        .group_by(Account.id)
    ).all()
    return [_group("output_not_fetched", rows)] if rows else []


def _orphan_groups(session: Session) -> list[MissingGroup]:
    count, byte_count, oldest = session.execute(
        select(func.count(), func.sum(Orphan.byte_count), func.min(Orphan.found_at))
    ).one()
    if not count:
        return []
    return [MissingGroup("orphaned_file", count, oldest, byte_count=int(byte_count))]


def _group(cause: str, rows: Sequence[Any]) -> MissingGroup:
    """Sum rows of (account's name, count, oldest); one account may have several."""
    counts: Counter[str] = Counter()
    for name, count, _ in rows:
        counts[name] += count
    oldest_at = min(oldest for _, _, oldest in rows)
    accounts = tuple(counts.most_common(MAX_ACCOUNTS))
    return MissingGroup(cause, counts.total(), oldest_at, accounts)


def _newest_summary(session: Session, scope: ReconciliationScope) -> ReconciliationSummary | None:
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
    return facts_of_row(
        ReconciliationSummary,
        last,
        progress=share_done(last.after_key) if is_measured else None,
        completed_at=completed_at,
    )
