"""Subjects of remedies: their state now, and their locks."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import NotFoundError
from services.core.states import ACTIVE_RUNS, AttemptState, EntryKind, RunState, SlotState
from services.database.models import Asset, Attempt, Heartbeat, LedgerEntry, Run, Slot
from services.pipeline.transitions import lock_generation, slots_of

UNDECIDED = (*ACTIVE_RUNS, RunState.NEEDS_REVIEW)
"""States in which a run still owes its slots."""
SUBMITTING_NOW = "It is being submitted to the provider right now. Wait until that has ended."
REFUNDED_BEFORE = "Its credits were already refunded: settle the refunds of its batch first."


class SubjectKind(StrEnum):
    """What a remedy is applied to."""

    RUN = "run"
    SLOT = "slot"
    GENERATION = "generation"
    OBJECT = "object"
    PROVIDER = "provider"
    QUEUE = "queue"


@dataclass(frozen=True)
class RunView:
    """A run with its newest attempt; the three flags are by the database's clock."""

    run: Run
    attempt: Attempt | None
    is_leased: bool
    is_worker_silent: bool
    """The worker that holds it has sent no heartbeat lately."""
    is_due: bool

    @property
    def is_held(self) -> bool:
        """Whether a worker that is alive holds its lease."""
        return self.is_leased and not self.is_worker_silent

    @property
    def is_being_submitted(self) -> bool:
        """Whether a create is under way, whose result is not known yet."""
        return self.run.state is RunState.SUBMITTING and self.is_held

    @property
    def state(self) -> dict[str, Any]:
        """The expected state; without `seq`, which each poll changes."""
        attempt = self.attempt
        return {
            "state": self.run.state.value,
            "attempt": attempt.id if attempt else None,
            "attempt_state": attempt.state.value if attempt else None,
        }

    @property
    def running_prediction_id(self) -> str | None:
        """Id of the prediction that may still run at the provider."""
        attempt = self.attempt
        if attempt is None or attempt.state is not AttemptState.RUNNING:
            return None
        return attempt.prediction_id


def view_run(session: Session, run_id: str) -> RunView:
    """Read the run and its newest attempt; raises NotFoundError."""
    now = func.clock_timestamp()
    has_heartbeat = (
        select(Heartbeat.name)
        .where(
            Heartbeat.name == func.split_part(Run.worker, "/", 1),
            Heartbeat.is_alive(),
        )
        .exists()
    )
    found = session.execute(
        select(Run, Run.lease_until > now, has_heartbeat, Run.due_at <= now)
        .where(Run.id == run_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFoundError(what="run", id=run_id)
    run, is_leased, is_alive, is_due = found
    attempt = session.scalars(
        select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number.desc()).limit(1)
    ).one_or_none()
    return RunView(run, attempt, bool(is_leased), not is_alive, bool(is_due))


def lock_run(session: Session, run_id: str) -> None:
    """Lock the run's row, then its generation's."""
    generation_id = session.scalar(
        select(Run.generation_id).where(Run.id == run_id).with_for_update()
    )
    if generation_id is not None:
        lock_generation(session, generation_id)


def lock_subject(session: Session, kind: SubjectKind, subject_id: str) -> None:
    """Lock a run with its generation, a slot's generation, or a generation."""
    if kind is SubjectKind.RUN:
        lock_run(session, subject_id)
    elif kind is SubjectKind.SLOT:
        lock_generation(session, view_slot(session, subject_id).generation_id)
    elif kind is SubjectKind.GENERATION:
        lock_generation(session, subject_id)


def view_slot(session: Session, slot_id: str) -> Slot:
    """Read the slot; raises NotFoundError."""
    slot = session.get(Slot, slot_id, populate_existing=True)
    if slot is None:
        raise NotFoundError(what="slot", id=slot_id)
    return slot


def filled_files(session: Session, run: Run) -> list[tuple[Slot, int, Asset]]:
    """List the slots that the run filled, each with its output's index and its asset."""
    return [
        (slot, index, session.get_one(Asset, slot.asset_id, populate_existing=True))
        for slot, index in slots_of(session, run.id)
        if slot.state is SlotState.FILLED and slot.asset_id is not None
    ]


def has_refund(session: Session, slots: Iterable[Slot]) -> bool:
    """Whether the newest charge of one of these slots was refunded."""
    charges = [slot.charge_id for slot in slots]
    ids = [slot.id for slot in slots]
    query = select(LedgerEntry.slot_id).where(
        LedgerEntry.kind == EntryKind.REFUND,
        LedgerEntry.slot_id.in_(ids),
        LedgerEntry.charge_id.in_(charges),
    )
    return session.scalar(query.limit(1)) is not None
