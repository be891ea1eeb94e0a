"""Signs of life of the processes: written by workers and dispatchers, read by pages and health."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.database.models import Heartbeat
from services.monitoring.local_processes import is_running


@dataclass(frozen=True)
class ProcessFacts:
    """One worker or dispatcher; `exists` None: it runs on another host, nobody can look."""

    name: str
    role: str
    host: str
    pid: int
    threads: int
    started_at: datetime
    heartbeat_at: datetime
    is_alive: bool
    """Its sign of life is fresh."""
    exists: bool | None = None
    """Whether the process itself is there, read from this host's process list."""
    held: frozenset[tuple[str, int]] = frozenset()
    """The steps (run id, seq) that it says it is working on."""


ALIVE_SECONDS = 30.0
KEPT_HOURS = 24


@dataclass(frozen=True)
class HeldStep:
    """A step that a worker says it is doing, for so many seconds at its last sign of life."""

    run_id: str
    seq: int
    seconds: float


@dataclass(frozen=True)
class ProcessView:
    """One process as pages see it; `age_seconds` since its last beat."""

    name: str
    role: str
    pid: int
    threads: int
    busy: int
    age_seconds: float
    is_alive: bool
    host: str = ""
    started_at: datetime | None = None
    memory_bytes: int | None = None
    held: tuple[HeldStep, ...] = ()


def beat(session: Session, name: str, role: str, threads: int, detail: dict[str, Any]) -> None:
    """Say that this process lives."""
    statement = insert(Heartbeat).values(
        name=name,
        role=role,
        host=socket.gethostname(),
        pid=os.getpid(),
        thread_count=threads,
        detail=detail,
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Heartbeat.name],
            set_={
                "heartbeat_at": func.clock_timestamp(),
                "detail": statement.excluded.detail,
                "thread_count": threads,
            },
        )
    )


def deregister(session: Session, name: str) -> None:
    """A clean stop is no death: take the sign of life away."""
    session.execute(delete(Heartbeat).where(Heartbeat.name == name))


def forget_old(session: Session) -> None:
    """Drop processes that nobody has heard of for a day."""
    limit = func.clock_timestamp() - timedelta(hours=KEPT_HOURS)
    session.execute(delete(Heartbeat).where(Heartbeat.heartbeat_at < limit))


def processes(session: Session) -> tuple[ProcessView, ...]:
    """Every process that was heard of within the last day, newest sign first."""
    age = func.extract("epoch", func.clock_timestamp() - Heartbeat.heartbeat_at)
    rows = session.execute(select(Heartbeat, age).order_by(Heartbeat.role, age))
    return tuple(
        ProcessView(
            name=row.name,
            role=row.role,
            pid=row.pid,
            threads=row.thread_count,
            busy=int(row.detail.get("busy", 0)),
            age_seconds=float(seconds),
            is_alive=float(seconds) < ALIVE_SECONDS,
            host=row.host,
            started_at=row.started_at,
            memory_bytes=row.detail.get("memory_bytes"),
            held=_held(row.detail),
        )
        for row, seconds in rows
    )


def process_facts(session: Session) -> tuple[ProcessFacts, ...]:
    """The same processes for the diagnosis; those of this host are looked for in its list."""
    age = func.extract("epoch", func.clock_timestamp() - Heartbeat.heartbeat_at)
    rows = session.execute(select(Heartbeat, age).order_by(Heartbeat.role, age))
    here = socket.gethostname()
    return tuple(
        ProcessFacts(
            name=row.name,
            role=row.role,
            host=row.host,
            pid=row.pid,
            threads=row.thread_count,
            started_at=row.started_at,
            heartbeat_at=row.heartbeat_at,
            is_alive=float(seconds) < ALIVE_SECONDS,
            exists=is_running(row.pid, row.started_at) if row.host == here else None,
            held=frozenset((step.run_id, step.seq) for step in _held(row.detail)),
        )
        for row, seconds in rows
    )


def held_detail(held: Sequence[HeldStep]) -> dict[str, Any]:
    """The steps as a beat's detail keeps them."""
    return {
        "held": [[step.run_id, step.seq] for step in held],
        "held_seconds": [round(step.seconds, 1) for step in held],
    }


def _held(detail: dict[str, Any]) -> tuple[HeldStep, ...]:
    """A beat of an older version says nothing of its steps."""
    pairs = zip(detail.get("held", ()), detail.get("held_seconds", ()), strict=False)
    return tuple(HeldStep(run_id, int(seq), float(seconds)) for (run_id, seq), seconds in pairs)
