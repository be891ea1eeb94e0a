"""Change the state of runs, slots and generations; nothing else does.

Locks are taken in the order run → generation → account, so that two steps of one generation
cannot deadlock.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select, union_all, update
from sqlalchemy.orm import Session

from services.core.errors import LeaseLostError, TransitionError
from services.core.states import (
    ACTIVE_RUNS,
    OPEN_SLOTS,
    RUN_MOVES,
    SLOT_MOVES,
    GenerationState,
    RunState,
    SlotState,
)
from services.credits.ledger import refund_slot
from services.database.models import Asset, Generation, Run, RunSlot, Slot, new_id
from services.pipeline.events import EventName, record, record_run
from services.pipeline.leases import Step, seconds_from_now

CANCELED = "canceled"
CANCELED_BY_PERSON = "A person canceled it."
PARENT_FAILED = "parent_failed"
TERMINAL_RUNS = frozenset(state for state, moves in RUN_MOVES.items() if not moves)
NEW_ATTEMPT: dict[str, Any] = {
    "accepted_at": None,
    "deadline_at": None,
    "provider_status": None,
    "progress": None,
}
"""Columns of the last attempt that are cleared when another one is queued."""


def move_run(
    session: Session,
    step: Step,
    to: RunState,
    *,
    in_seconds: float = 0.0,
    keeps_lease: bool = False,
    locks_generation: bool = True,
    condition: ColumnElement[bool] | None = None,
    **changes: Any,
) -> Run:
    """Move the run of a step to a new state, lock its generation and return the run.

    `keeps_lease` stays inside the step (same seq); otherwise the step ends and the next one is due
    `in_seconds` from now. `locks_generation` is False for a move between two active states, which
    does not change the generation's, and where the caller locks it. Raises LeaseLostError when
    the fencing token or the state has changed, or when `condition` does not hold.
    """
    values: dict[str, object] = {"state": to, "step_failures": 0} | changes
    if not keeps_lease:
        values |= {
            "seq": Run.seq + 1,
            "lease_until": None,
            "enqueued_at": None,
            "due_at": seconds_from_now(in_seconds),
        }
    if to in TERMINAL_RUNS:
        values["finished_at"] = func.clock_timestamp()
    sources = [state for state, moves in RUN_MOVES.items() if to in moves]
    run = session.execute(
        update(Run)
        .where(Run.id == step.run_id, Run.seq == step.seq, Run.state.in_(sources))
        .where(*(() if condition is None else (condition,)))
        .values(**values)
        .returning(Run)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).scalar_one_or_none()
    if run is None:
        raise LeaseLostError(run_id=step.run_id)
    if locks_generation:
        lock_generation(session, run.generation_id)
    return run


def lock_generation(session: Session, generation_id: str) -> GenerationState | None:
    """Lock the generation's row until the transaction ends; returns its stored state, if any.

    FOR NO KEY UPDATE: events of its timeline, written by other steps, do not wait for it.
    """
    return session.scalars(
        select(Generation.state)
        .where(Generation.id == generation_id)
        .with_for_update(key_share=True)
    ).one_or_none()


def slots_of(session: Session, run_id: str) -> list[tuple[Slot, int]]:
    """Return the slots that a run fills, each with the index of its output, in that order."""
    rows = session.execute(
        select(Slot, RunSlot.output_index)
        .join(RunSlot, RunSlot.slot_id == Slot.id)
        .where(RunSlot.run_id == run_id)
        .order_by(RunSlot.output_index)
        .execution_options(populate_existing=True)
    )
    return [(slot, index) for slot, index in rows]


def _move_slot(slot: Slot, to: SlotState) -> None:
    if to not in SLOT_MOVES[slot.state]:
        raise TransitionError(
            what=f"Slot {slot.id}", from_state=slot.state.value, to_state=to.value
        )
    slot.state = to


def fill_slot(
    session: Session, slot: Slot, asset_id: str, children: Sequence[Slot] | None = None
) -> None:
    """Fill a slot with its stored file and queue the slots that are made from it.

    In a canceled generation those are closed and refunded instead. `children`: where they were
    read already.
    """
    _move_slot(slot, SlotState.FILLED)
    slot.asset_id = asset_id
    slot.filled_at = func.clock_timestamp()
    if children is None:
        session.flush()
        children = _blocked_children(session, slot)
    if children and is_canceling(session, slot.generation_id):
        for child in children:
            close_slot(session, child, SlotState.CANCELED, CANCELED, CANCELED_BY_PERSON)
        return
    for child in children:
        _move_slot(child, SlotState.PENDING)
        child.input_asset_ids = [asset_id]
    add_runs(session, children)


def fill_without_file(slot: Slot) -> None:
    """Fill a slot whose output exists at the provider alone: a trained version."""
    _move_slot(slot, SlotState.FILLED)
    slot.filled_at = func.clock_timestamp()


def empty_slot(session: Session, slot: Slot) -> None:
    """Take the lost picture from a filled slot; the caller moves the slot to another state.

    The picture's row stays, deleted, for the lineage.
    """
    asset = session.get_one(Asset, slot.asset_id)
    asset.deleted_at = func.clock_timestamp()
    asset.placeholder = ""
    slot.asset_id = slot.filled_at = None


def regenerate_slot(session: Session, slot: Slot) -> None:
    """Queue a filled slot whose file is lost once more; its charge remains."""
    empty_slot(session, slot)
    _move_slot(slot, SlotState.PENDING)
    session.flush()
    add_runs(session, [slot])


def is_canceling(session: Session, generation_id: str) -> bool:
    """Whether a person has canceled the generation, so that nothing of it may be started."""
    asked = select(Generation.cancel_requested_at.is_not(None)).where(
        Generation.id == generation_id
    )
    return bool(session.scalar(asked))


def reopen_slot(slot: Slot, charge_id: str, parent: Slot | None) -> None:
    """Open a failed or canceled slot for a retry, charged by this entry unless its charge was kept.

    It is blocked until its parent is filled.
    """
    is_blocked = parent is not None and parent.state is not SlotState.FILLED
    _move_slot(slot, SlotState.BLOCKED if is_blocked else SlotState.PENDING)
    if not slot.is_charge_kept:
        slot.charge_id = charge_id
    slot.is_charge_kept = False
    slot.failure = slot.failure_detail = None
    if parent is not None and parent.asset_id is not None:
        slot.input_asset_ids = [parent.asset_id]


def close_slot(
    session: Session,
    slot: Slot,
    to: SlotState,
    failure: str,
    detail: str,
    *,
    is_refunded: bool = True,
) -> None:
    """Close a slot without its picture, refund it, and close the slots that are made from it.

    `is_refunded` is False where the rule for refusals keeps its charge; what would have been made
    from it is refunded in any case.
    """
    _move_slot(slot, to)
    slot.failure, slot.failure_detail = failure, detail
    slot.is_charge_kept = not is_refunded
    session.flush()
    record(
        session,
        EventName.SLOT_REFUNDED if is_refunded else EventName.SLOT_CHARGE_KEPT,
        slot.generation_id,
        slot=slot.id,
        credits=refund_slot(session, slot, reason=failure) if is_refunded else slot.price_credits,
        failure=failure,
    )
    for child in _blocked_children(session, slot):
        close_slot(
            session,
            child,
            to,
            PARENT_FAILED,
            f"It is made from a picture that is missing: {detail}",
        )


def _blocked_children(session: Session, slot: Slot) -> list[Slot]:
    return list(
        session.scalars(
            select(Slot)
            .where(Slot.parent_slot_id == slot.id, Slot.state == SlotState.BLOCKED)
            .order_by(Slot.position)
        )
    )


def add_runs(session: Session, slots: Iterable[Slot]) -> list[Run]:
    """Add a queued run for each run group among these pending slots of one generation."""
    groups: dict[int, list[Slot]] = {}
    for slot in slots:
        groups.setdefault(slot.run_group, []).append(slot)
    if not groups:
        return []
    generation_id = next(iter(groups.values()))[0].generation_id
    priority = session.scalars(
        select(Generation.priority).where(Generation.id == generation_id)
    ).one()
    runs = [_run_of(group[0], priority) for group in groups.values()]
    session.add_all(runs)
    session.flush()
    for run, group in zip(runs, groups.values(), strict=True):
        session.add_all(
            RunSlot(run_id=run.id, slot_id=slot.id, output_index=index)
            for index, slot in enumerate(group)
        )
        role = group[0].role.value
        record_run(session, EventName.RUN_QUEUED, run, role=role)
    session.flush()
    return runs


def _run_of(slot: Slot, priority: int) -> Run:
    return Run(
        id=new_id("run"),
        generation_id=slot.generation_id,
        kind=slot.kind,
        provider=slot.provider,
        model=slot.model,
        priority=priority,
        state=RunState.QUEUED,
    )


def fail_run(
    session: Session, step: Step, failure: str, detail: str, *, is_refunded: bool = True
) -> Run:
    """Fail a run; its open slots fail and are refunded, unless the rule for refusals says otherwise."""
    run = move_run(session, step, RunState.FAILED, failure=failure, failure_detail=detail)
    record_run(session, EventName.RUN_FAILED, run, failure=failure, reason=detail)
    close_open_slots(session, run, SlotState.FAILED, failure, detail, is_refunded=is_refunded)
    return run


def cancel_run(session: Session, step: Step) -> Run:
    """Cancel a run for a person; its open slots are canceled and refunded."""
    run = move_run(
        session, step, RunState.CANCELED, failure=CANCELED, failure_detail=CANCELED_BY_PERSON
    )
    record_run(session, EventName.RUN_CANCELED, run)
    close_open_slots(session, run, SlotState.CANCELED, CANCELED, CANCELED_BY_PERSON)
    return run


def close_open_slots(
    session: Session,
    run: Run,
    to: SlotState,
    failure: str,
    detail: str,
    *,
    is_refunded: bool = True,
) -> None:
    """Close the open slots of a run, then refresh its generation."""
    for slot, _ in slots_of(session, run.id):
        if slot.state in OPEN_SLOTS:
            close_slot(session, slot, to, failure, detail, is_refunded=is_refunded)
    refresh_generation(session, run.generation_id)


def note_work_begun(session: Session, generation_id: str, stored: GenerationState | None) -> None:
    """Store that a locked generation is running, now that one of its runs is being submitted."""
    if stored is not GenerationState.RUNNING:
        _store_state(session, generation_id, GenerationState.RUNNING)


def refresh_generation(
    session: Session, generation_id: str, stored: GenerationState | None = None
) -> GenerationState:
    """Store the state that follows from a locked generation's slots and runs; returns it."""
    session.flush()
    if stored is None:
        query = select(Generation.state).where(Generation.id == generation_id)
        stored = session.scalars(query).one()
    state = derive_state(session, generation_id)
    if state is not stored:
        _store_state(session, generation_id, state)
    return state


