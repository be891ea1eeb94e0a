"""Read the state of the system: processes, providers, pauses. Redis is asked by the caller."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import QueueName
from services.database.models import ProviderState as ProviderRow
from services.database.models import QueueState as QueueRow
from services.diagnosis.facts.models import ProviderFacts, QueuePause, SystemFacts
from services.monitoring.heartbeats import ProcessFacts, process_facts
from services.pipeline.dispatcher import JOBS_PER_THREAD, DispatchRules
from services.providers.labels import PROVIDER_LABELS
from services.queue.job_reads import QueueState


def read_system_facts(
    session: Session,
    queue: QueueState | None,
    rates: Mapping[str, float | None],
    fingerprints: Mapping[str, str],
) -> SystemFacts:
    """Read it in three statements. `rates`: creates a second; `fingerprints`: of tokens in use."""
    processes = process_facts(session)
    now, paused_queues = _now_and_pauses(session)
    return SystemFacts(
        now=now,
        processes=processes,
        providers=_providers(session, rates, fingerprints),
        queue=queue,
        paused_queues=paused_queues,
        queue_capacity=_capacity(processes),
    )


def _providers(
    session: Session, rates: Mapping[str, float | None], fingerprints: Mapping[str, str]
) -> dict[str, ProviderFacts]:
    rows = {row.provider: row for row in session.scalars(select(ProviderRow))}
    return {
        name: _provider(name, rows.get(name), rates.get(name), fingerprints.get(name))
        for name in rows.keys() | rates.keys()
    }


def _provider(
    name: str, row: ProviderRow | None, rate: float | None, fingerprint: str | None
) -> ProviderFacts:
    lowered = row.create_rate if row else None
    slowest = min((it for it in (rate, lowered) if it), default=None)
    return ProviderFacts(
        name=name,
        label=PROVIDER_LABELS.get(name, name),
        is_configured=fingerprint is not None,
        is_registered=row is not None,
        fingerprint=fingerprint,
        paused_at=row.paused_at if row else None,
        paused_reason=row.paused_reason if row else None,
        paused_failure=row.paused_failure if row else None,
        blocked_until=row.blocked_until if row else None,
        seconds_between_creates=1.0 / slowest if slowest else 0.0,
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


def _capacity(processes: tuple[ProcessFacts, ...]) -> int:
    """As many queued jobs as the dispatcher allows."""
    threads = sum(it.threads for it in processes if it.role == "worker" and it.is_alive)
    return max(DispatchRules(rates={}).min_jobs, JOBS_PER_THREAD * threads)
