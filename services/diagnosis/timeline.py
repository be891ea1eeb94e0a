"""Merge one timeline of a generation from all sources; each row names its source and its clock.

Clocks differ a little, so rows are sorted by their own time and decide nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.humanize import span
from services.database.models import Audit, ErrorReport, Event, LedgerEntry, Person
from services.diagnosis.detail import NoteDetail, TimelineRow
from services.diagnosis.facts.models import LivePrediction, RunFacts
from services.pipeline.events import EventName
from services.providers.registry import provider_label
from services.queue.base import JobFacts
from services.storage.base import ObjectInfo

DATABASE, LEDGER, QUEUE = "database", "ledger", "queue"
STORAGE, PERSON = "storage", "person"
OURS = "our database"
MAX_EVENTS = 2000
MAX_ERRORS = 50
MAX_LOG_LINES = 12
GOOD, BAD, WARN = "good", "bad", "warn"

EVENT_LABELS: dict[str, tuple[str, str]] = {
    EventName.GENERATION_STARTED: ("Started and charged", ""),
    EventName.GENERATION_FINISHED: ("Ended: {state}", ""),
    EventName.GENERATION_RETRIED: ("Missing pictures are retried", ""),
    EventName.CANCEL_REQUESTED: ("Canceled by a person", WARN),
    EventName.RUN_QUEUED: ("In queue", ""),
    EventName.RUN_SUBMITTING: ("Being sent to {provider}", ""),
    EventName.RUN_ACCEPTED: ("Accepted by the provider as {prediction}", ""),
    EventName.RUN_ANSWERED: ("The provider answered with the picture", GOOD),
    EventName.RUN_ADOPTED: ("Found at the provider and adopted as {prediction}", GOOD),
    EventName.RUN_THROTTLED: ("Throttled by the provider; will retry in {in_seconds}", WARN),
    EventName.RUN_RETRIED: ("Will retry in {in_seconds}", WARN),
    EventName.RUN_PROVIDER_STARTED: ("Provider status: {status}", ""),
    EventName.RUN_PROVIDER_FINISHED: ("The provider has finished", GOOD),
    EventName.RUN_STEP_FAILED: ("A step failed", BAD),
    EventName.RUN_RECOVERED: ("{worker} died or hung; another worker takes over", BAD),
    EventName.RUN_REQUEUED: ("Redis had lost the job; requeued", BAD),
    EventName.RUN_NEEDS_REVIEW: ("Unknown whether the provider received it: needs review", BAD),
    EventName.RUN_POLL_FAILED: ("The poll was not answered as it should be", WARN),
    EventName.RUN_EXTRA_OUTPUTS: ("More was made than ordered, and kept free of charge", GOOD),
    EventName.RUN_SUCCEEDED: ("Saved", GOOD),
    EventName.RUN_FAILED: ("Failed", BAD),
    EventName.RUN_CANCELED: ("Canceled before anything was made", WARN),
    EventName.RUN_CANCEL_TOO_LATE: ("Canceled too late: it was made and stored", WARN),
    EventName.MODEL_TRAINED: ("The trained version can be used", GOOD),
    EventName.SLOT_REFUNDED: ("Credits refunded: {credits}", ""),
    EventName.SLOT_CHARGE_KEPT: ("Refused by the provider, and not refunded: {credits}", WARN),
    EventName.PROVIDER_PAUSED: ("Paused: {provider}", BAD),
    EventName.REMEDY_APPLIED: ("Remedy applied by a person: {remedy}", WARN),
}
_IN_LABEL = {"state", "provider", "prediction", "status", "worker", "in_seconds", "part", "remedy"}


def recorded_rows(
    session: Session, generation_id: str, subject_ids: Iterable[str]
) -> list[TimelineRow]:
    """Read its events and people's changes of these subjects, in three statements."""
    return [
        *_events(session, generation_id),
        *_changes(session, subject_ids),
        *_errors(session, generation_id),
    ]


def _events(session: Session, generation_id: str) -> Iterator[TimelineRow]:
    newest = session.scalars(
        select(Event)
        .where(Event.generation_id == generation_id)
        .order_by(Event.id.desc())
        .limit(MAX_EVENTS)
    )
    for event in newest:
        text, tone = event_label(event.name, event.detail)
        link = event.detail.get("link")
        yield TimelineRow(
            event.at,
            DATABASE,
            OURS,
            text,
            event_detail(event.detail),
            tone,
            event.run_id,
            str(link) if link else None,
            event.name,
        )


