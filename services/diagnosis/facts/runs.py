"""Read runs with their newest attempt and recent events, for one generation or for many."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, defer

from services.core.states import ACTIVE_RUNS, RunState
from services.database.models import Attempt, Event, Run, RunSlot
from services.diagnosis.facts.models import AttemptFacts, LastEvent, RunFacts, facts_of_row
from services.monitoring.run_status import line
from services.pipeline.dispatcher import queue_of
from services.pipeline.events import EventName
from services.providers.durations import DurationEstimator, learn
from services.queue.base import JobFacts, job_id_of

OPEN_RUNS = (*sorted(ACTIVE_RUNS), RunState.NEEDS_REVIEW)
TIMED_RUNS = (RunState.SUBMITTING, RunState.WAITING)
"""What a provider may have: only these are compared with earlier durations."""
MAX_LOG_CHARACTERS = 8_000
RECENT_EVENTS = (
    EventName.RUN_THROTTLED,
    EventName.RUN_STEP_FAILED,
    EventName.RUN_RETRIED,
)


class RunReader:
    """Reads run facts. `durations`: medians of models; `slow`: their p95."""

    def __init__(self, durations: DurationEstimator, slow: DurationEstimator) -> None:
        self._durations = durations
        self._slow = slow

    def of_generation(self, session: Session, generation_id: str) -> list[RunFacts]:
        """Read its runs, oldest first: three statements, one more for durations that are not cached."""
        return self._read(session, Run.generation_id == generation_id)

    def open_ones(self, session: Session, limit: int) -> list[RunFacts]:
        """Read all open runs, oldest first, in as many statements."""
        return self._read(session, Run.state.in_(OPEN_RUNS), limit)

    def _read(
        self, session: Session, condition: ColumnElement[bool], limit: int | None = None
    ) -> list[RunFacts]:
        ahead = line()
        slots = (
            select(func.array_agg(RunSlot.slot_id))
            .where(RunSlot.run_id == Run.id)
            .correlate(Run)
            .scalar_subquery()
        )
        rows = session.execute(
            select(Run, slots, func.coalesce(ahead.c.ahead, 0))
            .outerjoin(ahead, ahead.c.id == Run.id)
            .where(condition)
            .order_by(Run.created_at, Run.id)
            .limit(limit)
        ).all()
        runs = [run for run, *_ in rows]
        attempts = _newest_attempts(session, [run.id for run in runs], has_logs=limit is None)
        last = _last_events(session, [run.id for run in runs if run.state in OPEN_RUNS])
        models = [(run.provider, run.model) for run in runs if run.state in TIMED_RUNS]
        learn(session, (self._durations, self._slow), models)
        return [
            facts_of_row(
                RunFacts,
                run,
                queue=queue_of(run),
                ahead=int(ahead),
                slot_ids=tuple(slot_ids or ()),
                attempt=attempts.get(run.id),
                median_seconds=self._seconds(session, run, self._durations),
                p95_seconds=self._seconds(session, run, self._slow),
                last=last.get(run.id, {}),
            )
            for run, slot_ids, ahead in rows
        ]

    def _seconds(self, session: Session, run: Run, durations: DurationEstimator) -> float | None:
        return durations(session, run.provider, run.model) if run.state in TIMED_RUNS else None


def _newest_attempts(
    session: Session, run_ids: Sequence[str], *, has_logs: bool
) -> dict[str, AttemptFacts]:
    """Read them by run, without payloads, which are large, and with the end of their logs or none."""
    logs = func.right(Attempt.logs, MAX_LOG_CHARACTERS) if has_logs else literal("")
    rows = session.execute(
        select(Attempt, logs)
        .ext(distinct_on(Attempt.run_id))
        .where(Attempt.run_id.in_(run_ids))
        .order_by(Attempt.run_id, Attempt.number.desc())
        .options(defer(Attempt.payload), defer(Attempt.logs))
    )
    return {str(row.run_id): _attempt(row, log or "") for row, log in rows}


def _last_events(session: Session, run_ids: Sequence[str]) -> dict[str, dict[str, LastEvent]]:
    """Read the newest event of each name in `RECENT_EVENTS`, by run."""
    if not run_ids:
        return {}
    rows = session.execute(
        select(Event.run_id, Event.name, Event.at, Event.detail)
        .ext(distinct_on(Event.run_id, Event.name))
        .where(Event.run_id.in_(run_ids), Event.name.in_(RECENT_EVENTS))
        .order_by(Event.run_id, Event.name, Event.id.desc())
    )
    last: dict[str, dict[str, LastEvent]] = {}
    for run_id, name, at, detail in rows:
        event = LastEvent(at, str(detail.get("reason") or ""), str(detail.get("part") or ""))
        last.setdefault(str(run_id), {})[name] = event
    return last


def _attempt(row: Attempt, logs: str) -> AttemptFacts:
    stored = tuple(str(output["storage_key"]) for output in row.outputs if "storage_key" in output)
    return facts_of_row(
        AttemptFacts, row, output_count=len(row.outputs), stored_keys=stored, logs=logs
    )


def enqueued_job_ids(runs: Iterable[RunFacts]) -> list[str]:
    """List the jobs that should be in Redis now: enqueued, and claimed by no worker."""
    return [
        job_id_of(run.id, run.seq)
        for run in runs
        if run.enqueued_at is not None and run.lease_until is None and run.state in ACTIVE_RUNS
    ]


def job_of(run: RunFacts, jobs: Mapping[str, JobFacts]) -> JobFacts | None:
    """Return the facts about the run's present job."""
    return jobs.get(job_id_of(run.id, run.seq))


def advanced_runs(session: Session, runs: Sequence[RunFacts]) -> set[str]:
    """Find runs whose step has changed since they were read: their job facts are outdated."""
    if not runs:
        return set()
    now = {
        run_id: (seq, lease is not None)
        for run_id, seq, lease in session.execute(
            select(Run.id, Run.seq, Run.lease_until).where(Run.id.in_([it.id for it in runs]))
        )
    }
    return {it.id for it in runs if now.get(it.id) != (it.seq, it.lease_until is not None)}
