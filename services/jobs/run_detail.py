"""One run in detail: its attempts at the provider, its problems, its job in Redis."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import NotFoundError, QueueUnavailableError
from services.core.states import AttemptState
from services.database.models import Attempt, Event, Generation, Run
from services.people.visibility import visible_generations
from services.pipeline.events import EventName
from services.providers.registry import SIMULATED_FINGERPRINTS, provider_label
from services.queue.base import JobFacts, Queue, job_id_of
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

MAX_STEPS = 40
"""Newest steps of a run whose tracebacks are read from Redis."""
MAX_PROBLEMS = 50
PROBLEM_EVENTS = (
    EventName.RUN_THROTTLED,
    EventName.RUN_RETRIED,
    EventName.RUN_STEP_FAILED,
    EventName.RUN_POLL_FAILED,
    EventName.RUN_RECOVERED,
    EventName.RUN_REQUEUED,
    EventName.RUN_NEEDS_REVIEW,
    EventName.RUN_FAILED,
    EventName.RUN_CANCEL_TOO_LATE,
)


@dataclass(frozen=True)
class AttemptSummary:
    """One create at a provider. `cost_usd` is estimated until `is_settled`."""

    number: int
    provider_label: str
    state: AttemptState
    seed: int
    web_url: str | None
    created_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None
    cost_usd: float
    is_settled: bool
    failure: str | None
    failure_detail: str | None


@dataclass(frozen=True)
class RunProblem:
    """An event that records a problem."""

    at: datetime
    name: EventName
    reason: str


@dataclass(frozen=True)
class StepTraceback:
    """The traceback of a failed job; RQ stores it for a week."""

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
    attempts: tuple[AttemptSummary, ...]
    problems: tuple[RunProblem, ...]
    """Newest first."""
    job: JobFacts | None = None
    tracebacks: tuple[StepTraceback, ...] = ()
    """Newest first."""
    is_queue_up: bool = True


def read_run_detail(session: Session, actor: Actor, run_id: str) -> RunDetail:
    """Read a run from the database, without its jobs: three statements; raises NotFoundError."""
    row = session.execute(
        select(Run, Generation.title)
        .join(Generation, Generation.id == Run.generation_id)
        .where(Run.id == run_id, *visible_generations(actor))
    ).one_or_none()
    if row is None:
        raise NotFoundError(what="run", id=run_id)
    run, title = row
    attempts = session.scalars(
        select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number)
    )
    return RunDetail(
        id=run.id,
        generation_id=run.generation_id,
        title=title,
        seq=run.seq,
        is_ended=run.finished_at is not None,
        attempts=tuple(_attempt(attempt) for attempt in attempts),
        problems=_problems(session, run_id),
    )


def with_jobs(detail: RunDetail, queue: Queue) -> RunDetail:
    """Add its present job and the tracebacks of its newest steps: two Redis round trips."""
    newest = range(detail.seq, max(-1, detail.seq - MAX_STEPS), -1)
    ids = [job_id_of(detail.id, seq) for seq in newest]
    try:
        texts = queue.tracebacks(ids)
        jobs = {} if detail.is_ended else queue.job_facts(ids[:1])
    except QueueUnavailableError:
        return replace(detail, is_queue_up=False)
    tracebacks = tuple(StepTraceback(job_id, texts[job_id]) for job_id in ids if job_id in texts)
    return replace(detail, job=jobs.get(ids[0]), tracebacks=tracebacks)


def _problems(session: Session, run_id: str) -> tuple[RunProblem, ...]:
    rows = session.scalars(
        select(Event)
        .where(Event.run_id == run_id, Event.name.in_(PROBLEM_EVENTS))
        .order_by(Event.id.desc())
        .limit(MAX_PROBLEMS)
    )
    return tuple(RunProblem(row.at, EventName(row.name), _reason(row.detail)) for row in rows)


def _reason(detail: dict[str, Any]) -> str:
    return str(detail.get("reason") or detail.get("detail") or "")


def _attempt(row: Attempt) -> AttemptSummary:
    failed = row.failure is not None
    return AttemptSummary(
        number=row.number,
        provider_label=provider_label(row.provider),
        state=row.state,
        seed=row.seed,
        web_url=None if row.token_fingerprint in SIMULATED_FINGERPRINTS else row.web_url,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        finished_at=row.finished_at,
        cost_usd=row.estimated_cost_usd if row.actual_cost_usd is None else row.actual_cost_usd,
        is_settled=row.actual_cost_usd is not None,
        failure=FAILURE_SENTENCES.get(row.failure or "", UNKNOWN_FAILURE) if failed else None,
        failure_detail=row.failure_detail,
    )
