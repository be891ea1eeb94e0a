"""What pages see of generations: cards with their slots, read in a few statements a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
from services.database.engine import Database
from services.database.keyset import before as keyset_before
from services.database.keyset import encode
from services.database.models import Generation, LedgerEntry, Run
from services.monitoring.slots import SlotCard, SlotStatus, slot_cards
from services.monitoring.time_left import Capacity, seconds_left
from services.people.visibility import visible_generations
from services.pipeline.cancel import CANCELABLE
from services.pipeline.retry import MISSING, RETRYABLE
from services.providers.durations import DurationEstimator

__all__ = ["GenerationCard", "GenerationPage", "GenerationReads", "SlotCard", "SlotStatus"]


@dataclass(frozen=True)
class GenerationCard:
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
    """A person has canceled it, and something of it is still to be ended at a provider."""
    missing: int
    """Slots that can be made again, once nothing of it goes on."""
    missing_credits: int
    slots: tuple[SlotCard, ...]

    @property
    def is_cancelable(self) -> bool:
        """Whether something of it could still be kept from being made."""
        return self.state in CANCELABLE and not self.is_canceling


@dataclass(frozen=True)
class GenerationPage:
    """One keyset page, newest first."""

    items: tuple[GenerationCard, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class WaitingLine:
    """How many runs of one generation wait for their turn at one provider."""

    generation_id: str
    provider: str
    priority: int
    count: int


class GenerationReads:
    """Lists and single cards: a few statements a page, whatever the number of rows."""

    def __init__(
        self, database: Database, durations: DurationEstimator, room: Capacity | None = None
    ) -> None:
        """`room`: how fast work begins; the waiting time is estimated from it."""
        self._database = database
        self._durations = durations
        self._room = room or Capacity()

    def page(
        self,
        actor: Actor,
        *,
        kinds: tuple[Kind, ...] = (),
        before: str | None = None,
        limit: int = 10,
    ) -> GenerationPage:
        """The generations of these kinds (all when empty) that the actor may see."""
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
        with self._database.transaction() as session:
            rows = list(session.scalars(query))
            cards = self._cards(session, rows[:limit])
        has_more = len(rows) > limit
        last = rows[limit - 1] if has_more else None
        return GenerationPage(cards, encode(last.created_at, last.id) if last else None)

    def card(self, actor: Actor, generation_id: str) -> GenerationCard:
        """One generation; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            row = session.scalar(
                select(Generation).where(
                    Generation.id == generation_id, *visible_generations(actor)
                )
            )
            if row is None:
                raise NotFoundError(what="generation", id=generation_id)
            return self._cards(session, [row])[0]

    def _cards(self, session: Session, rows: Sequence[Generation]) -> tuple[GenerationCard, ...]:
        ids = [row.id for row in rows]
        slots: dict[str, list[SlotCard]] = {generation_id: [] for generation_id in ids}
        for card in slot_cards(session, self._durations, ids):
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
            _card(row, tuple(slots[row.id]), refunds.get(row.id, 0), left.get(row.id))
            for row in rows
        )

    def _seconds_left(
        self,
        session: Session,
        rows: Sequence[Generation],
        slots: Mapping[str, Sequence[SlotCard]],
    ) -> dict[str, float | None]:
        """Of the live ones; one statement more when something of them waits in the queue."""
        live = [row for row in rows if row.state in ACTIVE_GENERATIONS]
        waiting = [
            slot
            for row in live
            for slot in slots[row.id]
            if slot.status in (SlotStatus.QUEUED, SlotStatus.BLOCKED)
        ]
        durations = {
            model: self._durations(session, *model)
            for model in {(slot.provider, slot.model) for slot in waiting}
        }
        lines = _waiting_lines(session) if waiting else []
        return {
            row.id: seconds_left(slots[row.id], ahead_of(row, lines), durations, self._room)
            for row in live
        }


def _waiting_lines(session: Session) -> list[WaitingLine]:
    """What waits for its turn, by generation: as many rows as batches wait."""
    rows = session.execute(
        select(Run.generation_id, Run.provider, Run.priority, func.count())
        .where(Run.state == RunState.QUEUED)
        .group_by(Run.generation_id, Run.provider, Run.priority)
    )
    return [WaitingLine(*row) for row in rows]


def ahead_of(row: Generation, lines: Sequence[WaitingLine]) -> dict[str, int]:
    """By provider, how many that wait have their turn before this generation's."""
    ahead: dict[str, int] = {}
    for line in lines:
        is_older = line.priority == row.priority and line.generation_id < row.id
        if line.priority > row.priority or is_older:
            ahead[line.provider] = ahead.get(line.provider, 0) + line.count
    return ahead


def _card(
    row: Generation, slots: tuple[SlotCard, ...], refunded: int, left: float | None
) -> GenerationCard:
    is_live = row.state in ACTIVE_GENERATIONS
    settled = sum(1.0 if slot.is_settled else (slot.progress or 0.0) for slot in slots)
    missing = [slot for slot in slots if slot.state in MISSING and row.state in RETRYABLE]
    return GenerationCard(
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
        is_live=is_live,
        is_canceling=row.state in CANCELABLE and row.cancel_requested_at is not None,
        missing=len(missing),
        missing_credits=sum(slot.price_credits for slot in missing),
        slots=slots,
    )
