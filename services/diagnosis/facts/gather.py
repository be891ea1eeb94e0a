"""Gather the facts about one generation from the database, Redis, its providers and the storage.

One source after the other, with no transaction open meanwhile. A source that does not answer is recorded
as such and does not stop the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import AtelierError, QueueUnavailableError
from services.core.redaction import redact
from services.core.server_problem import ServerProblem, problem_of
from services.core.states import QueueName, RunState
from services.core.thresholds import BLOCKER_SECONDS, Thresholds
from services.database.blockers import blockers
from services.database.engine import Database
from services.database.models import Attempt, LedgerEntry, Run
from services.database.models import QueueState as QueueRow
from services.diagnosis.facts.generation import (
    credits_of,
    read_entries,
    read_generation,
    read_slots,
    with_objects,
)
from services.diagnosis.facts.live import (
    MAX_FILES,
    MAX_READ_FILES,
    ask_concurrently,
    has_other_content,
    poll,
    pollable,
    stored_object,
)
from services.diagnosis.facts.models import CaseFacts, RunFacts, SlotFacts, facts_of_row
from services.diagnosis.facts.runs import RunReader, advanced_runs, enqueued_job_ids, job_of
from services.diagnosis.facts.system import HeldSteps, QueuePause, RestoreFacts, SystemFacts
from services.monitoring.processes import ProcessFacts, read_processes, worker_threads
from services.monitoring.providers import ProviderReader
from services.pipeline.dispatcher import JOBS_PER_THREAD, DispatchRules
from services.providers.base import PreparedRequest, Provider
from services.providers.durations import DurationEstimator
from services.queue.base import JobFacts, Queue, QueueCounts
from services.reconciliation.restores import open_restore
from services.storage.base import ObjectInfo, Storage


@dataclass(frozen=True)
class Sources:
    """The sources of facts; `storage` may raise StorageError when it is built."""

    database: Database
    queue: Queue
    storage: Callable[[], Storage]
    providers: Mapping[str, Provider]
    durations: DurationEstimator
    slow: DurationEstimator
    provider_states: ProviderReader
    logs: Path | None = None
    """The folder of this machine's logs."""


@dataclass(frozen=True)
class Gathered:
    """A case with the rows and objects that its timeline shows."""

    case: CaseFacts
    entries: tuple[LedgerEntry, ...]
    objects: tuple[tuple[str, ObjectInfo], ...]
    """Slot label and stored object."""
    is_live: bool
    """Whether its providers and the storage were asked."""


def read_system_facts(session: Session, providers: ProviderReader) -> SystemFacts:
    """Read processes, providers, pauses and locks in six statements; the caller asks Redis."""
    processes = read_processes(session)
    now, is_read_only, paused_queues = _now_and_pauses(session)
    restore = open_restore(session)
    return SystemFacts(
        now=now,
        processes=processes,
        providers=providers.read(session),
        queue=None,
        paused_queues=paused_queues,
        is_database_read_only=is_read_only,
        restore=facts_of_row(RestoreFacts, restore) if restore else None,
        # Our own sessions block each other for moments: that is no finding.
        blockers=tuple(
            it
            for it in blockers(session, BLOCKER_SECONDS)
            if it.seconds is None or it.seconds >= BLOCKER_SECONDS
        ),
        slow_steps=_slow_steps(session, processes),
        queue_capacity=max(
            DispatchRules(rates={}).min_jobs, JOBS_PER_THREAD * worker_threads(processes)
        ),
    )


def _slow_steps(session: Session, processes: Sequence[ProcessFacts]) -> dict[str, HeldSteps]:
    """Group the steps that workers execute for long by provider; no statement without one."""
    slow = {
        step.run_id: step.seconds + process.age_seconds
        for process in processes
        for step in process.held
        if step.seconds + process.age_seconds > Thresholds().slow_step and process.is_alive
    }
    if not slow:
        return {}
    runs = session.execute(select(Run.provider, Run.id).where(Run.id.in_(slow)))
    found: dict[str, list[float]] = {}
    for provider, run_id in runs:
        found.setdefault(provider, []).append(slow[run_id])
    return {name: HeldSteps(len(it), max(it)) for name, it in found.items()}


def _now_and_pauses(session: Session) -> tuple[datetime, bool, dict[QueueName, QueuePause]]:
    """Read the database's clock, whether it takes writes, and all paused queues: one statement."""
    is_read_only = func.current_setting("transaction_read_only") == "on"
    clock = select(func.clock_timestamp().label("now"), is_read_only.label("read_only")).subquery()
    rows = session.execute(
        select(
            clock.c.now, clock.c.read_only, QueueRow.queue, QueueRow.paused_at, QueueRow.paused_by
        ).outerjoin(QueueRow, QueueRow.paused_at.is_not(None))
    ).all()
    pauses = {
        queue: QueuePause(at, by or "Somebody") for *_, queue, at, by in rows if at is not None
    }
    return rows[0][0], rows[0][1], pauses


def given_up(logs: Path | None) -> tuple[str, ...]:
    """Read which processes the supervisor of this machine starts no more."""
    return tuple(redact(it.read_text()) for it in sorted(logs.glob("*.given-up"))) if logs else ()


def ask_queue(
    queue: Queue, job_ids: list[str]
) -> tuple[QueueCounts | None, dict[str, JobFacts], ServerProblem | None]:
    """Read the queues and these jobs; (None, {}, the reason if it is known) when Redis refuses."""
    try:
        return queue.counts(), dict(queue.job_facts(job_ids)) if job_ids else {}, None
    except QueueUnavailableError as error:
        return None, {}, problem_of(error)


