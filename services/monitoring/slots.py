"""One slot as pages show it: its status, its picture, its progress, what it waits for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from services.core.states import RunState, SlotRole, SlotState
from services.database.models import Asset, Mascot, Pose, Run, RunSlot, Slot
from services.monitoring.run_status import (
    OPEN_STATES,
    Estimate,
    Gates,
    RunGroup,
    estimate,
    group_column,
    is_in_line,
    read_gates,
    status_words,
)
from services.providers.durations import DurationEstimator
from services.recipes.labels import (
    EDIT_ROLES,
    FAILURE_SENTENCES,
    ROLE_LABELS,
    UNKNOWN_FAILURE,
    edit_label,
)

ERASED = "This picture was erased."


class SlotStatus(StrEnum):
    """What a tile shows."""

    QUEUED = "queued"
    BLOCKED = "blocked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True)
class SlotSummary:
    """One slot; `progress` 0–1 and `seconds_left` are estimates while it runs."""

    id: str
    generation_id: str
    role: SlotRole
    label: str
    state: SlotState
    status: SlotStatus
    asset_id: str | None
    thumbnail_key: str | None
    placeholder: str | None
    progress: float | None
    seconds_left: float | None
    waiting_for: str
    failure: str | None
    provider: str
    model: str
    run_id: str | None
    price_credits: int
    usual_times: float | None = None
    """How many times the usual duration it takes already; None up to once."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to it without a person."""
        return self.state not in (SlotState.BLOCKED, SlotState.PENDING)


def slot_summaries(
    session: Session, durations: DurationEstimator, generation_ids: Sequence[str]
) -> Iterator[SlotSummary]:
    """Read every slot of these generations in order.

    One statement, four while something of it is open; durations are cached.
    """
    rows = session.execute(_query(generation_ids)).all()
    runs = [(row.Run, RunGroup(row.group)) for row in rows if row.Run is not None]
    gates = None
    if any(run.state in OPEN_STATES for run, _ in runs):
        gates = read_gates(session, [run.id for run, group in runs if is_in_line(run, group)])
    for row in rows:
        yield _summary(session, durations, row, gates)


def slot_labels(session: Session, generation_ids: Sequence[str]) -> dict[str, str]:
    """Read the label of every slot of these generations, by id: one statement."""
    return {row.Slot.id: _label(row) for row in session.execute(_query(generation_ids))}


def _query(generation_ids: Sequence[str]) -> Select[Any]:
    """Select each slot with its file and its newest run."""
    newest = (
        select(RunSlot.slot_id, func.max(RunSlot.run_id).label("run_id"))
        .join(Slot, Slot.id == RunSlot.slot_id)
        .where(Slot.generation_id.in_(generation_ids))
        .group_by(RunSlot.slot_id)
        .subquery()
    )
    same_label = (Slot.generation_id, Slot.pose_id, Slot.role, Slot.options["preset"])
    parent = aliased(Slot)
    return (
        select(
            Slot,
            Asset,
            Run,
            group_column().label("group"),
            Mascot.variation,
            Pose.name.label("pose"),
            func.row_number().over(partition_by=same_label, order_by=Slot.position).label("number"),
            func.count().over(partition_by=same_label).label("number_of"),
            parent.role.label("parent_role"),
        )
        .outerjoin(Asset, Asset.id == Slot.asset_id)
        .outerjoin(newest, newest.c.slot_id == Slot.id)
        .outerjoin(Run, Run.id == newest.c.run_id)
        .outerjoin(Mascot, Mascot.id == Slot.mascot_id)
        .outerjoin(Pose, Pose.id == Slot.pose_id)
        .outerjoin(parent, parent.id == Slot.parent_slot_id)
        .where(Slot.generation_id.in_(generation_ids))
        .order_by(Slot.generation_id, Slot.position)
    )


def _summary(
    session: Session,
    durations: DurationEstimator,
    row: Row[Any],
    gates: Gates | None,
) -> SlotSummary:
    slot, asset, run = row.Slot, row.Asset, row.Run
    is_erased = asset is not None and asset.deleted_at is not None
    picture = None if is_erased else asset
    status = _status(slot, run)
    usual_seconds, left = None, Estimate()
    if gates and status is SlotStatus.RUNNING:
        usual_seconds = durations(session, slot.provider, slot.model)
        left = estimate(run, usual_seconds, gates.now)
    return SlotSummary(
        id=slot.id,
        generation_id=slot.generation_id,
        role=slot.role,
        label=_label(row),
        state=slot.state,
        status=status,
        asset_id=None if is_erased else slot.asset_id,
        thumbnail_key=picture.thumbnail_key if picture else None,
        placeholder=picture.placeholder if picture else None,
        progress=left.progress,
        seconds_left=left.seconds_left,
        usual_times=left.usual_times,
        waiting_for=_waiting_for(row, status, gates, usual_seconds),
        failure=ERASED if is_erased else _failure(slot, run, status),
        provider=slot.provider,
        model=slot.model,
        run_id=run.id if run else None,
        price_credits=slot.price_credits,
    )


def _waiting_for(
    row: Row[Any], status: SlotStatus, gates: Gates | None, usual_seconds: float | None
) -> str:
    if status is SlotStatus.BLOCKED:
        return f"waits for the {ROLE_LABELS[row.parent_role].lower()}"
    if gates is None or status not in (SlotStatus.QUEUED, SlotStatus.RUNNING) or row.Run is None:
        return ""
    return status_words(row.Run, RunGroup(row.group), gates, usual_seconds=usual_seconds)


def _label(row: Row[Any]) -> str:
    """`Waving · 2` for the second picture of a library pose; a single one has no number."""
    slot = row.Slot
    if slot.role in EDIT_ROLES:
        return edit_label(slot, row.pose, row.number, row.number_of)
    label = ROLE_LABELS[slot.role]
    if row.pose is not None:
        return f"{row.pose} · {row.number}" if row.number_of > 1 else str(row.pose)
    if slot.role is SlotRole.POSE:
        return f"{label} {row.number}"
    if slot.role is SlotRole.STUDIO:
        return _trained_name(slot.model)
    return f"Variation {row.variation} · {label}" if row.variation else label


def _trained_name(model: str) -> str:
    """Shorten `owner/atelier-mira4821:id` to `mira4821`, which differs between models."""
    return model.partition(":")[0].rpartition("/")[2].removeprefix("atelier-")


def _status(slot: Slot, run: Run | None) -> SlotStatus:
    settled = {
        SlotState.FILLED: SlotStatus.DONE,
        SlotState.FAILED: SlotStatus.FAILED,
        SlotState.CANCELED: SlotStatus.CANCELED,
        SlotState.BLOCKED: SlotStatus.BLOCKED,
    }
    if slot.state in settled:
        return settled[slot.state]
    if run is not None and run.state is RunState.NEEDS_REVIEW:
        return SlotStatus.NEEDS_REVIEW
    if run is None or run.state is RunState.QUEUED:
        return SlotStatus.QUEUED
    return SlotStatus.RUNNING


def _failure(slot: Slot, run: Run | None, status: SlotStatus) -> str | None:
    if status is SlotStatus.NEEDS_REVIEW and run is not None:
        return run.failure_detail
    if status is not SlotStatus.FAILED:
        return None
    sentence = FAILURE_SENTENCES.get(slot.failure or "", UNKNOWN_FAILURE)
    if slot.is_charge_kept:
        return f"{sentence} Its {slot.price_credits} credits are kept; a retry charges nothing."
    return f"{sentence} {slot.price_credits} credits were refunded."
