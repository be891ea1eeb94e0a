"""Everything that the rules need about one generation, and what else was seen on the way.

The database, Redis, the provider and the storage are asked one after the other, with no transaction
open meanwhile; a part that does not answer is told, and the others are asked all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.actors import Actor
from services.core.errors import AtelierError, QueueUnavailableError
from services.core.states import RunState
from services.database.engine import Database
from services.database.models import Attempt, LedgerEntry
from services.diagnosis.facts import Case, RunFacts, SlotFacts
from services.diagnosis.facts_gathering.generation import money_of, read_entries, read_generation
from services.diagnosis.facts_gathering.live import (
    MOST_FILES,
    ask_side_by_side,
    askable,
    look,
    stored,
)
from services.diagnosis.facts_gathering.runs import RunReader, enqueued_job_ids, job_of, moved_on
from services.diagnosis.facts_gathering.slots import read_slots, with_objects
from services.diagnosis.facts_gathering.system import read_system_facts
from services.monitoring.providers import ProviderReader
from services.providers.base import PreparedRequest, Provider
from services.providers.durations import DurationEstimator
from services.queue.base import JobFacts, JobReads, QueueState
from services.storage.base import ObjectInfo, Storage


@dataclass(frozen=True)
class Sources:
    """Whom to ask; `storage` may raise StorageError when it is built."""

    database: Database
    queue: JobReads
    storage: Callable[[], Storage]
    providers: Mapping[str, Provider]
    durations: DurationEstimator
    slow: DurationEstimator
    provider_states: ProviderReader


@dataclass(frozen=True)
class Gathered:
    """A case and what stands behind it."""

    case: Case
    entries: tuple[LedgerEntry, ...]
    objects: tuple[tuple[str, ObjectInfo], ...]
    """Slot label and what the storage holds of it."""
    queue_problem: str | None
    storage_problem: str | None
    was_storage_asked: bool


def ask_queue(queue: JobReads, job_ids: list[str]) -> tuple[QueueState | None, dict[str, JobFacts]]:
    """Redis as it is; (None, {}) when it does not answer."""
    try:
        return queue.queue_state(), dict(queue.job_facts(job_ids)) if job_ids else {}
    except QueueUnavailableError:
        return None, {}


def with_jobs(
    session: Session, runs: list[RunFacts], jobs: Mapping[str, JobFacts]
) -> list[RunFacts]:
    """The runs with their jobs; one whose step went on meanwhile is left without."""
    doubtful = [run for run in runs if (job := job_of(run, jobs)) and job.in_queue is None]
    gone_on = moved_on(session, doubtful)
    return [replace(run, job=None if run.id in gone_on else job_of(run, jobs)) for run in runs]


class Gatherer:
    """Gathers one generation's case."""

    def __init__(self, sources: Sources) -> None:
        self._ask = sources
        self._runs = RunReader(sources.durations, sources.slow)

    def gather(self, actor: Actor, generation_id: str, *, is_live: bool) -> Gathered:
        """At most 15 statements. Raises NotFoundError and DatabaseUnavailableError."""
        storage = self._storage()
        with self._ask.database.transaction() as session:
            generation = read_generation(session, actor, generation_id)
            runs = self._runs.of_generation(session, generation_id)
            uri = None if isinstance(storage, str) else storage.uri
            slots = read_slots(session, generation_id, uri)
            entries = read_entries(session, generation_id)
            house = read_system_facts(session, None, self._ask.provider_states)
            unsent = _unsent(session, runs)
        queue, jobs = ask_queue(self._ask.queue, enqueued_job_ids(runs))
        if jobs:
            with self._ask.database.transaction() as session:
                runs = with_jobs(session, runs, jobs)
        if is_live:
            runs = self._live(runs, unsent)
        slots, objects, problem = (
            self._files(storage, runs, slots) if is_live else (slots, (), None)
        )
        house = replace(house, queue=queue, storage_problem=problem)
        case = Case(house, generation, tuple(runs), slots, money_of(entries, slots))
        return Gathered(
            case,
            entries,
            objects,
            None if queue else "Redis does not answer.",
            problem,
            is_live,
        )

    def _storage(self) -> Storage | str:
        try:
            return self._ask.storage()
        except AtelierError as error:
            return error.sentence

    def _live(self, runs: list[RunFacts], unsent: Mapping[str, PreparedRequest]) -> list[RunFacts]:
        """What their providers say of them now; those that do not answer in time are not told."""
        by_id = {run.id: run for run in askable(runs)}
        seen = ask_side_by_side(
            by_id, lambda run_id: look(self._ask.providers, by_id[run_id], unsent.get(run_id))
        )
        found = [it for _, candidates in seen.values() for it in candidates]
        ours = self._known_ids(found) if found else set()
        return [
            replace(
                run,
                live=seen[run.id][0],
                candidates=tuple(it for it in seen[run.id][1] if it not in ours),
            )
            if run.id in seen
            else run
            for run in runs
        ]

    def _known_ids(self, prediction_ids: list[str]) -> set[str]:
        """Predictions that attempts of ours have already."""
        with self._ask.database.transaction() as session:
            known = select(Attempt.prediction_id).where(Attempt.prediction_id.in_(prediction_ids))
            return {str(it) for it in session.scalars(known)}

    def _files(
        self, storage: Storage | str, runs: list[RunFacts], slots: tuple[SlotFacts, ...]
    ) -> tuple[tuple[SlotFacts, ...], tuple[tuple[str, ObjectInfo], ...], str | None]:
        """HEAD of each picture and thumbnail: the slots with it, the objects, and a refusal."""
        if isinstance(storage, str):
            return slots, (), storage
        labels = _labels(runs, slots)
        seen = ask_side_by_side(list(labels)[:MOST_FILES], lambda key: stored(storage, key))
        problem = next((it for it in seen.values() if isinstance(it, str)), None)
        if labels and not seen:
            problem = "The storage did not answer in time."
        there = {key: it is not None for key, it in seen.items() if not isinstance(it, str)}
        objects = tuple(
            (labels[key], it)
            for key, it in seen.items()
            if isinstance(it, ObjectInfo) and labels[key]
        )
        return with_objects(slots, there), objects, problem


def _labels(runs: list[RunFacts], slots: tuple[SlotFacts, ...]) -> dict[str, str]:
    """The keys to look for, with the slot's label; a thumbnail has none."""
    labels: dict[str, str] = {}
    for slot in slots:
        if slot.file and slot.file.deleted_at is None:
            labels[slot.file.storage_key] = slot.label
            if slot.file.thumbnail_key:
                labels.setdefault(slot.file.thumbnail_key, "")
    return labels


def _unsent(session: Session, runs: list[RunFacts]) -> dict[str, PreparedRequest]:
    """What was sent, of runs that a person must decide on; no statement where there is none."""
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