def with_jobs(
    session: Session, runs: list[RunFacts], jobs: Mapping[str, JobFacts]
) -> list[RunFacts]:
    """Add its job to each run, but for runs whose step has advanced since they were read."""
    unqueued = [run for run in runs if (job := job_of(run, jobs)) and job.in_queue is None]
    advanced = advanced_runs(session, unqueued)
    return [replace(run, job=None if run.id in advanced else job_of(run, jobs)) for run in runs]


class Gatherer:
    """Gathers the facts about one generation."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._runs = RunReader(sources.durations, sources.slow)

    def gather(self, actor: Actor, generation_id: str, *, is_live: bool) -> Gathered:
        """Gather in at most 17 statements; raises NotFoundError and DatabaseUnavailableError."""
        storage = self._storage()
        with self._sources.database.transaction() as session:
            generation = read_generation(session, actor, generation_id)
            runs = self._runs.of_generation(session, generation_id)
            uri = None if isinstance(storage, str) else storage.uri
            slots = read_slots(session, generation_id, uri)
            entries = read_entries(session, generation_id)
            system = read_system_facts(session, self._sources.provider_states)
            unsent = _unsent(session, runs)
        queue, jobs, queue_problem = ask_queue(self._sources.queue, enqueued_job_ids(runs))
        if jobs:
            with self._sources.database.transaction() as session:
                runs = with_jobs(session, runs, jobs)
        if is_live:
            runs = self._live(runs, unsent)
        slots, objects, problem = self._files(storage, slots) if is_live else (slots, (), None)
        system = replace(
            system,
            queue=queue,
            queue_problem=queue_problem,
            storage_problem=problem,
            given_up=given_up(self._sources.logs),
        )
        case = CaseFacts(system, generation, tuple(runs), slots, credits_of(entries, slots))
        return Gathered(case, entries, objects, is_live=is_live)

    def _storage(self) -> Storage | str:
        try:
            return self._sources.storage()
        except AtelierError as error:
            return error.sentence

    def _live(self, runs: list[RunFacts], unsent: Mapping[str, PreparedRequest]) -> list[RunFacts]:
        """Add what their providers report now; runs without an answer in time stay as they are."""
        by_id = {run.id: run for run in pollable(runs)}
        seen = ask_concurrently(
            by_id, lambda run_id: poll(self._sources.providers, by_id[run_id], unsent.get(run_id))
        )
        found = [it for _, candidates in seen.values() for it in candidates or ()]
        ours = self._known_ids(found) if found else set()
        return [
            replace(
                run,
                live=seen[run.id][0],
                was_searched=seen[run.id][1] is not None,
                candidates=tuple(it for it in seen[run.id][1] or () if it not in ours),
            )
            if run.id in seen
            else run
            for run in runs
        ]

    def _known_ids(self, prediction_ids: list[str]) -> set[str]:
        """Select those of these predictions that an attempt already has."""
        with self._sources.database.transaction() as session:
            known = select(Attempt.prediction_id).where(Attempt.prediction_id.in_(prediction_ids))
            return {str(it) for it in session.scalars(known)}

    def _files(
        self, storage: Storage | str, slots: tuple[SlotFacts, ...]
    ) -> tuple[tuple[SlotFacts, ...], tuple[tuple[str, ObjectInfo], ...], str | None]:
        """Send HEAD for each picture and thumbnail: slots with the answers, objects, an error."""
        if isinstance(storage, str):
            return slots, (), storage
        labels = _labels(slots)
        seen = ask_concurrently(list(labels)[:MAX_FILES], lambda key: stored_object(storage, key))
        problem = next((it for it in seen.values() if isinstance(it, str)), None)
        if labels and not seen:
            problem = "The storage did not answer in time."
        sizes = {
            key: it.byte_count if it else None
            for key, it in seen.items()
            if not isinstance(it, str)
        }
        objects = tuple(
            (labels[key], it)
            for key, it in seen.items()
            if isinstance(it, ObjectInfo) and labels[key]
        )
        originals = [slot.file.storage_key for slot in slots if slot.file]
        readable = [key for key in originals if len(originals) <= MAX_READ_FILES and sizes.get(key)]
        contents = ask_concurrently(readable, lambda key: has_other_content(storage, key))
        altered = [key for key, is_other in contents.items() if is_other]
        return with_objects(slots, sizes, altered), objects, problem


def _labels(slots: tuple[SlotFacts, ...]) -> dict[str, str]:
    """List the keys to check, with the slot's label; a thumbnail has none."""
    labels: dict[str, str] = {}
    for slot in slots:
        if slot.file and slot.file.deleted_at is None:
            labels[slot.file.storage_key] = slot.label
            if slot.file.thumbnail_key:
                labels.setdefault(slot.file.thumbnail_key, "")
    return labels


def _unsent(session: Session, runs: list[RunFacts]) -> dict[str, PreparedRequest]:
    """Read the requests of runs that need review, by run; no statement where there is none."""
    undecided = {
        run.attempt.id: run.id
        for run in runs
        if run.state is RunState.NEEDS_REVIEW and run.attempt is not None
    }
    if not undecided:
        return {}
    return {
        undecided[row.id]: PreparedRequest(row.model, row.version, row.payload)
        for row in session.scalars(select(Attempt).where(Attempt.id.in_(undecided)))
    }
