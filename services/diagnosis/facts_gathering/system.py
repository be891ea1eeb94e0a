"""The house as it is now: processes, providers, pauses; Redis is asked by the caller before."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import QueueName
from services.database.models import QueueState as QueueRow
from services.diagnosis.facts import House, Pause
from services.monitoring.processes import ProcessFacts, read_processes, worker_threads
from services.monitoring.providers import ProviderReader
from services.pipeline.dispatcher import JOBS_PER_THREAD, DispatchRules
from services.queue.base import QueueState


def read_system_facts(
    session: Session, queue: QueueState | None, providers: ProviderReader
) -> House:
    """Three statements."""
    processes = read_processes(session)
    now, paused_queues = _now_and_pauses(session)
    return House(
        now=now,
        processes=processes,
        providers=providers.read(session),
        queue=queue,
        paused_queues=paused_queues,
        room=_room(processes),
    )


def _now_and_pauses(session: Session) -> tuple[datetime, dict[QueueName, Pause]]:
    """The database's clock beside each paused queue, or alone."""
    clock = select(func.clock_timestamp().label("now")).subquery()
    rows = session.execute(
        select(clock.c.now, QueueRow.queue, QueueRow.paused_at, QueueRow.paused_by).outerjoin(
            QueueRow, QueueRow.paused_at.is_not(None)
        )
    ).all()
    pauses = {queue: Pause(at, by or "Somebody") for _, queue, at, by in rows if at is not None}
    return rows[0][0], pauses


def _room(processes: tuple[ProcessFacts, ...]) -> int:
    """As the dispatcher reckons it."""
    return max(DispatchRules(rates={}).min_jobs, JOBS_PER_THREAD * worker_threads(processes))
