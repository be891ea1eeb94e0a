"""The Overview: what runs, what waits, which processes live, what needs action."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.errors import QueueUnavailableError
from services.core.states import GenerationState, Role, RunState, SlotState
from services.credits.budget import BudgetStatus, day_status
from services.database.clock import ago, beginning_of
from services.database.engine import Database
from services.database.models import Generation, Run, Slot
from services.monitoring.processes import ProcessFacts, read_processes
from services.monitoring.providers import ProviderReader, ProviderStatus
from services.monitoring.run_status import AT_WORK, OPEN_STATES
from services.monitoring.slots import SlotStatus, SlotSummary, slot_summaries
from services.people.visibility import visible_generations
from services.providers.durations import DurationEstimator
from services.queue.base import Queue

MINUTES = 30
MAX_TILES = 12
MAX_ATTENTION = 8


@dataclass(frozen=True)
class AttentionItem:
    """A generation that needs attention; severity `act` or `wait`."""

    generation_id: str
    title: str
    sentence: str
    severity: str
    at: datetime


@dataclass(frozen=True)
class Overview:
    """Numbers of this moment. `per_minute` covers the last 30 minutes, oldest first."""

    running: int
    waiting: int
    needs_review: int
    failed_today: int
    made_today: int
    spent_today: BudgetStatus
    median_seconds: float | None
    per_minute: tuple[int, ...]
    queue_depths: dict[str, int] | None
    processes: tuple[ProcessFacts, ...]
    providers: tuple[ProviderStatus, ...]
    now: tuple[SlotSummary, ...]
    attention: tuple[AttentionItem, ...]


class Overviews:
    """Reads the Overview; all sessions share one cached read."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        durations: DurationEstimator,
        providers: ProviderReader,
    ) -> None:
        self._database = database
        self._queue = queue
        self._durations = durations
        self._providers = providers

    def read(self, actor: Actor) -> Overview:
        """Read it with about ten indexed statements and one Redis round trip, whatever the history."""
        require(actor, Role.VIEWER)
        # Outside the transaction: an unavailable Redis takes its time-out.
        depths = self._depths()
        with self._database.transaction() as session:
            counts = _run_counts(session)
            made, seconds = _made_today(session)
            return Overview(
                running=sum(counts.get(state, 0) for state in AT_WORK),
                waiting=counts.get(RunState.QUEUED, 0),
                needs_review=counts.get(RunState.NEEDS_REVIEW, 0),
                failed_today=_failed_today(session),
                made_today=made,
                spent_today=day_status(session),
                median_seconds=seconds,
                per_minute=_per_minute(session),
                queue_depths=depths,
                processes=read_processes(session),
                providers=self._providers.listed(session),
                now=_now(session, actor, self._durations),
                attention=_attention(session, actor),
            )

    def _depths(self) -> dict[str, int] | None:
        try:
            return {name.value: depth for name, depth in self._queue.depths().items()}
        except QueueUnavailableError:
            return None


def _run_counts(session: Session) -> dict[RunState, int]:
    rows = session.execute(
        select(Run.state, func.count()).where(Run.state.in_(OPEN_STATES)).group_by(Run.state)
    )
    return {state: count for state, count in rows}


def _made_today(session: Session) -> tuple[int, float | None]:
    count = session.scalar(
        select(func.count())
        .select_from(Slot)
        .where(Slot.state == SlotState.FILLED, Slot.filled_at >= beginning_of("day"))
    )
    seconds = func.extract("epoch", Run.finished_at - Run.created_at)
    median = session.scalar(
        select(func.percentile_cont(0.5).within_group(seconds)).where(
            Run.state == RunState.SUCCEEDED,
            Run.finished_at > ago(timedelta(hours=1)),
        )
    )
    return int(count or 0), float(median) if median is not None else None


def _failed_today(session: Session) -> int:
    count = session.scalar(
        select(func.count())
        .select_from(Run)
        .where(Run.state == RunState.FAILED, Run.finished_at >= beginning_of("day"))
    )
    return int(count or 0)


def _per_minute(session: Session) -> tuple[int, ...]:
    age = func.floor(func.extract("epoch", func.clock_timestamp() - Slot.filled_at) / 60)
    rows = session.execute(
        select(age, func.count())
        .where(
            Slot.state == SlotState.FILLED,
            Slot.filled_at > ago(timedelta(minutes=MINUTES)),
        )
        .group_by(age)
    )
    by_age = {int(minutes): count for minutes, count in rows}
    return tuple(by_age.get(minutes, 0) for minutes in reversed(range(MINUTES)))


def _now(session: Session, actor: Actor, durations: DurationEstimator) -> tuple[SlotSummary, ...]:
    ids = session.scalars(
        select(Run.generation_id)
        .join(Generation, Generation.id == Run.generation_id)
        .where(Run.state.in_(AT_WORK), *visible_generations(actor))
        .group_by(Run.generation_id)
        .order_by(func.min(Run.created_at))
        .limit(MAX_TILES)
    ).all()
    running = [
        card
        for card in slot_summaries(session, durations, ids)
        if card.status is SlotStatus.RUNNING
    ]
    return tuple(running[:MAX_TILES])


def _attention(session: Session, actor: Actor) -> tuple[AttentionItem, ...]:
    review = Generation.state == GenerationState.NEEDS_REVIEW
    failed = Generation.state.in_((GenerationState.FAILED, GenerationState.PARTIAL))
    recent = Generation.finished_at > ago(timedelta(hours=24))
    rows = session.scalars(
        select(Generation)
        .where(review | (failed & recent), *visible_generations(actor))
        .order_by(case((review, 0), else_=1), Generation.created_at.desc())
        .limit(MAX_ATTENTION)
    )
    return tuple(
        AttentionItem(
            generation_id=row.id,
            title=row.title,
            sentence=_SENTENCES[row.state],
            severity="act" if row.state is GenerationState.NEEDS_REVIEW else "wait",
            at=row.finished_at or row.created_at,
        )
        for row in rows
    )


_SENTENCES = {
    GenerationState.NEEDS_REVIEW: "It is unknown whether the provider received it: decide.",
    GenerationState.FAILED: "No picture was generated; its credits were refunded.",
    GenerationState.PARTIAL: "Some pictures failed; their credits were refunded.",
}