def _store_state(session: Session, generation_id: str, state: GenerationState) -> None:
    now = func.clock_timestamp()
    changes: dict[str, object] = {"state": state}
    if state is GenerationState.RUNNING:
        changes["started_at"] = func.coalesce(Generation.started_at, now)
    changes["finished_at"] = now if state in FINISHED else None
    if state in FINISHED:
        record(session, EventName.GENERATION_FINISHED, generation_id, state=state.value)
    session.execute(update(Generation).where(Generation.id == generation_id).values(**changes))


FINISHED = frozenset(
    {
        GenerationState.SUCCEEDED,
        GenerationState.PARTIAL,
        GenerationState.FAILED,
        GenerationState.CANCELED,
    }
)


def derive_state(session: Session, generation_id: str) -> GenerationState:
    """Derive a generation's state from its slots and runs; one statement, whatever its size."""
    counted = session.execute(
        union_all(*(_counted_states(noun, generation_id) for noun in (Slot, Run)))
    ).all()
    return state_of(
        {SlotState(state): count for noun, state, count in counted if noun == Slot.__tablename__},
        {RunState(state) for noun, state, _ in counted if noun == Run.__tablename__},
    )


def _counted_states(noun: type[Slot] | type[Run], generation_id: str) -> Select[str, str, int]:
    return (
        select(literal(noun.__tablename__), cast(noun.state, String), func.count())
        .where(noun.generation_id == generation_id)
        .group_by(noun.state)
    )


def state_of(slots: dict[SlotState, int], runs: set[RunState]) -> GenerationState:
    """Derive a generation's state from its slots' counts and its runs' states; pure."""
    filled = slots.get(SlotState.FILLED, 0)
    if any(slots.get(state) for state in OPEN_SLOTS):
        if RunState.NEEDS_REVIEW in runs and not runs & ACTIVE_RUNS:
            return GenerationState.NEEDS_REVIEW
        untouched = runs <= {RunState.QUEUED} and set(slots) <= OPEN_SLOTS
        return GenerationState.QUEUED if untouched else GenerationState.RUNNING
    if filled == sum(slots.values()):
        return GenerationState.SUCCEEDED
    if filled:
        return GenerationState.PARTIAL
    if slots.get(SlotState.FAILED):
        return GenerationState.FAILED
    return GenerationState.CANCELED
