"""How much was finished and how long it took, in buckets of time: waiting apart from running."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Double, cast, func, select
from sqlalchemy.orm import Session

from services.core.actors import Actor, require
from services.core.states import Role, RunState
from services.database.models import Run
from services.jobs.part import Part


class Window(StrEnum):
    """How far back; the value stands in addresses."""

    HOUR = "60 min"
    DAY = "24 h"


_GRIDS = {Window.HOUR: (120, 30), Window.DAY: (1800, 48)}
"""Seconds of a bucket, and how many there are."""


@dataclass(frozen=True)
class Bucket:
    """Runs that ended from `at` on; seconds are of those that succeeded, None where none did."""

    at: datetime
    completed: int = 0
    failed: int = 0
    per_minute: float = 0.0
    """Completed ones."""
    wait_p50: float | None = None
    wait_p95: float | None = None
    run_p50: float | None = None
    run_p95: float | None = None


@dataclass(frozen=True)
class Throughput:
    """The buckets, oldest first, and the same over all of them."""

    buckets: tuple[Bucket, ...]
    whole: Bucket


class Pace(Part):
    """One statement on the index of ended runs; it reads what ended within the window."""

    def throughput(self, actor: Actor, window: Window) -> Throughput:
        """Waited: from its making until a worker took it first. Ran: from then to its end."""
        require(actor, Role.OPERATOR)
        seconds, count = _GRIDS[window]
        with self._database.transaction() as session:
            now = session.scalars(select(func.clock_timestamp())).one()
            first = _floor(now, seconds) - timedelta(seconds=seconds * (count - 1))
            found = _read(session, first, seconds)
        buckets = tuple(
            _bucket(first + timedelta(seconds=seconds * number), seconds, found.get(number))
            for number in range(count)
        )
        elapsed = (now - first).total_seconds()
        return Throughput(buckets, _bucket(first, elapsed, found.get(None)))


def _floor(now: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def _read(session: Session, first: datetime, seconds: int) -> dict[int | None, Sequence[Any]]:
    """By bucket, and over all of them under None."""
    number = func.floor(func.extract("epoch", Run.finished_at - first) / seconds)
    succeeded = Run.state == RunState.SUCCEEDED
    waited = func.extract("epoch", Run.started_at - Run.created_at)
    ran = func.extract("epoch", Run.finished_at - Run.started_at)
    shares = cast([0.5, 0.95], ARRAY(Double))
    rows = session.execute(
        select(
            number.label("number"),
            func.count().filter(succeeded),
            func.count().filter(~succeeded),
            func.percentile_cont(shares).within_group(waited).filter(succeeded),
            func.percentile_cont(shares).within_group(ran).filter(succeeded),
        )
        .where(Run.state.in_((RunState.SUCCEEDED, RunState.FAILED)), Run.finished_at >= first)
        .group_by(func.rollup(number))
    )
    return {None if row[0] is None else int(row[0]): row[1:] for row in rows}


def _bucket(at: datetime, seconds: float, told: Sequence[Any] | None) -> Bucket:
    if told is None:
        return Bucket(at)
    completed, failed, waited, ran = told
    return Bucket(
        at,
        completed,
        failed,
        completed / seconds * 60,
        *(waited or (None, None)),
        *(ran or (None, None)),
    )
