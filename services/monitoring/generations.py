"""Generations as pages show them: summaries with their slots and when they will be done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import NotFoundError
from services.core.states import (
    ACTIVE_GENERATIONS,
    EntryKind,
    GenerationState,
    Kind,
    Role,
    RunState,
)
from services.database.clock import beginning_of
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Generation, LedgerEntry, Run
from services.monitoring.run_status import AT_WORK, runs_ahead
from services.monitoring.slots import SlotStatus, SlotSummary, slot_summaries
from services.people.visibility import visible_generations
from services.pipeline.cancel import CANCELABLE
from services.pipeline.retry import MISSING, RETRYABLE
from services.providers.durations import Capacity, DurationEstimator


@dataclass(frozen=True)
class GenerationSummary:
    """One generation with its slots; `progress` 0–1, `seconds_left` an estimate."""

    id: str
    kind: Kind
    title: str
    state: GenerationState
    created_at: datetime
    finished_at: datetime | None
    price_credits: int
    refunded_credits: int
    filled: int
    total: int
    progress: float
    seconds_left: float | None
    is_live: bool
    is_canceling: bool
    """Canceled by a person, with a prediction that has not ended at its provider."""
    missing: int
    """Slots to retry; 0 while the generation is live."""
    missing_credits: int
    slots: tuple[SlotSummary, ...]
    usual_times: float | None = None
    """Of the running slot that is latest: how many times its usual duration it takes already."""

    @property
    def is_cancelable(self) -> bool:
        """Whether a cancel would still stop something."""
        return self.state in CANCELABLE and not self.is_canceling


class GenerationList(StrEnum):
    """Generations with a run that a number of the overview counts."""

    RUNNING = "running"
    REVIEW = "review"
    FAILED = "failed"


_COUNTED = {
    GenerationList.RUNNING: Run.state.in_((*AT_WORK, RunState.QUEUED)),
    GenerationList.REVIEW: Run.state == RunState.NEEDS_REVIEW,
    GenerationList.FAILED: (Run.state == RunState.FAILED)
    & (Run.finished_at >= beginning_of("day")),
}


@dataclass(frozen=True)
class GenerationPage:
    """One keyset page, newest first."""

    items: tuple[GenerationSummary, ...]
    next_cursor: str | None


class GenerationReads:
    """Reads lists and single generations: a few statements a page, whatever the number of rows."""

    def __init__(
        self, database: Database, durations: DurationEstimator, capacity: Capacity | None = None
    ) -> None:
        """`capacity`: how fast runs begin, for estimates."""
        self._database = database
        self._durations = durations
        self._capacity = capacity or Capacity()

    def page(
        self,
        actor: Actor,
        *,
        kinds: tuple[Kind, ...] = (),
        counted: GenerationList | None = None,
        before: str | None = None,
        limit: int = 10,
    ) -> GenerationPage:
        """Read the generations of these kinds (all when empty) that the actor may see.

        `counted`: only those of which the overview counts a run.
        """
        require(actor, Role.VIEWER)
        query = (
            select(Generation)
            .where(
                *visible_generations(actor),
                *keyset_before(before, Generation.created_at, Generation.id),
            )
            .order_by(Generation.created_at.desc(), Generation.id.desc())
            .limit(limit + 1)
        )
        if kinds:
            query = query.where(Generation.kind.in_(kinds))
        if counted:
            runs = select(Run.generation_id).where(_COUNTED[counted])
            query = query.where(Generation.id.in_(runs))
        with self._database.transaction() as session:
            rows = list(session.scalars(query))
            items = self._summaries(session, rows[:limit])
        has_more = len(rows) > limit
        last = rows[limit - 1] if has_more else None
        return GenerationPage(items, encode(last.created_at, last.id) if last else None)

    def card(self, actor: Actor, generation_id: str) -> GenerationSummary:
        """Read one generation; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            row = session.scalar(
                select(Generation).where(
                    Generation.id == generation_id, *visible_generations(actor)
                )
            )
            if row is None:
                raise NotFoundError(what="generation", id=generation_id)
            return self._summaries(session, [row])[0]

    def _summaries(
        self, session: Session, rows: Sequence[Generation]
    ) -> tuple[GenerationSummary, ...]:
        ids = [row.id for row in rows]
        slots: dict[str, list[SlotSummary]] = {generation_id: [] for generation_id in ids}
        for card in slot_summaries(session, self._durations, ids):
            slots[card.generation_id].append(card)
        refunds: dict[str | None, int] = {
            generation_id: int(total)
            for generation_id, total in session.execute(
                select(LedgerEntry.generation_id, func.sum(LedgerEntry.amount))
                .where(LedgerEntry.generation_id.in_(ids), LedgerEntry.kind == EntryKind.REFUND)
                .group_by(LedgerEntry.generation_id)
            )
        }
        left = self._seconds_left(session, rows, slots)
        return tuple(
            _summary(row, tuple(slots[row.id]), refunds.get(row.id, 0), left.get(row.id))
            for row in rows
        )

    def _seconds_left(
        self,
        session: Session,
        rows: Sequence[Generation],
        slots: Mapping[str, Sequence[SlotSummary]],
    ) -> dict[str, float | None]:
        """Estimate the live ones; one more statement when something of them waits."""
        live = [row.id for row in rows if row.state in ACTIVE_GENERATIONS]
        waiting = [
            slot
            for generation_id in live
            for slot in slots[generation_id]
            if slot.status in (SlotStatus.QUEUED, SlotStatus.BLOCKED)
        ]
        durations = {
            model: self._durations(session, *model)
            for model in {(slot.provider, slot.model) for slot in waiting}
        }
        ahead = runs_ahead(session, live) if waiting else {}
        capacity = self._capacity.now(session) if waiting else self._capacity
        return {
            generation_id: seconds_left(
                slots[generation_id], ahead.get(generation_id, {}), durations, capacity
            )
            for generation_id in live
        }


