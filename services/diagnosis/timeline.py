"""One timeline of a generation from all sources: each row says where it was read and whose clock.

Clocks differ a little, so rows are ordered by their own time and never used to decide anything.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.database.models import Audit, Event, LedgerEntry, Person
from services.diagnosis.event_labels import BAD, GOOD, WARN, more, told
from services.diagnosis.facts import LiveLook, RunFacts
from services.diagnosis.findings import NoteView, TimelineRow
from services.diagnosis.rule_sets.words import provider_of
from services.queue.base import JobFacts
from services.storage.base import ObjectInfo

DATABASE, LEDGER, QUEUE = "database", "ledger", "queue"
STORAGE, PERSON = "storage", "person"
OURS = "our database"
MOST_EVENTS = 2000
LOG_LINES = 12


def recorded_rows(
    session: Session, generation_id: str, subject_ids: Iterable[str]
) -> list[TimelineRow]:
    """Two statements: its events, and what people changed about these subjects."""
    return [*_events(session, generation_id), *_changes(session, subject_ids)]


def _events(session: Session, generation_id: str) -> Iterator[TimelineRow]:
    newest = session.scalars(
        select(Event)
        .where(Event.generation_id == generation_id)
        .order_by(Event.id.desc())
        .limit(MOST_EVENTS)
    )
    for event in newest:
        text, tone = told(event.name, event.detail)
        link = event.detail.get("link")
        yield TimelineRow(
            event.at,
            DATABASE,
            OURS,
            text,
            more(event.detail),
            tone,
            event.run_id,
            str(link) if link else None,
            event.name,
        )


def entry_rows(entries: Iterable[LedgerEntry]) -> Iterator[TimelineRow]:
    """How its credits moved."""
    for entry in entries:
        sign = "+" if entry.amount > 0 else ""
        yield TimelineRow(
            entry.created_at,
            LEDGER,
            OURS,
            f"{entry.kind.value.capitalize()}: {sign}{entry.amount} credits",
            entry.reason,
        )


def _changes(session: Session, subject_ids: Iterable[str]) -> Iterator[TimelineRow]:
    """Remedies are events of their own."""
    rows = session.execute(
        select(Audit, func.coalesce(Person.name, Audit.actor))
        .outerjoin(Person, Person.id == Audit.actor)
        .where(Audit.subject_id.in_(list(subject_ids)), Audit.action.not_like("remedy.%"))
    )
    for change, name in rows:
        text = f"{name}: {change.action.replace('.', ' ').replace('_', ' ')}"
        yield TimelineRow(change.at, PERSON, OURS, text, change.reason, WARN)


def run_rows(runs: Iterable[RunFacts]) -> Iterator[TimelineRow]:
    """What the queue and the provider say of these runs at this moment."""
    for run in runs:
        if run.job is not None:
            yield from _job_rows(run, run.job)
        if run.live is not None:
            yield from _live_rows(run, run.live)


def _job_rows(run: RunFacts, job: JobFacts) -> Iterator[TimelineRow]:
    if job.enqueued_at:
        where = f", waits in {job.in_queue.value}" if job.in_queue else ""
        text = f"Job {job.job_id} was put in the queue{where}"
        yield _queue_row(run, job.enqueued_at, "the dispatcher's clock", text)
    if job.started_at:
        text = f"{job.worker or 'A worker'} took job {job.job_id}"
        yield _queue_row(run, job.started_at, "the worker's clock", text)
    if job.started_until:
        text = "Its execution counts as alive until then"
        tone = BAD if job.is_started_over else ""
        yield _queue_row(run, job.started_until, "Redis' clock", text, tone=tone)
    if job.error and job.started_at:
        text = "The job failed"
        yield _queue_row(run, job.started_at, "the worker's clock", text, job.error, BAD)


def _queue_row(
    run: RunFacts, at: datetime, clock: str, text: str, detail: str = "", tone: str = ""
) -> TimelineRow:
    return TimelineRow(at, QUEUE, clock, text, detail, tone, run.id)


def _live_rows(run: RunFacts, live: LiveLook) -> Iterator[TimelineRow]:
    label = provider_of(run.provider)
    clock = f"{label}'s clock"
    for at, text in (
        (live.created_at, f"{label} created it"),
        (live.started_at, f"{label} began to work on it"),
    ):
        if at:
            yield TimelineRow(at, run.provider, clock, text, "", "", run.id, live.web_url)
    if live.completed_at:
        tone = GOOD if live.status == "succeeded" else BAD
        text = f"{label} ended it: {live.status}"
        detail = live.error or ""
        yield TimelineRow(live.completed_at, run.provider, clock, text, detail, tone, run.id)
    cost = run.attempt.actual_cost_usd if run.attempt else None
    told_cost = f"\ncost so far: ${cost:.4f}" if cost else ""
    yield TimelineRow(
        live.at,
        run.provider,
        "this desk's clock",
        f"Asked just now: {live.status or live.problem}",
        _tail(live.logs) + told_cost,
        BAD if live.problem else "",
        run.id,
        live.web_url,
    )


def _tail(logs: str) -> str:
    return "\n".join(logs.strip().splitlines()[-LOG_LINES:])


def object_rows(objects: Iterable[tuple[str, ObjectInfo]]) -> Iterator[TimelineRow]:
    """When each stored file was written, by the storage's own word; pairs of label and object."""
    for label, found in objects:
        yield TimelineRow(
            found.modified_at,
            STORAGE,
            "the storage's clock",
            f"“{label}” was written",
            f"{found.key}\n{found.byte_count:,} bytes",
            GOOD,
        )


def note_rows(notes: Iterable[NoteView]) -> Iterator[TimelineRow]:
    """What people wrote to it."""
    for note in notes:
        yield TimelineRow(
            note.at, PERSON, OURS, f"{note.person_name} wrote", note.text, link=note.link
        )


def in_order(rows: Iterable[TimelineRow]) -> tuple[TimelineRow, ...]:
    """Oldest first; rows of one moment keep the order in which they were read."""
    return tuple(sorted(rows, key=lambda row: row.at))
