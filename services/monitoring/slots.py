"""One slot as pages see it: its state in a person's words, its picture, its progress."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from services.core.states import RunState, SlotRole, SlotState
from services.database.models import (
    Asset,
    Attempt,
    Mascot,
    Pose,
    ProviderState,
    Run,
    RunSlot,
    Slot,
)
from services.providers.durations import DurationEstimator
from services.providers.registry import SYNCHRONOUS, provider_label
from services.recipes.labels import (
    EDIT_ROLES,
    FAILURE_SENTENCES,
    ROLE_LABELS,
    UNKNOWN_FAILURE,
    edit_label,
)

ERASED = "This picture was erased."
ALMOST_DONE = 0.95
"""An estimate never says that it is finished."""


class SlotStatus(StrEnum):
    """What the tile says."""

    QUEUED = "queued"
    BLOCKED = "blocked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True)
class SlotCard:
    """One slot; `progress` 0–1 and `seconds_left` are estimates while it runs."""

    id: str
    generation_id: str
    position: int
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
    prompt: str
    seed: int
    provider: str
    model: str
    web_url: str | None
    run_id: str | None
    price_credits: int

    @property
    def is_settled(self) -> bool:
        """Nothing more will happen to it by itself."""
        return self.state not in (SlotState.BLOCKED, SlotState.PENDING)


def slot_cards(
    session: Session, durations: DurationEstimator, generation_ids: Sequence[str]
) -> Iterator[SlotCard]:
    """Every slot of these generations, in order; two statements and cached durations."""
    newest = (
        select(RunSlot.slot_id, func.max(RunSlot.run_id).label("run_id"))
        .join(Slot, Slot.id == RunSlot.slot_id)
        .where(Slot.generation_id.in_(generation_ids))
        .group_by(RunSlot.slot_id)
        .subquery()
    )
    last = aliased(Attempt)
    numbers = (
        select(Attempt.run_id, func.max(Attempt.number).label("number"))
        .join(Run, Run.id == Attempt.run_id)
        .where(Run.generation_id.in_(generation_ids))
        .group_by(Attempt.run_id)
        .subquery()
    )
    same_sort = (Slot.generation_id, Slot.pose_id, Slot.role, Slot.options["preset"])
    parent = aliased(Slot)
    rows = session.execute(
        select(
            Slot,
            Asset,
            Run,
            last.web_url,
            last.seed,
            Mascot.variation,
            Pose.name,
            func.row_number().over(partition_by=same_sort, order_by=Slot.position),
            func.count().over(partition_by=same_sort),
            parent.role,
            ProviderState.paused_reason,
            ProviderState.paused_at.is_not(None),
            func.clock_timestamp(),
        )
        .outerjoin(Asset, Asset.id == Slot.asset_id)
        .outerjoin(newest, newest.c.slot_id == Slot.id)
        .outerjoin(Run, Run.id == newest.c.run_id)
        .outerjoin(numbers, numbers.c.run_id == Run.id)
        .outerjoin(last, (last.run_id == Run.id) & (last.number == numbers.c.number))
        .outerjoin(Mascot, Mascot.id == Slot.mascot_id)
        .outerjoin(Pose, Pose.id == Slot.pose_id)
        .outerjoin(parent, parent.id == Slot.parent_slot_id)
        .outerjoin(ProviderState, ProviderState.provider == Slot.provider)
        .where(Slot.generation_id.in_(generation_ids))
        .order_by(Slot.generation_id, Slot.position)
    ).all()
    for row in rows:
        yield _card(session, durations, row)


def _card(session: Session, durations: DurationEstimator, row: Row) -> SlotCard:  # type: ignore[type-arg]
    slot, asset, run, web_url, seed, *named, parent_role, paused_reason, is_paused, now = row
    is_erased = asset is not None and asset.deleted_at is not None
    picture = None if is_erased else asset
    status = _status(slot, run)
    expected = (
        durations(session, slot.provider, slot.model) if status is SlotStatus.RUNNING else None
    )
    progress, left = _progress(run, expected, now) if status is SlotStatus.RUNNING else (None, None)
    return SlotCard(
        id=slot.id,
        generation_id=slot.generation_id,
        position=slot.position,
        role=slot.role,
        label=_label(slot, *named),
        state=slot.state,
        status=status,
        asset_id=None if is_erased else slot.asset_id,
        thumbnail_key=picture.thumbnail_key if picture else None,
        placeholder=picture.placeholder if picture else None,
        progress=progress,
        seconds_left=left,
        waiting_for=f"waits for the {ROLE_LABELS[parent_role].lower()}"
        if status is SlotStatus.BLOCKED
        else _waiting_for(slot, run, status, expected, is_paused, paused_reason, now),
        failure=ERASED if is_erased else _failure(slot, run, status),
        prompt=slot.prompt,
        seed=seed if seed is not None else slot.seed,
        provider=slot.provider,
        model=slot.model,
        web_url=web_url,
        run_id=run.id if run else None,
        price_credits=slot.price_credits,
    )


def _label(slot: Slot, variation: int | None, pose: str | None, number: int, count: int) -> str:
    """`Waving · 2` for the second picture of a library pose; one alone needs no number."""
    if slot.role in EDIT_ROLES:
        return edit_label(slot, pose, number, count)
    label = ROLE_LABELS[slot.role]
    if pose is not None:
        return f"{pose} · {number}" if count > 1 else pose
    if slot.role is SlotRole.POSE:
        return f"{label} {number}"
    if slot.role is SlotRole.STUDIO:
        return _trained_name(slot.model)
    return f"Variation {variation} · {label}" if variation else label


def _trained_name(model: str) -> str:
    """`mira4821` of `owner/atelier-mira4821:id`: what tells two compared models apart."""
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


def _progress(run: Run, expected: float | None, now: datetime) -> tuple[float | None, float | None]:
    """The provider's own progress, else elapsed against the usual; and the seconds left."""
    if run.state is RunState.INGESTING:
        return ALMOST_DONE, 1.0
    since = run.accepted_at or run.started_at
    elapsed = (now - since).total_seconds() if since else 0.0
    estimate = min(ALMOST_DONE, elapsed / expected) if expected else None
    progress = max(run.progress or 0.0, estimate or 0.0) or None
    left = max(1.0, expected - elapsed) if expected else None
    return progress, left


