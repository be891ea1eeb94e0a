"""The ingest step: download and store what the provider made, then fill the slots.

Each output is on its own: one that is lost fails its slot, and the others fill theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.core.errors import PictureRefusedError, StorageError, WeightsRefusedError
from services.core.states import ACTIVE_RUNS, OPEN_SLOTS, GenerationState, RunState, SlotState
from services.database.models import Asset, AssetParent, Attempt, Run, RunSlot, Slot, new_id
from services.fetch.output_fetcher import FetchError, FetchFailure
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record_run
from services.pipeline.failures import Failure, component_of, step_failed, try_later
from services.pipeline.leases import Step
from services.pipeline.step_context import StepContext
from services.pipeline.transitions import (
    close_open_slots,
    fail_run,
    fill_slot,
    fill_without_file,
    lock_generation,
    move_run,
    refresh_generation,
)
from services.providers.base import FailureClass
from services.recipes.registry import work_of
from services.recipes.work import StoredOutput

EXPIRED = "The provider deleted the output before it could be fetched; it keeps them for an hour."
PARTIAL = "partial"
TOO_FEW = "The provider made fewer pictures than were ordered."
FINAL = (FetchFailure.GONE, FetchFailure.REFUSED_ADDRESS, FetchFailure.TOO_BIG)

Output = StoredOutput | Failure | None
"""What became of one output: a stored file, a final failure, or something that is no file."""


def ingest(context: StepContext, step: Step, worker: str) -> None:
    """Ingest the outputs of a run, if the step is still to be done."""
    with context.claimed(step, RunState.INGESTING, worker, _read) as inputs:
        if inputs is None:
            return
        checkpoint("ingest.claimed")
        run, attempt, slot_count = inputs
        try:
            outputs = [_store(context, run, it) for it in attempt.outputs[:slot_count]]
        except (FetchError, StorageError, PictureRefusedError) as error:
            with context.database.transaction() as session:
                _retry_later(session, context, step, run, attempt, error)
            return
        checkpoint("ingest.stored")
        with context.database.transaction() as session:
            _finish(session, step, attempt, outputs)
        checkpoint("ingest.filled")


def _read(session: Session, run: Run) -> tuple[Run, Attempt, int]:
    """Read the attempt whose outputs are ingested, and how many the run's slots take."""
    slot_count = select(func.count()).where(RunSlot.run_id == run.id).scalar_subquery()
    attempt, count = session.execute(
        select(Attempt, slot_count)
        .where(Attempt.run_id == run.id)
        .order_by(Attempt.number.desc())
        .limit(1)
    ).one()
    return run, attempt, count


def _store(context: StepContext, run: Run, output: Mapping[str, Any]) -> Output:
    """Store one output; what can never succeed becomes a Failure, the rest is raised."""
    try:
        return work_of(run.kind).store(context, output)
    except FetchError as error:
        if error.kind not in FINAL:
            raise
        if error.kind is FetchFailure.GONE:
            return Failure(FailureClass.WINDOW_MISSED, EXPIRED)
        return Failure(FailureClass.UNKNOWN, f"The output was not downloaded: {error}")
    except WeightsRefusedError as error:
        return Failure(FailureClass.UNKNOWN, error.sentence)


def _retry_later(
    session: Session,
    context: StepContext,
    step: Step,
    run: Run,
    attempt: Attempt,
    error: FetchError | StorageError | PictureRefusedError,
) -> None:
    """Retry with backoff; without end while the provider still has the output, which is paid for."""
    detail = str(error) if isinstance(error, FetchError) else error.sentence
    is_over = isinstance(error, PictureRefusedError) or is_window_over(
        session, attempt, context.limits.output_window_seconds
    )
    retry = step_failed if is_over else try_later
    retry(session, step, run, detail, context.limits, component_of(error))


def is_window_over(session: Session, attempt: Attempt, seconds: float) -> bool:
    """Whether the provider has deleted the outputs by now."""
    age = func.clock_timestamp() - Attempt.finished_at
    return bool(
        session.scalar(select(age > timedelta(seconds=seconds)).where(Attempt.id == attempt.id))
    )


