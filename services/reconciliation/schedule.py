"""Which comparison is due, and how far each has come: the rows of `storage_rounds`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.audit.changes import one_at_a_time
from services.core.states import RoundScope, RoundState
from services.database.models import StorageRound, new_id

SINCE_BEFORE = timedelta(minutes=2)
"""A row is committed some time after it was made."""
NEW_LOOKS_BACK = timedelta(days=1)
"""Older rows are for the full round."""
_KEPT = {RoundScope.NEW: timedelta(days=1), RoundScope.FULL: timedelta(days=90)}


@dataclass(frozen=True)
class RoundTimes:
    """How often each round begins, and when one that failed is tried again."""

    full: timedelta = timedelta(days=1)
    full_again: timedelta = timedelta(hours=1)
    new: timedelta = timedelta(minutes=5)

    def is_due(self, last: StorageRound | None, scope: RoundScope, now: datetime) -> bool:
        """Whether something is to be done for this scope; a running round is always gone on with."""
        if last is None or last.state is RoundState.RUNNING:
            return True
        if scope is RoundScope.NEW:
            return now - last.began_at >= self.new
        pause = self.full if last.state is RoundState.DONE else self.full_again
        return now - last.began_at >= pause


@dataclass(frozen=True)
class Going:
    """A running round as it stands."""

    id: str
    scope: RoundScope
    after_key: str
    now: datetime
    """The database's clock when it was taken up."""


@dataclass(frozen=True)
class Counts:
    """What one batch adds to a round."""

    objects: int = 0
    missing: int = 0
    strays: int = 0


def due_scopes(session: Session, times: RoundTimes) -> tuple[RoundScope, ...]:
    """The scopes with something to do now, the quick one first."""
    now = session.scalars(select(func.clock_timestamp())).one()
    scopes = (RoundScope.NEW, RoundScope.FULL)
    return tuple(scope for scope in scopes if times.is_due(newest(session, scope), scope, now))


def newest(session: Session, scope: RoundScope) -> StorageRound | None:
    """The round that began last."""
    return session.scalar(
        select(StorageRound)
        .where(StorageRound.scope == scope)
        .order_by(StorageRound.began_at.desc())
        .limit(1)
    )


def take_up(session: Session, scope: RoundScope) -> Going:
    """Go on with the running round of this scope, or begin one; old ones are forgotten."""
    now = session.scalars(select(func.clock_timestamp())).one()
    running, is_new = running_round(session, scope)
    if is_new:
        session.execute(
            delete(StorageRound).where(
                StorageRound.scope == scope, StorageRound.began_at < now - _KEPT[scope]
            )
        )
    return Going(running.id, scope, running.after_key, now)


def running_round(session: Session, scope: RoundScope) -> tuple[StorageRound, bool]:
    """The running round of this scope, or a new one; and whether it is new.

    The keeper takes a running round up within seconds, whoever began it.
    """
    one_at_a_time(session, f"storage round {scope}")
    last = newest(session, scope)
    if last is not None and last.state is RoundState.RUNNING:
        return last, False
    begun = StorageRound(id=new_id("rnd"), scope=scope, state=RoundState.RUNNING)
    session.add(begun)
    session.flush()
    session.refresh(begun)
    return begun, True


def note(session: Session, going: Going, after_key: str, counts: Counts) -> bool:
    """Keep that everything up to `after_key` is compared; False: somebody else was here."""
    changed = session.execute(
        update(StorageRound)
        .where(
            StorageRound.id == going.id,
            StorageRound.state == RoundState.RUNNING,
            StorageRound.after_key == going.after_key,
        )
        .values(
            after_key=after_key,
            beat_at=func.clock_timestamp(),
            object_count=StorageRound.object_count + counts.objects,
            missing_count=StorageRound.missing_count + counts.missing,
            stray_count=StorageRound.stray_count + counts.strays,
        )
        .returning(StorageRound.id)
    )
    return changed.first() is not None


def count_anew(session: Session, going: Going) -> None:
    """A round without a place to go on from counts from the beginning."""
    session.execute(
        update(StorageRound)
        .where(StorageRound.id == going.id)
        .values(object_count=0, missing_count=0, stray_count=0)
    )


def end(session: Session, going: Going, problem: str | None) -> None:
    """The round is over; with a problem, what it has not compared is unknown."""
    session.execute(
        update(StorageRound)
        .where(StorageRound.id == going.id, StorageRound.state == RoundState.RUNNING)
        .values(
            state=RoundState.FAILED if problem else RoundState.DONE,
            problem=problem,
            beat_at=func.clock_timestamp(),
            ended_at=func.clock_timestamp(),
        )
    )


def new_since(session: Session, going: Going) -> datetime:
    """From when on a NEW round looks: shortly before the last one that came to its end began."""
    last = session.scalar(
        select(func.max(StorageRound.began_at)).where(
            StorageRound.scope == RoundScope.NEW, StorageRound.state == RoundState.DONE
        )
    )
    earliest = going.now - NEW_LOOKS_BACK
    return max(earliest, last - SINCE_BEFORE) if last else earliest
