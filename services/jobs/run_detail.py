"""One run in detail: its attempts at the provider, what went wrong on the way, its queue job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import NotFoundError, QueueUnavailableError
from services.core.states import AttemptState, Role
from services.database.models import Attempt, Event, Generation, Run
from services.jobs.part import Part
from services.people.visibility import visible_generations
from services.pipeline.events import EventName
from services.providers.registry import provider_label
from services.queue.base import job_id_of
from services.queue.job_reads import JobFacts
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

STEPS_LOOKED_AT = 40
"""So many of a run's newest steps are looked for in Redis."""
MOST_TROUBLES = 50
TROUBLES = (
    EventName.RUN_THROTTLED,
    EventName.RUN_RETRIED,
    EventName.RUN_STEP_FAILED,
    EventName.RUN_RECOVERED,
    EventName.RUN_REQUEUED,
    EventName.RUN_NEEDS_REVIEW,
    EventName.RUN_FAILED,
    EventName.RUN_CANCEL_TOO_LATE,
)


@dataclass(frozen=True)
class AttemptView:
    """One create at a provider. `cost_usd` is estimated until `is_settled`."""

    id: str
    number: int
    provider_label: str
    model: str
    state: AttemptState
    seed: int
    prediction_id: str | None
    web_url: str | None
    created_at: datetime
    accepted_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    predict_seconds: float | None
    cost_usd: float
    is_settled: bool
    failure: str | None
    failure_detail: str | None


@dataclass(frozen=True)
class Trouble:
    """An event that tells of something that went wrong."""

    at: datetime
    name: EventName
    reason: str


@dataclass(frozen=True)
class StepTraceback:
    """What RQ kept of a step that broke."""

    job_id: str
    text: str


@dataclass(frozen=True)
class RunDetail:
    """`job` None: Redis did not answer, or the run has ended."""

    id: str
    generation_id: str
    title: str
    seq: int
    is_ended: bool
    attempts: tuple[AttemptView, ...]
    troubles: tuple[Trouble, ...]
    """Newest first."""
    job: JobFacts | None
    tracebacks: tuple[StepTraceback, ...]
    """Newest first; failed jobs are kept for a week."""
    is_queue_up: bool


class RunDetails(Part):
    """Three statements and two looks at Redis."""

    def detail(self, actor: Actor, run_id: str) -> RunDetail:
        """Everything that was tried for a run; raises NotFoundError."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            run, title = _found(session, actor, run_id)
            tried = attempts_of(session, run_id)
            troubles = _troubles(session, run_id)
        job, tracebacks, is_up = self._from_queue(run)
        return RunDetail(
            id=run.id,
            generation_id=run.generation_id,
            title=title,
            seq=run.seq,
            is_ended=run.finished_at is not None,
            attempts=tried,
            troubles=troubles,
            job=job,
            tracebacks=tracebacks,
            is_queue_up=is_up,
        )

    def attempts(self, actor: Actor, run_id: str) -> list[AttemptView]:
        """The creates of a run, oldest first; raises NotFoundError."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            _found(session, actor, run_id)
            return list(attempts_of(session, run_id))

    def _from_queue(self, run: Run) -> tuple[JobFacts | None, tuple[StepTraceback, ...], bool]:
        newest = range(run.seq, max(-1, run.seq - STEPS_LOOKED_AT), -1)
        ids = [job_id_of(run.id, seq) for seq in newest]
        try:
            told = self._reads.tracebacks(ids)
            facts = self._reads.job_facts(ids[:1]) if run.finished_at is None else {}
        except QueueUnavailableError:
            return None, (), False
        kept = tuple(StepTraceback(job_id, told[job_id]) for job_id in ids if job_id in told)
        return facts.get(ids[0]), kept, True


def attempts_of(session: Session, run_id: str) -> tuple[AttemptView, ...]:
    """One indexed statement."""
    rows = session.scalars(select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number))
    return tuple(_attempt(row) for row in rows)


def _found(session: Session, actor: Actor, run_id: str) -> tuple[Run, str]:
    row = session.execute(
        select(Run, Generation.title)
        .join(Generation, Generation.id == Run.generation_id)
        .where(Run.id == run_id, *visible_generations(actor))
    ).one_or_none()
    if row is None:
        raise NotFoundError(what="run", id=run_id)
    run, title = row
    return run, title


def _troubles(session: Session, run_id: str) -> tuple[Trouble, ...]:
    rows = session.scalars(
        select(Event)
        .where(Event.run_id == run_id, Event.name.in_(TROUBLES))
        .order_by(Event.id.desc())
        .limit(MOST_TROUBLES)
    )
    return tuple(Trouble(row.at, EventName(row.name), _reason(row.detail)) for row in rows)


def _reason(detail: dict[str, Any]) -> str:
    return str(detail.get("reason") or detail.get("detail") or "")


def _attempt(row: Attempt) -> AttemptView:
    failed = row.failure is not None
    return AttemptView(
        id=row.id,
        number=row.number,
        provider_label=provider_label(row.provider),
        model=row.model,
        state=row.state,
        seed=row.seed,
        prediction_id=row.prediction_id,
        web_url=row.web_url,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        predict_seconds=row.predict_seconds,
        cost_usd=row.estimated_cost_usd if row.actual_cost_usd is None else row.actual_cost_usd,
        is_settled=row.actual_cost_usd is not None,
        failure=FAILURE_SENTENCES.get(row.failure or "", UNKNOWN_FAILURE) if failed else None,
        failure_detail=row.failure_detail,
    )
