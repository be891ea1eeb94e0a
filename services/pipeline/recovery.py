"""Recover steps whose worker died and jobs that were lost; both get a new fencing token."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.states import ACTIVE_RUNS, RunState
from services.database.models import Run
from services.pipeline.due_work import NOW
from services.pipeline.due_work import overdue as is_overdue
from services.pipeline.events import EventName, record
from services.pipeline.leases import Step, seconds_from_now

BATCH = 500
DIED = "Its worker died {count} times while it was {state}. It is not retried."


@dataclass(frozen=True)
class ExhaustedRun:
    """A run whose workers died too often, under its newest fencing token."""

    step: Step
    state: RunState
    detail: str


def recover_expired(session: Session, max_step_failures: int) -> tuple[int, list[ExhaustedRun]]:
    """Recover runs whose lease expired; each gets a new fencing token.

    Returns how many, and those that failed too often: the caller ends each in a transaction of
    its own, since no transaction may lock two generations.
    """
    # Rows locked by others are skipped: they are being renewed or finished at this moment.
    over = (
        select(Run.id)
        .where(Run.lease_until < NOW, Run.state.in_(ACTIVE_RUNS))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    expired = session.execute(
        update(Run)
        .where(Run.id.in_(over.scalar_subquery()))
        .values(
            seq=Run.seq + 1,
            lease_until=None,
            enqueued_at=None,
            due_at=func.clock_timestamp(),
            step_failures=Run.step_failures + 1,
        )
        .returning(Run.id, Run.seq, Run.generation_id, Run.state, Run.worker, Run.step_failures)
    ).all()
    exhausted = []
    for run_id, seq, generation_id, state, worker, failures in expired:
        record(
            session,
            EventName.RUN_RECOVERED,
            generation_id,
            run_id=run_id,
            state=state.value,
            worker=worker,
            times=failures,
        )
        if failures > max_step_failures:
            detail = DIED.format(count=failures, state=state.value)
            exhausted.append(ExhaustedRun(Step(run_id, seq), state, detail))
    return len(expired), exhausted


def requeue_lost_jobs(session: Session, waiting: set[str], requeue_after_seconds: float) -> int:
    """Make runs due whose job is gone, and go on waiting for a job that is still in its queue.

    Returns how many were lost.
    """
    overdue = session.execute(
        select(Run.id, Run.seq, Run.generation_id)
        .where(*is_overdue())
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    in_queue = {run_id for run_id, seq, _ in overdue if f"{run_id}-{seq}" in waiting}
    lost = [(run_id, generation) for run_id, _, generation in overdue if run_id not in in_queue]
    if in_queue:
        session.execute(
            update(Run)
            .where(Run.id.in_(in_queue))
            .values(due_at=seconds_from_now(requeue_after_seconds))
        )
    if lost:
        session.execute(
            update(Run)
            .where(Run.id.in_([run_id for run_id, _ in lost]))
            .values(seq=Run.seq + 1, enqueued_at=None)
        )
    for run_id, generation_id in lost:
        record(session, EventName.RUN_REQUEUED, generation_id, run_id=run_id)
    return len(lost)
