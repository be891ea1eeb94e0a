"""The ingest step: download and store what the provider made, then fill the slots.

Each output is on its own: one that is lost or of no use fails its slot, and the others fill theirs.
What is stored, or has failed for good, is noted in the attempt, so that a retry repeats neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.core.humanize import span
from services.core.states import ACTIVE_RUNS, OPEN_SLOTS, GenerationState, RunState, SlotState
from services.database.models import Asset, AssetParent, Attempt, Run, RunSlot, Slot, new_id
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record_run
from services.pipeline.failures import Failure
from services.pipeline.leases import Step, reschedule
from services.pipeline.step_context import StepContext, is_refunded, update_attempt
from services.pipeline.steps.downloads import Finished, Output, OutputDownload, Postponed
from services.pipeline.transitions import (
    close_slot,
    fill_slot,
    fill_without_file,
    lock_generation,
    move_run,
    refresh_generation,
)
from services.providers.base import FailureClass
from services.recipes.registry import work_of
from services.recipes.work import StoredOutput

PARTIAL = "partial"
TOO_FEW = "The provider made fewer pictures than were ordered."
RETENTION_SECONDS = 3600.0
"""How long a provider stores what it made."""
MAX_RETRY_SECONDS = 300.0
RETRY_SHARE = 0.25
"""A failed download is repeated after this share of the output's age."""
MAX_COUNTED_FAILURES = 5


def ingest(context: StepContext, step: Step, worker: str) -> None:
    """Ingest the outputs of a run, if the step is still to be done."""
    with context.claimed(step, RunState.INGESTING, worker, _read) as finished:
        if finished is None:
            return
        checkpoint("ingest.claimed")
        outputs = OutputDownload(context, finished).all()
        checkpoint("ingest.stored")
        with context.database.transaction() as session:
            _settle(session, context, step, finished, outputs)
        checkpoint("ingest.filled")


def _read(session: Session, run: Run) -> Finished:
    """Read the attempt whose outputs are ingested, and how many the run's slots take."""
    slot_count = select(func.count()).where(RunSlot.run_id == run.id).scalar_subquery()
    age = func.extract("epoch", func.clock_timestamp() - Attempt.finished_at)
    attempt, seconds, count = session.execute(
        select(Attempt, age, slot_count)
        .where(Attempt.run_id == run.id)
        .order_by(Attempt.number.desc())
        .limit(1)
    ).one()
    return Finished(run, attempt, float(seconds or 0.0), count)


def _settle(
    session: Session, context: StepContext, step: Step, finished: Finished, outputs: list[Output]
) -> None:
    """Fill the slots, or try again later what is still there to be fetched."""
    window = context.limits.output_window_seconds
    if finished.is_over(window):
        outputs = [_final(finished, it) if isinstance(it, Postponed) else it for it in outputs]
    if any(isinstance(it, Postponed) for it in outputs):
        least_seconds = context.limits.retry_base_seconds
        _try_later(session, step, finished, outputs, least_seconds)
    else:
        _finish(session, context, step, finished, outputs)


def _final(finished: Finished, output: Postponed) -> Failure:
    """Give up what could not be stored while it was there."""
    age = span(finished.age_seconds)
    kind = output.failure
    if kind is FailureClass.WINDOW_MISSED and finished.age_seconds >= RETENTION_SECONDS:
        return Failure(kind, f"The provider stores outputs for an hour; {output.detail}.")
    return Failure(
        kind, f"It was not stored within {age}: {output.detail}", component=output.component
    )


def _try_later(
    session: Session,
    step: Step,
    finished: Finished,
    outputs: Sequence[Output],
    least_seconds: float,
) -> None:
    """Retry after a share of the output's age: it is paid for, and may still be there."""
    postponed = [it for it in outputs if isinstance(it, Postponed)]
    update_attempt(session, finished.attempt.id, outputs=_noted(finished.attempt, outputs))
    delay = min(MAX_RETRY_SECONDS, max(least_seconds, RETRY_SHARE * finished.age_seconds))
    reschedule(
        session,
        step,
        delay,
        step_failures=min(finished.run.step_failures + 1, MAX_COUNTED_FAILURES),
    )
    record_run(
        session,
        EventName.RUN_STEP_FAILED,
        finished.run,
        state=finished.run.state.value,
        reason=postponed[0].detail,
        in_seconds=round(delay, 1),
        part=postponed[0].component,
        outputs=len(postponed),
    )


