"""Schedule and progress of comparisons: the rows of `reconciliations`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.audit.changes import lock_name
from services.core.states import ReconciliationScope, ReconciliationState
from services.database.models import Reconciliation, new_id

COMMIT_LAG = timedelta(minutes=2)
"""A row is committed some time after its creation time."""
MAX_RECENT_AGE = timedelta(days=1)
"""Older rows are left to the full comparison."""
_RETENTION = {
    ReconciliationScope.NEW: timedelta(days=1),
    ReconciliationScope.FULL: timedelta(days=90),
}


@dataclass(frozen=True)
class ReconciliationTimes:
    """How often each comparison starts, and when a failed full one is retried."""

    full: timedelta = timedelta(days=1)
    full_retry: timedelta = timedelta(hours=1)
    new: timedelta = timedelta(minutes=5)

    def is_due(
        self, last: Reconciliation | None, scope: ReconciliationScope, now: datetime
    ) -> bool:
        """Whether this scope has something to do; a running comparison always has."""
        if last is None or last.state is ReconciliationState.RUNNING:
            return True
        if scope is ReconciliationScope.NEW:
            return now - last.began_at >= self.new
        pause = self.full if last.state is ReconciliationState.DONE else self.full_retry
        return now - last.began_at >= pause


@dataclass(frozen=True)
class Claimed:
    """A running reconciliation, as claimed."""

    id: str
    scope: ReconciliationScope
    after_key: str
    now: datetime
    """The database's clock when it was claimed."""


@dataclass(frozen=True)
class Counts:
    """What one batch adds to the counts."""

    objects: int = 0
    missing: int = 0
    orphans: int = 0


def due_scopes(session: Session, times: ReconciliationTimes) -> tuple[ReconciliationScope, ...]:
    """Return the scopes that are due, the quick one first."""
    now = session.scalars(select(func.clock_timestamp())).one()
    scopes = (ReconciliationScope.NEW, ReconciliationScope.FULL)
    return tuple(scope for scope in scopes if times.is_due(newest(session, scope), scope, now))


def newest(session: Session, scope: ReconciliationScope) -> Reconciliation | None:
    """Read the reconciliation that began last."""
    return session.scalar(
        select(Reconciliation)
        .where(Reconciliation.scope == scope)
        .order_by(Reconciliation.began_at.desc())
        .limit(1)
    )


def claim(session: Session, scope: ReconciliationScope) -> Claimed:
    """Continue the running reconciliation of this scope or start one; delete old ones."""
    now = session.scalars(select(func.clock_timestamp())).one()
    running, is_new = running_reconciliation(session, scope)
    if is_new:
        session.execute(
            delete(Reconciliation).where(
                Reconciliation.scope == scope, Reconciliation.began_at < now - _RETENTION[scope]
            )
        )
    return Claimed(running.id, scope, running.after_key, now)


def running_reconciliation(
    session: Session, scope: ReconciliationScope
) -> tuple[Reconciliation, bool]:
    """Return the running reconciliation of this scope or a new one, and whether it is new.

    The reconciler continues it within seconds, whoever started it.
    """
    lock_name(session, f"reconciliation {scope}")
    last = newest(session, scope)
    if last is not None and last.state is ReconciliationState.RUNNING:
        return last, False
    started = Reconciliation(id=new_id("rnd"), scope=scope, state=ReconciliationState.RUNNING)
    session.add(started)
    session.flush()
    session.refresh(started)
    return started, True


def save_progress(session: Session, claimed: Claimed, after_key: str, counts: Counts) -> bool:
    """Store that everything up to `after_key` is compared; False if another process did."""
    changed = session.execute(
        update(Reconciliation)
        .where(
            Reconciliation.id == claimed.id,
            Reconciliation.state == ReconciliationState.RUNNING,
            Reconciliation.after_key == claimed.after_key,
        )
        .values(
            after_key=after_key,
            heartbeat_at=func.clock_timestamp(),
            object_count=Reconciliation.object_count + counts.objects,
            missing_count=Reconciliation.missing_count + counts.missing,
            orphan_count=Reconciliation.orphan_count + counts.orphans,
        )
        .returning(Reconciliation.id)
    )
    return changed.first() is not None


def reset_counts(session: Session, claimed: Claimed) -> None:
    """Reset the counts of a comparison that starts over after a stop."""
    session.execute(
        update(Reconciliation)
        .where(Reconciliation.id == claimed.id)
        .values(object_count=0, missing_count=0, orphan_count=0)
    )


def end(session: Session, claimed: Claimed, problem: str | None) -> None:
    """End it; with a problem, what it has not compared is unknown."""
    session.execute(
        update(Reconciliation)
        .where(Reconciliation.id == claimed.id, Reconciliation.state == ReconciliationState.RUNNING)
        .values(
            state=ReconciliationState.FAILED if problem else ReconciliationState.DONE,
            problem=problem,
            heartbeat_at=func.clock_timestamp(),
            ended_at=func.clock_timestamp(),
        )
    )


def new_since(session: Session, claimed: Claimed) -> datetime:
    """Return from when on rows are new: shortly before the last finished comparison began."""
    last = session.scalar(
        select(func.max(Reconciliation.began_at)).where(
            Reconciliation.scope == ReconciliationScope.NEW,
            Reconciliation.state == ReconciliationState.DONE,
        )
    )
    earliest = claimed.now - MAX_RECENT_AGE
    return max(earliest, last - COMMIT_LAG) if last else earliest
