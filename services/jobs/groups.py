"""The guides' words for what runs do: waiting, active, delayed, completed, failed; and ours."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_

from services.core.states import RunState
from services.database.models import Run
from services.monitoring.run_groups import RunGroup

AT_WORK = (RunState.SUBMITTING, RunState.WAITING, RunState.INGESTING)


OPEN_GROUPS = (RunGroup.WAITING, RunGroup.ACTIVE, RunGroup.DELAYED, RunGroup.NEEDS_REVIEW)
ENDED = {
    RunGroup.COMPLETED: RunState.SUCCEEDED,
    RunGroup.FAILED: RunState.FAILED,
    RunGroup.CANCELED: RunState.CANCELED,
}

_is_queued = Run.state == RunState.QUEUED
_has_worker = Run.lease_until.is_not(None)


def is_later() -> ColumnElement[bool]:
    """It was put off: nobody has rung for it, and its time has not come."""
    return and_(Run.enqueued_at.is_(None), Run.due_at > func.clock_timestamp())


def conditions() -> Mapping[RunGroup, ColumnElement[bool]]:
    """Each run fits exactly one; what a provider works on is active, whenever it is looked at."""
    ended = {group: Run.state == state for group, state in ENDED.items()}
    return {
        RunGroup.WAITING: and_(_is_queued, ~_has_worker, ~is_later()),
        RunGroup.ACTIVE: or_(Run.state.in_(AT_WORK), and_(_is_queued, _has_worker)),
        RunGroup.DELAYED: and_(_is_queued, ~_has_worker, is_later()),
        RunGroup.NEEDS_REVIEW: Run.state == RunState.NEEDS_REVIEW,
        **ended,
    }


def group_column() -> Any:
    """A run's group as a word, for a select list."""
    whens = [(condition, group.value) for group, condition in conditions().items()]
    return case(*whens, else_=RunGroup.WAITING.value)


def open_states() -> tuple[RunState, ...]:
    """The states of runs that have not ended."""
    return (*AT_WORK, RunState.QUEUED, RunState.NEEDS_REVIEW)
