"""Read models of bulk remedies: the dry run, and the progress of an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import ItemState, OperationState
from services.core.thresholds import OPERATION_SILENT_SECONDS
from services.database.models import Operation, OperationItem, Person

"""An operation without a heartbeat for so long has lost its process."""


@dataclass(frozen=True)
class BulkItem:
    """A subject to which the remedy can be applied, with its state in the dry run."""

    subject_id: str
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class BulkRefusal:
    """Subjects to which it cannot be, or was not, applied for the same reason."""

    problem: str
    subject_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of subjects."""
        return len(self.subject_ids)


@dataclass(frozen=True)
class BulkDryRun:
    """What would be done for all subjects; credits as in a single dry run."""

    remedy_id: str
    items: tuple[BulkItem, ...]
    refusals: tuple[BulkRefusal, ...]
    """The most frequent reason first."""
    credits: int
    cost_usd: float


@dataclass(frozen=True)
class OperationSummary:
    """Progress of an operation; `is_stalled`: its process died, and it can be resumed."""

    id: str
    remedy_id: str
    actor: str
    reason: str
    state: OperationState
    is_stalled: bool
    pending: int
    done: int
    refused: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    refusals: tuple[BulkRefusal, ...] = ()
    """Read for a single operation only."""

    @property
    def total(self) -> int:
        """Number of subjects."""
        return self.pending + self.done + self.refused + self.failed

    @property
    def progress(self) -> float:
        """Share of subjects that are finished, 0 to 1."""
        return 1.0 - self.pending / self.total if self.total else 1.0


def grouped(problems: Sequence[tuple[str, str]]) -> tuple[BulkRefusal, ...]:
    """Group pairs of problem and subject id by problem, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for problem, subject_id in problems:
        groups.setdefault(problem, []).append(subject_id)
    refusals = (BulkRefusal(problem, tuple(ids)) for problem, ids in groups.items())
    return tuple(sorted(refusals, key=lambda refusal: -refusal.count))


def operation_summaries(
    session: Session, ids: Sequence[str] | None = None, limit: int = 20
) -> list[OperationSummary]:
    """Read these operations, or the newest, in one statement."""
    chosen = select(Operation.id).order_by(Operation.created_at.desc(), Operation.id.desc())
    chosen = chosen.limit(limit) if ids is None else chosen.where(Operation.id.in_(ids))
    stale_at = func.clock_timestamp() - timedelta(seconds=OPERATION_SILENT_SECONDS)
    counts = {
        state: func.count().filter(OperationItem.state == state).label(state.value)
        for state in ItemState
    }
    rows = session.execute(
        select(
            Operation,
            func.coalesce(Person.name, Operation.actor),
            Operation.heartbeat_at < stale_at,
            *counts.values(),
        )
        .outerjoin(Person, Person.id == Operation.actor)
        .join(OperationItem, OperationItem.operation_id == Operation.id)
        .where(Operation.id.in_(chosen))
        .group_by(Operation.id, Person.name)
        .order_by(Operation.created_at.desc(), Operation.id.desc())
    )
    return [
        _summary(row, name, is_stale, dict(zip(counts, numbers, strict=True)))
        for row, name, is_stale, *numbers in rows
    ]


def _summary(
    row: Operation, name: str, is_stale: bool, counts: Mapping[ItemState, int]
) -> OperationSummary:
    return OperationSummary(
        id=row.id,
        remedy_id=row.remedy,
        actor=name,
        reason=row.reason,
        state=row.state,
        is_stalled=is_stale and row.state is OperationState.RUNNING,
        pending=counts[ItemState.PENDING],
        done=counts[ItemState.DONE],
        refused=counts[ItemState.REFUSED],
        failed=counts[ItemState.FAILED],
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def refusals_of(session: Session, operation_id: str) -> tuple[BulkRefusal, ...]:
    """Read why some of its subjects were not done."""
    rows = session.execute(
        select(OperationItem.message, OperationItem.subject_id)
        .where(
            OperationItem.operation_id == operation_id,
            OperationItem.state.in_((ItemState.REFUSED, ItemState.FAILED)),
        )
        .order_by(OperationItem.position)
    )
    return grouped([(message or "", subject_id) for message, subject_id in rows])