def seconds_left(
    slots: Sequence[SlotSummary],
    ahead: Mapping[str, int],
    durations: Mapping[tuple[str, str], float | None],
    capacity: Capacity,
) -> float | None:
    """Estimate the seconds until the last slot is filled; None where a duration is unknown.

    `ahead`: waiting runs before these, by provider; `durations`: usual seconds by provider and
    model. A queued slot of a provider that occupies threads begins when the running ones end.
    """
    running = [slot for slot in slots if slot.status is SlotStatus.RUNNING]
    if any(slot.seconds_left is None for slot in running):
        return None
    ends = [slot.seconds_left or 0.0 for slot in running]
    for status in (SlotStatus.QUEUED, SlotStatus.BLOCKED):
        waiting = Counter((slot.provider, slot.model) for slot in slots if slot.status is status)
        begin, latest = max(ends, default=0.0), list(ends)
        for (provider, model), count in waiting.items():
            each = durations.get((provider, model))
            if each is None:
                return None
            is_behind = status is SlotStatus.BLOCKED or capacity.occupies_threads(provider)
            others = ahead.get(provider, 0) if status is SlotStatus.QUEUED else 0
            wait = capacity.seconds(provider, count + others, each)
            latest.append(wait + (begin if is_behind else 0.0))
        ends = latest
    return max(ends, default=None)


def _summary(
    row: Generation, slots: tuple[SlotSummary, ...], refunded: int, left: float | None
) -> GenerationSummary:
    is_live = row.state in ACTIVE_GENERATIONS
    settled = sum(1.0 if slot.is_settled else (slot.progress or 0.0) for slot in slots)
    missing = [slot for slot in slots if slot.state in MISSING and row.state in RETRYABLE]
    return GenerationSummary(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        created_at=row.created_at,
        finished_at=row.finished_at,
        price_credits=row.price_credits,
        refunded_credits=refunded,
        filled=sum(slot.status is SlotStatus.DONE for slot in slots),
        total=len(slots),
        progress=settled / len(slots) if slots else 0.0,
        seconds_left=left,
        usual_times=max((slot.usual_times for slot in slots if slot.usual_times), default=None),
        is_live=is_live,
        is_canceling=row.state in CANCELABLE and row.cancel_requested_at is not None,
        missing=len(missing),
        missing_credits=sum(slot.price_credits for slot in missing),
        slots=slots,
    )
