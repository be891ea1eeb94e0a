"""Rows for every named query to return, and a secret wherever secrets are stored."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.states import (
    AttemptState,
    EntryKind,
    GenerationState,
    ItemState,
    Kind,
    MissingCause,
    OperationState,
    QueueName,
    ReconciliationScope,
    ReconciliationState,
    Role,
    RunState,
    SlotRole,
    SlotState,
    Tier,
)
from services.database.engine import Database
from services.database.models import (
    Account,
    Asset,
    Attempt,
    Audit,
    Event,
    Generation,
    Heartbeat,
    LedgerEntry,
    Note,
    Operation,
    OperationItem,
    OrphanedFile,
    Person,
    ProviderState,
    QueueState,
    Reconciliation,
    Run,
    Slot,
    new_id,
)
from services.database.seed import LOCAL_PERSON_ID
from tests.integration.database.rows import Made, add_entry, add_generation, add_run

SECRET = "planted-secret"
OPERATION = "op_1"
STALLED: dict[str, dict[str, object]] = {
    "no response: created or not is unknown": {"state": RunState.NEEDS_REVIEW},
    "lease expired: its worker died or hangs": {"lease_until": -60},
    "past the provider's deadline": {"state": RunState.WAITING, "deadline_at": -60},
    "provider paused": {"provider": "gemini"},
    "provider rate limited": {"provider": "huggingface", "due_at": -60},
    "enqueued, not taken by a worker": {"enqueued_at": -60, "due_at": -60},
    "due, not enqueued": {"due_at": -60},
    "finished at the provider, not downloaded": {"state": RunState.INGESTING, "due_at": 60},
}
"""A run's changes for each cause; a number is minutes from now."""


def add_sample_rows(database: Database) -> str:
    """Add all rows; return the id of a pose generation in every state."""
    with database.transaction() as session:
        generation_id = _ended(session)
        for changes in STALLED.values():
            _stalled(session, changes)
        _operations(session)
        _money(session)
        session.flush()
        _secrets(session)
    return generation_id


def _ended(session: Session) -> str:
    """Add poses: one filled, one without its refund, one refunded although filled; queued mascots."""
    pose, filled, failed = SlotRole.POSE, SlotState.FILLED, SlotState.FAILED
    slots = [(pose, filled), (pose, failed), (pose, filled), (pose, failed)]
    made = add_generation(session, Kind.POSES, slots, GenerationState.PARTIAL)
    add_entry(session, EntryKind.REFUND, 30, made.generation, made.slots[2])
    add_entry(session, EntryKind.REFUND, 30, made.generation, made.slots[3])
    waits = add_generation(session, Kind.MASCOTS, [(SlotRole.FULL_BODY, SlotState.PENDING)])
    add_entry(session, EntryKind.CHARGE, -10, waits.generation)
    made.slots[1].failure = made.slots[3].failure = "content_refused"
    _missing(session, made)
    run = add_run(session, made.slots[1], is_started=True)
    run.state, run.failure, run.worker = RunState.FAILED, "content_refused", "worker-1"
    run.finished_at = func.clock_timestamp()
    run.attempt_count = 2
    _event(session, run, "run.throttled", in_seconds=4.5, reason="later")
    session.add(Note(generation_id=made.generation.id, person_id=LOCAL_PERSON_ID, text="A note"))
    return made.generation.id


def _missing(session: Session, made: Made) -> None:
    session.execute(
        update(Asset)
        .where(Asset.id == made.slots[0].asset_id)
        .values(missing_at=func.now(), missing_cause=MissingCause.GONE)
    )


def _stalled(session: Session, changes: dict[str, object]) -> None:
    made = add_generation(session, Kind.POSES, [(SlotRole.POSE, SlotState.PENDING)])
    run = add_run(session, made.slots[0], is_started=False)
    values = {"created_at": -120, "started_at": -90, "due_at": 60} | changes
    for name, value in values.items():
        setattr(run, name, _minutes(value) if isinstance(value, int) else value)
    session.flush()
    session.execute(
        update(Attempt)
        .where(Attempt.run_id == run.id)
        .values(state=AttemptState.SUCCEEDED, finished_at=_minutes(-30), model="m:v1")
    )


def _minutes(minutes: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def _event(session: Session, run: Run, name: str, **detail: object) -> None:
    session.add(
        Event(
            generation_id=run.generation_id,
            run_id=run.id,
            name=name,
            actor="system",
            detail=detail,
        )
    )


def _operations(session: Session) -> None:
    now = func.clock_timestamp()
    session.merge(ProviderState(provider="gemini", paused_at=_minutes(-60), paused_reason="funds"))
    session.merge(ProviderState(provider="huggingface", blocked_until=_minutes(10)))
    session.merge(QueueState(queue=QueueName.LOW, paused_at=now, paused_by=LOCAL_PERSON_ID))
    session.add(
        Heartbeat(
            name="worker-1",
            role="worker",
            host="here",
            pid=1,
            thread_count=5,
            detail={"busy": 2, "token": SECRET},
        )
    )
    session.add(
        Reconciliation(id="rnd_1", scope=ReconciliationScope.FULL, state=ReconciliationState.DONE)
    )
    session.add(OrphanedFile(storage_key="originals/a.png", byte_count=5, modified_at=now))
    session.add(
        Operation(
            id=OPERATION,
            remedy="requeue",
            actor=LOCAL_PERSON_ID,
            reason="All of them",
            state=OperationState.DONE,
        )
    )
    session.flush()
    session.add(
        OperationItem(
            operation_id=OPERATION,
            position=0,
            subject_id="run_1",
            expected={"token": SECRET},
            state=ItemState.DONE,
        )
    )


def _money(session: Session) -> None:
    session.add(Account(id="acc_busy", name="Riverside", tier=Tier.UNLIMITED))
    session.flush()
    session.add(
        LedgerEntry(
            id=new_id("led"),
            account_id="acc_busy",
            kind=EntryKind.CHARGE,
            amount=0,
            idempotency_key=f"{SECRET}-key",
            quota_day=datetime.now(UTC).date(),
            quota_slots=3,
            actor=LOCAL_PERSON_ID,
            reason="Started",
        )
    )


def _secrets(session: Session) -> None:
    """Add a secret wherever the application stores one."""
    session.execute(
        update(Attempt).values(
            payload={"image": f"https://signed.example/{SECRET}"},
            outputs=[f"https://signed.example/{SECRET}"],
            logs=f"logs with {SECRET}",
            token_fingerprint=f"{SECRET}-fingerprint",
        )
    )
    session.execute(update(ProviderState).values(token_fingerprint=f"{SECRET}-fingerprint"))
    session.execute(
        update(Generation).values(
            request={"note": SECRET},
            fingerprint=f"{SECRET}-fingerprint",
            idempotency_key=func.concat(SECRET, Generation.id),
        )
    )
    session.execute(update(Slot).values(options={"hidden": SECRET}))
    session.add(Person(id="per_x", name="X", email=f"{SECRET}@example.com", role=Role.VIEWER))
    session.add(
        Audit(actor="per_x", action="x", subject_id="x", after={"statement": SECRET}, reason="x")
    )
