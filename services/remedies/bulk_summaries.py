"""What people see of a remedy for many subjects: before it starts, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.states import ItemState, OperationState
from services.database.models import Operation, OperationItem, Person
from services.remedies.base import RemedyKind

STALE_SECONDS = 60.0
"""A bulk remedy without a sign of life for so long has lost its process."""


@dataclass(frozen=True)
class BulkItem:
    """One subject for which the remedy can be done, as it was when that was shown."""

    subject_id: str
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class BulkRefusal:
    """Subjects for which it cannot be done, or was not, for one reason."""

    problem: str
    subject_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.subject_ids)


@dataclass(frozen=True)
class BulkDryRun:
    """What would be done for all of them; credits as in a single dry-run."""

    kind: RemedyKind
    items: tuple[BulkItem, ...]
    refusals: tuple[BulkRefusal, ...]
    """The most frequent reason first."""
    credits: int
    cost_usd: float


@dataclass(frozen=True)
class OperationView:
    """How far one has come; `is_stalled`: its process died, and anybody may resume it."""

    id: str
    kind: RemedyKind
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
    """Why some were not done; read for a single one alone."""

    @property
    def total(self) -> int:
        """All its subjects."""
        return self.pending + self.done + self.refused + self.failed

    @property
    def progress(self) -> float:
        """0–1."""
        return 1.0 - self.pending / self.total if self.total else 1.0


def grouped(problems: Sequence[tuple[str, str]]) -> tuple[BulkRefusal, ...]:
    """Pairs of a problem and a subject, by problem, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for problem, subject_id in problems:
        groups.setdefault(problem, []).append(subject_id)
    refusals = (BulkRefusal(problem, tuple(ids)) for problem, ids in groups.items())
    return tuple(sorted(refusals, key=lambda refusal: -refusal.count))


def operation_views(
    session: Session, ids: Sequence[str] | None = None, limit: int = 20
) -> list[OperationView]:
    """These, or the newest; one statement."""
    chosen = select(Operation.id).order_by(Operation.created_at.desc(), Operation.id.desc())
    chosen = chosen.limit(limit) if ids is None else chosen.where(Operation.id.in_(ids))
    stale_at = func.clock_timestamp() - timedelta(seconds=STALE_SECONDS)
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
        _view(row, name, is_old, dict(zip(counts, numbers, strict=True)))
        for row, name, is_old, *numbers in rows
    ]


def _view(
    row: Operation, name: str, is_old: bool, counts: Mapping[ItemState, int]
) -> OperationView:
    return OperationView(
        id=row.id,
        kind=RemedyKind(row.remedy),
        actor=name,
        reason=row.reason,
        state=row.state,
        is_stalled=is_old and row.state is OperationState.RUNNING,
        pending=counts[ItemState.PENDING],
        done=counts[ItemState.DONE],
        refused=counts[ItemState.REFUSED],
        failed=counts[ItemState.FAILED],
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def refusals_of(session: Session, operation_id: str) -> tuple[BulkRefusal, ...]:
    """Why some of its subjects were not done."""
    rows = session.execute(
        select(OperationItem.message, OperationItem.subject_id)
        .where(
            OperationItem.operation_id == operation_id,
            OperationItem.state.in_((ItemState.REFUSED, ItemState.FAILED)),
        )
        .order_by(OperationItem.position)
    )
    return grouped([(told or "", subject_id) for told, subject_id in rows])
