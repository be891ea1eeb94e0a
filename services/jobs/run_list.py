"""The list of runs: one keyset page, each with what it waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import QueueUnavailableError
from services.core.states import Kind, RunState
from services.database.engine import Database
from services.database.keyset import after as keyset_after
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Account, Generation, Run
from services.jobs.filters import RunFilters, Sort, filter_conditions
from services.monitoring.run_status import (
    Gates,
    RunGroup,
    group_column,
    group_conditions,
    is_in_line,
    read_gates,
    status_words,
)
from services.pipeline.cancel import CANCELABLE
from services.pipeline.retry import RETRYABLE
from services.providers.durations import DurationEstimator
from services.providers.registry import provider_label
from services.queue.base import JobFacts, Queue, job_id_of
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

LIMIT = 50
RunColumns = Row[Run, str, Generation, str]
"""A run, its group, its generation and its account's name."""
Query = Select[Run, str, Generation, str]


@dataclass(frozen=True)
class RunSummary:
    """One run. `waited_seconds`: from its creation until a worker first took it, or until now."""

    id: str
    generation_id: str
    title: str
    account_name: str
    kind: Kind
    provider_label: str
    model: str
    group: RunGroup
    waits_for: str
    attempts: int
    created_at: datetime
    waited_seconds: float
    ran_seconds: float | None
    """Since a worker first took it; None while it waits."""
    failure: str | None
    is_cancelable: bool
    is_retryable: bool


@dataclass(frozen=True)
class RunPage:
    """One page; `is_queue_up` False: places in Redis queues are missing."""

    rows: tuple[RunSummary, ...]
    next_cursor: str | None
    is_queue_up: bool = True


def read_run_page(
    database: Database,
    queue: Queue,
    estimator: DurationEstimator,
    actor: Actor,
    filters: RunFilters,
    sort: Sort,
    before: str | None,
    limit: int,
) -> RunPage:
    """Read one page: one keyset statement, three for what holds runs back, one Redis round trip.

    Redis is asked after the transaction.
    """
    query = _sorted(_query().where(*filter_conditions(filters, actor)), sort, before)
    with database.transaction() as session:
        found = session.execute(query.limit(limit + 1)).all()
        shown = found[:limit]
        in_line = [run.id for run, group, *_ in shown if is_in_line(run, RunGroup(group))]
        gates = read_gates(session, in_line)
        durations = _durations(session, estimator, shown)
    jobs, is_queue_up = _jobs(queue, [run for run, *_ in shown])
    cursor = _cursor(shown[-1][0], sort) if len(found) > limit else None
    rows = tuple(
        _row(
            row,
            gates,
            jobs.get(job_id_of(row[0].id, row[0].seq)),
            durations.get((row[0].provider, row[0].model)),
        )
        for row in shown
    )
    return RunPage(rows, cursor, is_queue_up)


def _durations(
    session: Session, estimator: DurationEstimator, rows: Sequence[RunColumns]
) -> Mapping[tuple[str, str], float | None]:
    """Return the typical seconds of the models of active runs; cached."""
    models = {(run.provider, run.model) for run, group, *_ in rows if group == RunGroup.ACTIVE}
    return {model: estimator(session, *model) for model in models}


def _jobs(queue: Queue, runs: Sequence[Run]) -> tuple[Mapping[str, JobFacts], bool]:
    """Read the jobs of enqueued runs; False when Redis did not answer."""
    ids = [
        job_id_of(run.id, run.seq)
        for run in runs
        if run.enqueued_at is not None and run.finished_at is None
    ]
    try:
        return (queue.job_facts(ids) if ids else {}), True
    except QueueUnavailableError:
        return {}, False


def _query() -> Query:
    return (
        select(Run, group_column(), Generation, Account.name)
        .join(Generation, Generation.id == Run.generation_id)
        .join(Account, Account.id == Generation.account_id)
    )


def _sorted(query: Query, sort: Sort, cursor: str | None) -> Query:
    if sort is Sort.LONGEST_WAITING:
        query = query.where(
            group_conditions()[RunGroup.WAITING] | group_conditions()[RunGroup.DELAYED]
        )
    if sort is Sort.MOST_ATTEMPTS:
        query = query.where(Run.attempt_count > 1)
        place = keyset_before(cursor, Run.attempt_count, Run.id)
        return query.where(*place).order_by(Run.attempt_count.desc(), Run.id.desc())
    if sort is Sort.NEWEST:
        place = keyset_before(cursor, Run.created_at, Run.id)
        return query.where(*place).order_by(Run.created_at.desc(), Run.id.desc())
    place = keyset_after(cursor, Run.created_at, Run.id)
    return query.where(*place).order_by(Run.created_at, Run.id)


def _cursor(last: Run, sort: Sort) -> str:
    by = last.attempt_count if sort is Sort.MOST_ATTEMPTS else last.created_at
    return encode(by, last.id)


def _row(
    row: RunColumns, gates: Gates, job: JobFacts | None, usual_seconds: float | None
) -> RunSummary:
    run, word, generation, account_name = row
    group = RunGroup(word)
    end = run.finished_at or gates.now
    return RunSummary(
        id=run.id,
        generation_id=generation.id,
        title=generation.title,
        account_name=account_name,
        kind=run.kind,
        provider_label=provider_label(run.provider),
        model=run.model,
        group=group,
        waits_for=status_words(run, group, gates, usual_seconds=usual_seconds, job=job),
        attempts=run.attempt_count,
        created_at=run.created_at,
        waited_seconds=_seconds(run.created_at, run.started_at or end),
        ran_seconds=_seconds(run.started_at, end) if run.started_at else None,
        failure=_failure_sentence(run),
        is_cancelable=generation.state in CANCELABLE and generation.cancel_requested_at is None,
        is_retryable=generation.state in RETRYABLE,
    )


def _failure_sentence(run: Run) -> str | None:
    """Return the sentence of its failure; None for a run that did not fail."""
    if run.state is not RunState.FAILED:
        return None
    return FAILURE_SENTENCES.get(run.failure or "", UNKNOWN_FAILURE)


def _seconds(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds())