def entry_rows(entries: Iterable[LedgerEntry]) -> Iterator[TimelineRow]:
    """Build the rows of the ledger."""
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
    """Read audited changes but for remedies, which are events already."""
    rows = session.execute(
        select(Audit, func.coalesce(Person.name, Audit.actor))
        .outerjoin(Person, Person.id == Audit.actor)
        .where(Audit.subject_id.in_(list(subject_ids)), Audit.action.not_like("remedy.%"))
    )
    for change, name in rows:
        text = f"{name}: {change.action.replace('.', ' ').replace('_', ' ')}"
        yield TimelineRow(change.at, PERSON, OURS, text, change.reason, WARN)


def _errors(session: Session, generation_id: str) -> Iterator[TimelineRow]:
    """Read the errors that it met, with their references."""
    reports = session.scalars(
        select(ErrorReport)
        .where(ErrorReport.generation_id == generation_id)
        .order_by(ErrorReport.at.desc())
        .limit(MAX_ERRORS)
    )
    for it in reports:
        text = f"Error {it.reference} in {it.place}: {it.kind}"
        yield TimelineRow(it.at, DATABASE, OURS, text, it.message, BAD, it.run_id)


def run_rows(runs: Iterable[RunFacts]) -> Iterator[TimelineRow]:
    """Build the rows of the queue and the provider about these runs now."""
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


def _live_rows(run: RunFacts, live: LivePrediction) -> Iterator[TimelineRow]:
    label = provider_label(run.provider)
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
    cost_line = f"\ncost so far: ${cost:.4f}" if cost else ""
    yield TimelineRow(
        live.at,
        run.provider,
        "this server's clock",
        f"Polled just now: {live.status or live.problem}",
        _tail(live.logs) + cost_line,
        BAD if live.problem else "",
        run.id,
        live.web_url,
    )


def _tail(logs: str) -> str:
    return "\n".join(logs.strip().splitlines()[-MAX_LOG_LINES:])


def object_rows(objects: Iterable[tuple[str, ObjectInfo]]) -> Iterator[TimelineRow]:
    """Build a row for each stored file; `objects`: pairs of label and object."""
    for label, found in objects:
        yield TimelineRow(
            found.modified_at,
            STORAGE,
            "the storage's clock",
            f"“{label}” was written",
            f"{found.key}\n{found.byte_count:,} bytes",
            GOOD,
        )


def note_rows(notes: Iterable[NoteDetail]) -> Iterator[TimelineRow]:
    """Build the rows of notes."""
    for note in notes:
        yield TimelineRow(
            note.at, PERSON, OURS, f"{note.person_name} wrote", note.text, link=note.link
        )


def in_order(rows: Iterable[TimelineRow]) -> tuple[TimelineRow, ...]:
    """Sort rows by time; rows of one moment stay in the order in which they were read."""
    return tuple(sorted(rows, key=lambda row: row.at))


def event_label(name: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Describe an event: its text and its tone; an unknown name is shown as it is."""
    text, tone = EVENT_LABELS.get(name, (name, ""))
    return text.format_map(_Filled(detail)), tone


def event_detail(detail: Mapping[str, Any]) -> str:
    """Format the rest of its detail, one `name: value` a line, the reason first."""
    lines = [str(detail["reason"])] if detail.get("reason") else []
    lines += [
        f"{key.replace('_', ' ')}: {value}"
        for key, value in detail.items()
        if key not in _IN_LABEL | {"reason", "link"} and value not in (None, "")
    ]
    return "\n".join(lines)


class _Filled(dict[str, Any]):
    """The detail's values formatted; a missing one becomes a word, not a gap."""

    def __missing__(self, key: str) -> str:
        return {"provider": "the provider", "worker": "The worker"}.get(key, "something")

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            return self.__missing__(key)
        value = super().__getitem__(key)
        if key == "provider":
            return provider_label(str(value))
        if key == "remedy":
            return str(value).replace("_", " ")
        return span(float(value)) if key == "in_seconds" and value is not None else value