def _waiting_for(
    slot: Slot,
    run: Run | None,
    status: SlotStatus,
    expected: float | None,
    is_paused: bool,
    paused_reason: str | None,
    now: datetime,
) -> str:
    provider = provider_label(slot.provider)
    if status is SlotStatus.QUEUED:
        if is_paused:
            return f"{provider} is paused: {paused_reason}"
        is_again = run is not None and (run.attempt_count or run.refused_count)
        return "tried again soon" if is_again else "in the queue"
    if status is not SlotStatus.RUNNING or run is None:
        return ""
    return at_work(run, expected, now)


def at_work(run: Run, expected: float | None, now: datetime) -> str:
    """Where a run is that somebody works on; `expected` seconds are what its model usually takes."""
    provider = provider_label(run.provider)
    if run.state is RunState.INGESTING:
        return "saving the picture"
    is_sending = run.state is RunState.SUBMITTING and run.accepted_at is None
    if is_sending and run.provider not in SYNCHRONOUS:
        return f"sending to {provider}"
    since = run.accepted_at or run.started_at or run.created_at
    elapsed = (now - since).total_seconds()
    usually = f" of about {expected:.0f}" if expected else ""
    verb = "starting at" if run.provider_status == "starting" else "at"
    return f"{verb} {provider}, {elapsed:.0f}{usually} s"


def _failure(slot: Slot, run: Run | None, status: SlotStatus) -> str | None:
    if status is SlotStatus.NEEDS_REVIEW and run is not None:
        return run.failure_detail
    if status is not SlotStatus.FAILED:
        return None
    sentence = FAILURE_SENTENCES.get(slot.failure or "", UNKNOWN_FAILURE)
    return f"{sentence} {slot.price_credits} credits were given back."
