"""Signs of life of the processes: written by workers and dispatchers, read by pages and health."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.database.models import Heartbeat

ALIVE_SECONDS = 30.0
KEPT_HOURS = 24


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
                "beat_at": func.clock_timestamp(),
                "detail": statement.excluded.detail,
                "thread_count": threads,
            },
        )
    )


def say_goodbye(session: Session, name: str) -> None:
    """A clean stop is no death: take the sign of life away."""
    session.execute(delete(Heartbeat).where(Heartbeat.name == name))


def forget_old(session: Session) -> None:
    """Drop processes that nobody has heard of for a day."""
    limit = func.clock_timestamp() - timedelta(hours=KEPT_HOURS)
    session.execute(delete(Heartbeat).where(Heartbeat.beat_at < limit))


def processes(session: Session) -> tuple[ProcessView, ...]:
    """Every process that was heard of within the last day, newest sign first."""
    age = func.extract("epoch", func.clock_timestamp() - Heartbeat.beat_at)
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
        )
        for row, seconds in rows
    )
