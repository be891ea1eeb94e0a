"""Which comparison is due, and how far each has come: the rows of `reconciliations`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.audit.changes import lock_name
from services.core.states import ReconciliationScope, ReconciliationState
from services.database.models import Reconciliation, new_id

SINCE_BEFORE = timedelta(minutes=2)
"""A row is committed some time after it was made."""
NEW_LOOKS_BACK = timedelta(days=1)
"""Older rows are for the full round."""
_KEPT = {ReconciliationScope.NEW: timedelta(days=1), ReconciliationScope.FULL: timedelta(days=90)}


@dataclass(frozen=True)
class ReconciliationTimes:
    """How often each round begins, and when one that failed is tried again."""

    full: timedelta = timedelta(days=1)
    full_again: timedelta = timedelta(hours=1)
    new: timedelta = timedelta(minutes=5)

    def is_due(
        self, last: Reconciliation | None, scope: ReconciliationScope, now: datetime
    ) -> bool:
        """Whether something is to be done for this scope; a running round is always gone on with."""
        if last is None or last.state is ReconciliationState.RUNNING:
            return True
        if scope is ReconciliationScope.NEW:
            return now - last.began_at >= self.new
        pause = self.full if last.state is ReconciliationState.DONE else self.full_again
        return now - last.began_at >= pause


@dataclass(frozen=True)
class Going:
    """A running round as it stands."""

    id: str
    scope: ReconciliationScope
    after_key: str
    now: datetime
    """The database's clock when it was taken up."""


@dataclass(frozen=True)
class Counts:
    """What one batch adds to a round."""

    objects: int = 0
    missing: int = 0
    orphans: int = 0


def due_scopes(session: Session, times: ReconciliationTimes) -> tuple[ReconciliationScope, ...]:
    """The scopes with something to do now, the quick one first."""
    now = session.scalars(select(func.clock_timestamp())).one()
    scopes = (ReconciliationScope.NEW, ReconciliationScope.FULL)
    return tuple(scope for scope in scopes if times.is_due(newest(session, scope), scope, now))


def newest(session: Session, scope: ReconciliationScope) -> Reconciliation | None:
    """The round that began last."""
    return session.scalar(
        select(Reconciliation)
        .where(Reconciliation.scope == scope)
        .order_by(Reconciliation.began_at.desc())
        .limit(1)
    )


def take_up(session: Session, scope: ReconciliationScope) -> Going:
    """Go on with the running round of this scope, or begin one; old ones are forgotten."""
    now = session.scalars(select(func.clock_timestamp())).one()
    running, is_new = running_round(session, scope)
    if is_new:
        session.execute(
            delete(Reconciliation).where(
                Reconciliation.scope == scope, Reconciliation.began_at < now - _KEPT[scope]
            )
        )
    return Going(running.id, scope, running.after_key, now)


def running_round(session: Session, scope: ReconciliationScope) -> tuple[Reconciliation, bool]:
    """The running round of this scope, or a new one; and whether it is new.

    The keeper takes a running round up within seconds, whoever began it.
    """
    lock_name(session, f"storage round {scope}")
    last = newest(session, scope)
    if last is not None and last.state is ReconciliationState.RUNNING:
        return last, False
    begun = Reconciliation(id=new_id("rnd"), scope=scope, state=ReconciliationState.RUNNING)
    session.add(begun)
    session.flush()
    session.refresh(begun)
    return begun, True


def note(session: Session, going: Going, after_key: str, counts: Counts) -> bool:
    """Keep that everything up to `after_key` is compared; False: somebody else was here."""
    changed = session.execute(
        update(Reconciliation)
        .where(
            Reconciliation.id == going.id,
            Reconciliation.state == ReconciliationState.RUNNING,
            Reconciliation.after_key == going.after_key,
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


def count_anew(session: Session, going: Going) -> None:
    """A round without a place to go on from counts from the beginning."""
    session.execute(
        update(Reconciliation)
        .where(Reconciliation.id == going.id)
        .values(object_count=0, missing_count=0, orphan_count=0)
    )


def end(session: Session, going: Going, problem: str | None) -> None:
    """The round is over; with a problem, what it has not compared is unknown."""
    session.execute(
        update(Reconciliation)
        .where(Reconciliation.id == going.id, Reconciliation.state == ReconciliationState.RUNNING)
        .values(
            state=ReconciliationState.FAILED if problem else ReconciliationState.DONE,
            problem=problem,
            heartbeat_at=func.clock_timestamp(),
            ended_at=func.clock_timestamp(),
        )
    )


def new_since(session: Session, going: Going) -> datetime:
    """From when on a NEW round looks: shortly before the last one that came to its end began."""
    last = session.scalar(
        select(func.max(Reconciliation.began_at)).where(
            Reconciliation.scope == ReconciliationScope.NEW,
            Reconciliation.state == ReconciliationState.DONE,
        )
    )
    earliest = going.now - NEW_LOOKS_BACK
    return max(earliest, last - SINCE_BEFORE) if last else earliest
