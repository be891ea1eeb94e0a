"""The list of runs: one keyset page, each with what it waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import QueueUnavailableError
from services.core.states import GenerationState, Kind, Role, RunState
from services.database.keyset import after as keyset_after
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Account, Generation, Run
from services.jobs.filters import RunFilters, Sort, wanted
from services.jobs.groups import conditions, group_column
from services.jobs.part import Part
from services.monitoring.run_groups import RunGroup
from services.monitoring.waits import Gates, places_in_line, read_gates, waits_for
from services.pipeline.cancel import CANCELABLE
from services.pipeline.retry import RETRYABLE
from services.providers.registry import provider_label
from services.queue.base import job_id_of
from services.queue.job_reads import JobFacts
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE

LIMIT = 50
Listed = Row[Run, str, Generation, str]
"""A run, its group, its generation and its account's name."""
Query = Select[Run, str, Generation, str]


@dataclass(frozen=True)
class RunRow:
    """One run. `waited_seconds`: from its making until a worker took it first, or until now."""

    id: str
    generation_id: str
    generation_state: GenerationState
    title: str
    account_id: str
    account_name: str
    kind: Kind
    provider: str
    provider_label: str
    model: str
    state: RunState
    group: RunGroup
    waits_for: str
    attempts: int
    created_at: datetime
    waited_seconds: float
    ran_seconds: float | None
    """Since a worker took it first; None while it waits."""
    failure: str | None
    failure_detail: str | None
    is_cancelable: bool
    is_retryable: bool


@dataclass(frozen=True)
class RunPage:
    """One page; `is_queue_up` False: Redis did not tell the places in its queues."""

    rows: tuple[RunRow, ...]
    next_cursor: str | None
    is_queue_up: bool = True


class RunList(Part):
    """A page costs one keyset statement, three of what holds runs back, and one look at Redis."""

    def runs(
        self,
        actor: Actor,
        filters: RunFilters,
        sort: Sort = Sort.NEWEST,
        before: str | None = None,
        limit: int = LIMIT,
    ) -> RunPage:
        """The runs that fit; `before` is the cursor of the page that came before this one."""
        require(actor, Role.OPERATOR)
        query = _sorted(_listed().where(*wanted(filters, actor)), sort, before)
        with self._database.transaction() as session:
            found = session.execute(query.limit(limit + 1)).all()
            shown = found[:limit]
            gates = read_gates(session)
            places = places_in_line(session, [row[0].id for row in shown if _is_in_line(row)])
            durations = self._usual_of(session, shown)
        jobs, is_up = self._jobs_of(shown)
        cursor = _cursor(shown[-1][0], sort) if len(found) > limit else None
        rows = tuple(_row(row, gates, places, jobs, durations) for row in shown)
        return RunPage(rows, cursor, is_up)

    def _usual_of(
        self, session: Session, rows: Sequence[Listed]
    ) -> Mapping[tuple[str, str], float | None]:
        """Of the models that are being asked now; cached."""
        models = {(run.provider, run.model) for run, group, *_ in rows if group == RunGroup.ACTIVE}
        return {model: self._durations(session, *model) for model in models}

    def _jobs_of(self, rows: Sequence[Listed]) -> tuple[Mapping[str, JobFacts], bool]:
        """Of the runs that were rung; outside of any transaction, since Redis may be slow."""
        ids = [job_id_of(run.id, run.seq) for run, *_ in rows if _is_rung(run)]
        try:
            return (self._reads.job_facts(ids) if ids else {}), True
        except QueueUnavailableError:
            return {}, False


def _listed() -> Query:
    return (
        select(Run, group_column(), Generation, Account.name)
        .join(Generation, Generation.id == Run.generation_id)
        .join(Account, Account.id == Generation.account_id)
    )


def _sorted(query: Query, sort: Sort, cursor: str | None) -> Query:
    if sort is Sort.LONGEST_WAITING:
        query = query.where(conditions()[RunGroup.WAITING] | conditions()[RunGroup.DELAYED])
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


def _is_rung(run: Run) -> bool:
    return run.enqueued_at is not None and run.finished_at is None


def _is_in_line(row: Listed) -> bool:
    run, group, *_ = row
    return group == RunGroup.WAITING and run.enqueued_at is None


def _row(
    row: Listed,
    gates: Gates,
    places: Mapping[str, int],
    jobs: Mapping[str, JobFacts],
    durations: Mapping[tuple[str, str], float | None],
) -> RunRow:
    run, word, generation, account_name = row
    group = RunGroup(word)
    return RunRow(
        id=run.id,
        generation_id=generation.id,
        generation_state=generation.state,
        title=generation.title,
        account_id=generation.account_id,
        account_name=account_name,
        kind=run.kind,
        provider=run.provider,
        provider_label=provider_label(run.provider),
        model=run.model,
        state=run.state,
        group=group,
        waits_for=waits_for(
            run,
            group,
            gates,
            place=places.get(run.id),
            job=jobs.get(job_id_of(run.id, run.seq)),
            durations=durations.get((run.provider, run.model)),
        ),
        attempts=run.attempt_count,
        created_at=run.created_at,
        waited_seconds=_seconds(run.created_at, run.started_at or run.finished_at or gates.now),
        ran_seconds=_seconds(run.started_at, run.finished_at or gates.now)
        if run.started_at
        else None,
        failure=failure_sentence(run),
        failure_detail=run.failure_detail,
        is_cancelable=generation.state in CANCELABLE and generation.cancel_requested_at is None,
        is_retryable=generation.state in RETRYABLE,
    )


def failure_sentence(run: Run) -> str | None:
    """Why it failed, in a person's words; None for one that did not."""
    if run.state is not RunState.FAILED:
        return None
    return FAILURE_SENTENCES.get(run.failure or "", UNKNOWN_FAILURE)


def _seconds(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds())
