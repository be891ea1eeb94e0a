"""Cancel a generation for a person. One rule settles every race.

Runs that were not sent end at once and are refunded. Runs at a provider are canceled there by
their next poll. What the provider had finished by then was paid for: it is stored and stays charged.
"""

from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import OPEN_SLOTS, GenerationState, Kind, Role, RunState
from services.database.engine import Database
from services.database.models import Generation, Run, Slot
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record
from services.pipeline.leases import Step
from services.pipeline.transitions import cancel_run, lock_generation

CANCELABLE = frozenset(
    {GenerationState.QUEUED, GenerationState.RUNNING, GenerationState.NEEDS_REVIEW}
)
NOT_SENT = (RunState.QUEUED, RunState.NEEDS_REVIEW)
ENDED = "It has ended already. Reload the page to see its state."


@dataclass(frozen=True)
class CancelPreview:
    """What canceling would do now: open slots, their credits, runs at a provider."""

    kind: Kind
    open_slots: int
    credits: int
    at_provider: int


class Cancel:
    """Cancels generations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def preview(self, actor: Actor, generation_id: str) -> CancelPreview:
        """Preview a cancel; raises NotFoundError, and InvalidRequestError when it has ended."""
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            return preview_cancel(session, cancelable(session, generation_id))

    def cancel(self, actor: Actor, generation_id: str, reason: str = "") -> None:
        """Cancel the generation: nothing new of it starts, and what can end does; idempotent.

        Raises NotFoundError, and InvalidRequestError when it has ended.
        """
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            lock_generation(session, generation_id)
            generation = cancelable(session, generation_id)
            if generation.cancel_requested_at is None:
                note = reason.strip()
                request_cancel(session, actor, generation, note)
                before = {"state": generation.state.value}
                record_change(
                    session,
                    actor,
                    "generation.cancel",
                    generation.id,
                    note or "Canceled",
                    before=before,
                )
        checkpoint("cancel.requested")
        with self._database.transaction() as session:
            settle_canceled(session, generation_id)
        checkpoint("cancel.settled")


def cancelable(session: Session, generation_id: str) -> Generation:
    """Read the generation; raises NotFoundError, and InvalidRequestError when it has ended."""
    generation = session.get(Generation, generation_id, populate_existing=True)
    if generation is None:
        raise NotFoundError(what="generation", id=generation_id)
    if generation.state not in CANCELABLE:
        raise InvalidRequestError(problem=ENDED)
    return generation


def preview_cancel(session: Session, generation: Generation) -> CancelPreview:
    """Count what canceling the generation now would end and refund."""
    slots, credits = session.execute(
        select(func.count(), func.coalesce(func.sum(Slot.price_credits), 0)).where(
            Slot.generation_id == generation.id, Slot.state.in_(OPEN_SLOTS)
        )
    ).one()
    at_provider = session.scalars(
        select(func.count())
        .select_from(Run)
        .where(
            Run.generation_id == generation.id,
            Run.state.in_((RunState.SUBMITTING, RunState.WAITING)),
        )
    ).one()
    return CancelPreview(generation.kind, slots, int(credits), at_provider)


def request_cancel(session: Session, actor: Actor, generation: Generation, reason: str) -> None:
    """Store and record the request: from its commit on nothing new of the generation starts.

    Its row must be locked. The caller ends unsent runs afterwards, in another transaction
    (`settle_canceled`).
    """
    generation.cancel_requested_at = func.clock_timestamp()
    record(session, EventName.CANCEL_REQUESTED, generation.id, actor=actor.id, reason=reason)


def settle_canceled(session: Session, generation_id: str) -> int:
    """End the runs that were not sent, and poll the others now; returns how many ended.

    No run is added after the request (`transitions.fill_slot`), so locking the runs before the
    generation misses none.
    """
    runs = session.execute(
        select(Run.id, Run.seq)
        .where(Run.generation_id == generation_id, Run.state.in_(NOT_SENT))
        .order_by(Run.id)
        .with_for_update()
    ).all()
    for run_id, seq in runs:
        cancel_run(session, Step(run_id, seq))
    session.execute(
        update(Run)
        .where(
            Run.generation_id == generation_id,
            Run.state == RunState.WAITING,
            Run.lease_until.is_(None),
        )
        .values(due_at=func.least(Run.due_at, func.clock_timestamp()))
    )
    return len(runs)


def unsettled_cancels() -> Select[str]:
    """Select canceled generations with unsent runs: the process that canceled them died."""
    unsent = select(Run.id).where(Run.generation_id == Generation.id, Run.state.in_(NOT_SENT))
    return select(Generation.id).where(
        Generation.cancel_requested_at.is_not(None),
        Generation.state.in_(CANCELABLE),
        unsent.exists(),
    )
