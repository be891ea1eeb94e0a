"""Heartbeats of workers and dispatchers, and whether these processes are alive."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.server_problem import ServerProblem
from services.database.models import Heartbeat

RETENTION_HOURS = 24
_NO_QUEUE = ServerProblem(
    "Redis",
    "unknown",
    "Redis does not take the dispatcher's jobs.",
    "./run doctor and the dispatcher's log say why.",
)
_PROC = Path("/proc")
CLOCK_SLACK_SECONDS = 5.0
"""Between the clocks of the database and of this host; boot time has whole seconds."""


@dataclass(frozen=True)
class HeldStep:
    """A step that a worker executes; `seconds` is how long, as of its last heartbeat."""

    run_id: str
    seq: int
    seconds: float


@dataclass(frozen=True)
class ProcessFacts:
    """One worker or dispatcher. `age_seconds` counts from its last heartbeat."""

    name: str
    role: str
    host: str
    pid: int
    threads: int
    heartbeat_at: datetime
    is_alive: bool
    """Its last heartbeat is younger than the limit of its role (`SILENT_SECONDS`)."""
    exists: bool | None = None
    """Whether this host's process list has it; None: it runs on another host."""
    age_seconds: float = 0.0
    busy: int = 0
    memory_bytes: int | None = None
    held: tuple[HeldStep, ...] = ()
    is_stopped: bool = False
    """A signal froze it: it exists, and does nothing. Known on this host alone."""
    working_since: datetime | None = None
    """Of a dispatcher: since when it enqueues all that is due without a break."""
    problem: ServerProblem | None = None
    """What kept it from its work at its last heartbeat."""


def write_heartbeat(
    session: Session, name: str, role: str, threads: int, detail: dict[str, Any]
) -> None:
    """Record that this process is alive."""
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
    """Delete the heartbeat of a process that stops cleanly, so that it is not reported as dead."""
    session.execute(delete(Heartbeat).where(Heartbeat.name == name))


def delete_old_heartbeats(session: Session) -> None:
    """Delete processes without a heartbeat for a day."""
    limit = func.clock_timestamp() - timedelta(hours=RETENTION_HOURS)
    session.execute(delete(Heartbeat).where(Heartbeat.heartbeat_at < limit))


def read_processes(session: Session) -> tuple[ProcessFacts, ...]:
    """Read every process of the last day, by role, newest heartbeat first: one statement."""
    age = Heartbeat.age_seconds()
    rows = session.execute(
        select(Heartbeat, age, Heartbeat.is_alive()).order_by(Heartbeat.role, age)
    )
    here = socket.gethostname()
    return tuple(
        ProcessFacts(
            name=row.name,
            role=row.role,
            host=row.host,
            pid=row.pid,
            threads=row.thread_count,
            heartbeat_at=row.heartbeat_at,
            is_alive=bool(is_alive),
            exists=is_running(row.pid, row.started_at) if row.host == here else None,
            age_seconds=float(seconds),
            busy=int(row.detail.get("busy", 0)),
            memory_bytes=row.detail.get("memory_bytes"),
            held=_held(row.detail),
            is_stopped=row.host == here and _state_of(row.pid)[0] in ("T", "t"),
            working_since=_working_since(row),
            problem=_problem(row.detail),
        )
        for row, seconds, is_alive in rows
    )


def worker_threads(processes: Sequence[ProcessFacts]) -> int:
    """Count the threads of all living workers."""
    return sum(it.threads for it in processes if it.role == "worker" and it.is_alive)


def living_threads(session: Session) -> int:
    """Count the threads of all living workers, in one statement."""
    alive = select(func.coalesce(func.sum(Heartbeat.thread_count), 0)).where(
        Heartbeat.role == "worker", Heartbeat.is_alive()
    )
    return int(session.scalars(alive).one())


def held_detail(held: Sequence[HeldStep]) -> dict[str, Any]:
    """Format the steps for the `detail` of a heartbeat."""
    return {
        "held": [[step.run_id, step.seq] for step in held],
        "held_seconds": [round(step.seconds, 1) for step in held],
    }


def _held(detail: dict[str, Any]) -> tuple[HeldStep, ...]:
    """Parse the held steps; heartbeats of older versions have none."""
    pairs = zip(detail.get("held", ()), detail.get("held_seconds", ()), strict=False)
    return tuple(HeldStep(run_id, int(seq), float(seconds)) for (run_id, seq), seconds in pairs)


def _problem(detail: dict[str, Any]) -> ServerProblem | None:
    known = ServerProblem.from_json(detail.get("problem"))
    return known or (_NO_QUEUE if detail.get("queue") is False else None)


def _working_since(row: Heartbeat) -> datetime | None:
    seconds = row.detail.get("working_seconds")
    return None if seconds is None else row.heartbeat_at - timedelta(seconds=float(seconds))


def is_running(pid: int, registered_at: datetime) -> bool | None:
    """Whether the process that registered then still runs under its pid; None where unknown.

    The system reuses pids: the process that has it now counts only if it began before that.
    """
    boot = _boot_seconds()
    if boot is None:
        return None
    state, ticks = _state_of(pid)
    if state in ("", "Z", "X"):
        return False
    began = boot + ticks / os.sysconf("SC_CLK_TCK")
    return began <= registered_at.timestamp() + CLOCK_SLACK_SECONDS


def resident_bytes() -> int | None:
    """Return the memory of this process; None where the system does not report it."""
    try:
        pages = int((_PROC / "self" / "statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _boot_seconds() -> float | None:
    try:
        lines = (_PROC / "stat").read_text().splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) for line in lines if line.startswith("btime ")), None)


def _state_of(pid: int) -> tuple[str, int]:
    """Return its state's letter and its start in ticks since boot; no letter: no such process."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return "", 0
    # The name is in brackets and may contain anything, brackets too.
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[19])