def _noted(attempt: Attempt, outputs: Sequence[Output]) -> list[Any]:
    """Return the attempt's outputs with what is known of each after a try."""
    noted = []
    for known, output in zip(attempt.outputs, outputs, strict=False):
        if isinstance(output, Failure):
            known = {**known, "failure": output.kind.value, "detail": output.detail}
        elif isinstance(output, Postponed):
            known = {**known, **output.note}
        elif output is not None:
            known = {**known, **output.as_json()}
        noted.append(known)
    return [*noted, *attempt.outputs[len(noted) :]]


def _finish(
    session: Session,
    context: StepContext,
    step: Step,
    finished: Finished,
    outputs: Sequence[Output],
) -> None:
    failures = [it for it in outputs[: finished.slot_count] if isinstance(it, Failure)]
    if failures and len(failures) == len(outputs[: finished.slot_count]):
        _fail(session, context, step, outputs)
        return
    attempt = finished.attempt
    run = move_run(session, step, RunState.SUCCEEDED, locks_generation=False, progress=1.0)
    stored_state = lock_generation(session, run.generation_id)
    slots = _read_slots(session, run)
    asset_ids = _fill(session, slots, outputs)
    work = work_of(run.kind)
    facts = work.finish(session, run, attempt.outputs, asset_ids)
    record_run(session, EventName(work.finish_event), run, attempt=attempt.id, **facts)
    _add_extras(session, run, slots, outputs)
    if any(slot.state in OPEN_SLOTS for slot, _ in slots.own):
        session.flush()
        _close_unfilled(session, context, slots, outputs)
        refresh_generation(session, run.generation_id)
    elif stored_state is not GenerationState.RUNNING or not slots.has_other_run:
        refresh_generation(session, run.generation_id, stored_state)


def _fail(session: Session, context: StepContext, step: Step, outputs: Sequence[Output]) -> None:
    """Fail a run of which no output is of use; each slot has its own reason."""
    first = next(it for it in outputs if isinstance(it, Failure))
    run = move_run(session, step, RunState.FAILED, failure=first.kind, failure_detail=first.detail)
    record_run(session, EventName.RUN_FAILED, run, failure=first.kind.value, reason=first.detail)
    _close_unfilled(session, context, _read_slots(session, run), outputs)
    refresh_generation(session, run.generation_id)


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
        if output is None:
            fill_without_file(slot)
        elif isinstance(output, StoredOutput):
            asset_ids[index] = fill_with_file(session, slot, output, slots.children(slot))
    return asset_ids


def _close_unfilled(
    session: Session, context: StepContext, slots: _Slots, outputs: Sequence[Output]
) -> None:
    """Close each open slot for the reason of its own output."""
    for slot, index in slots.own:
        if slot.state not in OPEN_SLOTS:
            continue
        output = outputs[index] if index < len(outputs) else None
        if isinstance(output, Failure):
            close_slot(
                session,
                slot,
                SlotState.FAILED,
                output.kind,
                output.detail,
                is_refunded=is_refunded(context.limits, output.kind),
            )
        else:
            close_slot(session, slot, SlotState.FAILED, PARTIAL, TOO_FEW)


def _add_extras(session: Session, run: Run, slots: _Slots, outputs: Sequence[Output]) -> None:
    """Keep what was made beyond the order, in slots that cost nothing."""
    like = slots.own[-1][0]
    extras = [it for it in outputs[len(slots.own) :] if isinstance(it, StoredOutput)]
    last = session.scalars(
        select(func.max(Slot.position)).where(Slot.generation_id == run.generation_id)
    ).one()
    for number, output in enumerate(extras, start=1):
        slot = Slot(
            id=new_id("slot"),
            position=last + number,
            run_group=last + number,
            price_credits=0,
            state=SlotState.PENDING,
            **{name: getattr(like, name) for name in _COPIED},
        )
        session.add(slot)
        session.flush()
        session.add(
            RunSlot(run_id=run.id, slot_id=slot.id, output_index=len(slots.own) + number - 1)
        )
        fill_with_file(session, slot, output, ())
    if extras:
        record_run(session, EventName.RUN_EXTRA_OUTPUTS, run, pictures=len(extras))


_COPIED = (
    "generation_id",
    "account_id",
    "kind",
    "role",
    "mascot_id",
    "parent_slot_id",
    "provider",
    "model",
    "prompt",
    "seed",
    "aspect_ratio",
    "input_asset_ids",
    "pose_id",
    "control_skeleton",
    "options",
    "charge_id",
)
"""Columns of a slot that a picture beyond the order has, too."""


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
