"""Claim a step of a run, renew its lease and give it back.

A step is named by (run id, seq). All times are the database's.
"""

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from services.core.errors import LeaseLostError
from services.core.states import RunState
from services.database.engine import Database
from services.database.models import Run


@dataclass(frozen=True)
class Step:
    """One step of one run: what a queue job carries, and the fence of all its writes."""

    run_id: str
    seq: int


def seconds_from_now(seconds: float) -> object:
    """Return the database's time plus so many seconds."""
    return func.clock_timestamp() + timedelta(seconds=seconds)


def claim(
    session: Session, step: Step, state: RunState, worker: str, lease_seconds: float
) -> Run | None:
    """Claim the step; returns None when this job must not do it any more."""
    claimed = session.execute(
        update(Run)
        .where(
            Run.id == step.run_id,
            Run.seq == step.seq,
            Run.state == state,
            Run.lease_until.is_(None),
        )
        .values(
            lease_until=seconds_from_now(lease_seconds),
            worker=worker,
            started_at=func.coalesce(Run.started_at, func.clock_timestamp()),
        )
        .returning(Run)
        .execution_options(synchronize_session=False)
    )
    return claimed.scalar_one_or_none()


def reschedule(session: Session, step: Step, in_seconds: float, **changes: Any) -> None:
    """End the step without a new state: the run is due later, under the next seq.

    Raises LeaseLostError when another worker has the run.
    """
    changed = session.execute(
        update(Run)
        .where(Run.id == step.run_id, Run.seq == step.seq)
        .values(
            seq=Run.seq + 1,
            lease_until=None,
            enqueued_at=None,
            due_at=seconds_from_now(in_seconds),
            **changes,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise LeaseLostError(run_id=step.run_id)


class LeaseRenewer:
    """Renews the leases of the steps that this process is working on.

    A step older than `step_limit_seconds` is no longer renewed: its thread hangs, and the
    dispatcher may give the run to another.
    """

    def __init__(self, database: Database, lease_seconds: float, step_limit_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._step_limit_seconds = step_limit_seconds
        self._held: dict[Step, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def hold(self, step: Step, now: float, limit_seconds: float | None = None) -> None:
        """Begin to renew, for `limit_seconds` at most; `now` is a monotonic clock's seconds."""
        with self._lock:
            self._held[step] = (now, limit_seconds or self._step_limit_seconds)

    def drop(self, step: Step) -> None:
        """Stop renewing."""
        with self._lock:
            self._held.pop(step, None)

    def held(self, now: float) -> dict[Step, float]:
        """Return the steps in work, and for how many seconds."""
        with self._lock:
            return {step: now - since for step, (since, _) in self._held.items()}

    def renew(self, now: float) -> int:
        """Renew all at once; returns how many leases were still ours."""
        with self._lock:
            current = [
                (step.run_id, step.seq)
                for step, (since, limit_seconds) in self._held.items()
                if now - since < limit_seconds
            ]
        if not current:
            return 0
        with self._database.transaction() as session:
            # One row that another session locks must not cost the others their leases.
            ours = (
                select(Run.id)
                .where(tuple_(Run.id, Run.seq).in_(current), Run.lease_until.is_not(None))
                .with_for_update(skip_locked=True, key_share=True)
            )
            renewed = session.execute(
                update(Run)
                .where(Run.id.in_(ours.scalar_subquery()))
                .values(lease_until=seconds_from_now(self._lease_seconds))
                .execution_options(synchronize_session=False)
            )
            return int(renewed.rowcount)  # type: ignore[attr-defined]
