"""What remedies are ordered for, as it is now, and how it is locked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import NotFoundError
from services.core.states import ACTIVE_RUNS, AttemptState, EntryKind, RunState, SlotState
from services.database.models import Asset, Attempt, Heartbeat, LedgerEntry, Run, Slot
from services.pipeline.transitions import lock_generation, slots_of

UNDECIDED = (*ACTIVE_RUNS, RunState.NEEDS_REVIEW)
"""States in which a run still owes its slots."""
BEING_SENT = "It is being sent to the provider at this moment. Wait until that is answered."
REFUNDED_BEFORE = "Its credits were given back already: settle the refunds of its batch first."


@dataclass(frozen=True)
class RunView:
    """A run with its newest attempt; the three facts are by the database's clock."""

    run: Run
    attempt: Attempt | None
    is_leased: bool
    """Its worker's lease is not over."""
    is_worker_silent: bool
    """The worker that holds it has given no sign of life for a while."""
    is_due: bool

    @property
    def is_held(self) -> bool:
        """Somebody works on it, as far as anybody can tell."""
        return self.is_leased and not self.is_worker_silent

    @property
    def is_being_sent(self) -> bool:
        """A create is under way: nobody knows yet what the provider makes of it."""
        return self.run.state is RunState.SUBMITTING and self.is_held

    @property
    def state(self) -> dict[str, Any]:
        """What is expected of it: its state and that of its newest attempt, but not its `seq`.

        The number moves with every look, though nothing changes.
        """
        attempt = self.attempt
        return {
            "state": self.run.state.value,
            "attempt": attempt.id if attempt else None,
            "attempt_state": attempt.state.value if attempt else None,
        }

    @property
    def running_at_provider(self) -> str | None:
        """The id of a prediction that has not ended there, as far as we know."""
        attempt = self.attempt
        if attempt is None or attempt.state is not AttemptState.RUNNING:
            return None
        return attempt.prediction_id


def view_run(session: Session, run_id: str) -> RunView:
    """Read it as it is now; raises NotFoundError."""
    now = func.clock_timestamp()
    has_sign = (
        select(Heartbeat.name)
        .where(
            Heartbeat.name == func.split_part(Run.worker, "/", 1),
            Heartbeat.is_alive(),
        )
        .exists()
    )
    found = session.execute(
        select(Run, Run.lease_until > now, has_sign, Run.due_at <= now)
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
    """Keep the run's row, then its generation's, until the transaction ends."""
    generation_id = session.scalar(
        select(Run.generation_id).where(Run.id == run_id).with_for_update()
    )
    if generation_id is not None:
        lock_generation(session, generation_id)


def view_slot(session: Session, slot_id: str) -> Slot:
    """Read it as it is now; raises NotFoundError."""
    slot = session.get(Slot, slot_id, populate_existing=True)
    if slot is None:
        raise NotFoundError(what="slot", id=slot_id)
    return slot


def filled_files(session: Session, run: Run) -> list[tuple[Slot, int, Asset]]:
    """The slots that the run has filled with files, each with its output's index."""
    return [
        (slot, index, session.get_one(Asset, slot.asset_id, populate_existing=True))
        for slot, index in slots_of(session, run.id)
        if slot.state is SlotState.FILLED and slot.asset_id is not None
    ]


def has_refund(session: Session, slots: Iterable[Slot]) -> bool:
    """Whether the newest charge of one of these was given back already."""
    charges = [slot.charge_id for slot in slots]
    ids = [slot.id for slot in slots]
    query = select(LedgerEntry.slot_id).where(
        LedgerEntry.kind == EntryKind.REFUND,
        LedgerEntry.slot_id.in_(ids),
        LedgerEntry.charge_id.in_(charges),
    )
    return session.scalar(query.limit(1)) is not None