def _finish(session: Session, step: Step, attempt: Attempt, outputs: Sequence[Output]) -> None:
    failures = [output for output in outputs if isinstance(output, Failure)]
    if failures and len(failures) == len(outputs):
        fail_run(session, step, failures[0].kind, failures[0].detail)
        return
    run = move_run(session, step, RunState.SUCCEEDED, locks_generation=False, progress=1.0)
    stored_state = lock_generation(session, run.generation_id)
    slots = _read_slots(session, run)
    asset_ids = _fill(session, slots, outputs)
    work = work_of(run.kind)
    facts = work.finish(session, run, attempt.outputs, asset_ids)
    event = EventName(work.finish_event)
    record_run(session, event, run, attempt=attempt.id, **facts)
    if any(slot.state in OPEN_SLOTS for slot, _ in slots.own):
        session.flush()
        kind, detail = (failures[0].kind, failures[0].detail) if failures else (PARTIAL, TOO_FEW)
        close_open_slots(session, run, SlotState.FAILED, kind, detail)
    elif stored_state is not GenerationState.RUNNING or not slots.has_other_run:
        refresh_generation(session, run.generation_id, stored_state)


@dataclass(frozen=True)
class _Slots:
    """A run's slots with the index of their output, and the slots that wait for them."""

    own: Sequence[tuple[Slot, int]]
    blocked: Sequence[Slot]
    has_other_run: bool
    """Whether another run of the locked generation is active, so that it stays running."""

    def children(self, slot: Slot) -> list[Slot]:
        """Return the blocked slots that are made from this one."""
        return [child for child in self.blocked if child.parent_slot_id == slot.id]


def _read_slots(session: Session, run: Run) -> _Slots:
    """Read what filling a run's slots needs in one statement; its generation must be locked."""
    other, parent = aliased(Run), aliased(RunSlot)
    own_ids = select(parent.slot_id).where(parent.run_id == run.id)
    others = exists().where(
        other.generation_id == run.generation_id,
        other.id != run.id,
        other.state.in_(ACTIVE_RUNS),
    )
    is_child = Slot.parent_slot_id.in_(own_ids) & (Slot.state == SlotState.BLOCKED)
    rows = session.execute(
        select(Slot, RunSlot.output_index, others)
        .outerjoin(RunSlot, (RunSlot.slot_id == Slot.id) & (RunSlot.run_id == run.id))
        .where(
            Slot.generation_id == run.generation_id,
            or_(RunSlot.run_id.is_not(None), is_child),
        )
        .order_by(RunSlot.output_index, Slot.position)
        .execution_options(populate_existing=True)
    ).all()
    own = [(slot, index) for slot, index, _ in rows if index is not None]
    blocked = [slot for slot, index, _ in rows if index is None]
    return _Slots(own, blocked, any(row[2] for row in rows))


def _fill(session: Session, slots: _Slots, outputs: Sequence[Output]) -> dict[int, str]:
    """Fill the run's pending slots; returns the assets of stored files by output index."""
    asset_ids = {}
    for slot, index in slots.own:
        if index >= len(outputs) or slot.state is not SlotState.PENDING:
            continue
        output = outputs[index]
        if isinstance(output, Failure):
            continue
        if output is None:
            fill_without_file(slot)
        else:
            asset_ids[index] = fill_with_file(session, slot, output, slots.children(slot))
    return asset_ids


def fill_with_file(
    session: Session, slot: Slot, output: StoredOutput, children: Sequence[Slot] | None = None
) -> str:
    """Add the row of a stored file with its lineage, and fill the slot; returns the asset's id."""
    asset = Asset(
        id=new_id("ast"),
        account_id=slot.account_id,
        checked_at=func.clock_timestamp(),
        **output.as_json(),
    )
    session.add(asset)
    session.flush()
    # Weights are no picture: nothing shows what they were made from.
    parents = dict.fromkeys(slot.input_asset_ids) if output.width else ()
    session.add_all(
        AssetParent(child_id=asset.id, parent_id=parent_id, relation="made_from")
        for parent_id in parents
    )
    fill_slot(session, slot, asset.id, children)
    return asset.id
