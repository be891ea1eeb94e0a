"""Read the state of the system: processes, providers, pauses. Redis is asked by the caller."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import QueueName
from services.database.models import QueueState as QueueRow
from services.diagnosis.facts.models import QueuePause, SystemFacts
from services.monitoring.processes import read_processes, worker_threads
from services.monitoring.providers import ProviderReader
from services.pipeline.dispatcher import JOBS_PER_THREAD, DispatchRules
from services.queue.base import QueueState


def read_system_facts(
    session: Session, queue: QueueState | None, providers: ProviderReader
) -> SystemFacts:
    """Read it in three statements."""
    processes = read_processes(session)
    now, paused_queues = _now_and_pauses(session)
    return SystemFacts(
        now=now,
        processes=processes,
        providers=providers.read(session),
        queue=queue,
        paused_queues=paused_queues,
        queue_capacity=max(
            DispatchRules(rates={}).min_jobs, JOBS_PER_THREAD * worker_threads(processes)
        ),
    )


def _now_and_pauses(session: Session) -> tuple[datetime, dict[QueueName, QueuePause]]:
    """The database's clock and all paused queues, in one statement."""
    clock = select(func.clock_timestamp().label("now")).subquery()
    rows = session.execute(
        select(clock.c.now, QueueRow.queue, QueueRow.paused_at, QueueRow.paused_by).outerjoin(
            QueueRow, QueueRow.paused_at.is_not(None)
        )
    ).all()
    pauses = {
        queue: QueuePause(at, by or "Somebody") for _, queue, at, by in rows if at is not None
    }
    return rows[0][0], pauses
