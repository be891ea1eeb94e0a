"""Is the house in order? Each part is asked, and the one that fails is named."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.core.errors import AtelierError
from services.core.states import ACTIVE_RUNS
from services.database.engine import Database
from services.database.models import Run
from services.monitoring.processes import ProcessFacts, read_processes
from services.queue.base import Queue
from services.storage.base import Storage

WORKER_SECONDS = 30.0
DISPATCHER_SECONDS = 10.0
UNDISPATCHED_SECONDS = 300.0


@dataclass(frozen=True)
class PartHealth:
    """One part; `age_seconds` where its age is what matters."""

    name: str
    is_ok: bool
    detail: str
    age_seconds: float | None = None


@dataclass(frozen=True)
class HealthReport:
    """All parts; ok when each one is."""

    parts: tuple[PartHealth, ...]

    @property
    def is_ok(self) -> bool:
        """True when every part is in order."""
        return all(part.is_ok for part in self.parts)


class Health:
    """Asks the parts. Needs no role: the answer holds nothing but states and ages."""

    def __init__(self, database: Database, queue: Queue, storage: Storage) -> None:
        self._database = database
        self._queue = queue
        self._storage = storage

    def report(self) -> HealthReport:
        """Ask everything once; never raises."""
        answers = [
            _asked("database", self._ask_database),
            _asked("redis", self._queue.check),
            _asked("storage", self._storage.check),
        ]
        if answers[0].is_ok:
            answers += self._living()
        return HealthReport(tuple(answers))

    def _ask_database(self) -> None:
        with self._database.transaction() as session:
            session.execute(text("SELECT 1"))

    def _living(self) -> list[PartHealth]:
        with self._database.transaction() as session:
            known = read_processes(session)
            oldest = undispatched_seconds(session)
        return [
            _youngest("worker", known, WORKER_SECONDS),
            _youngest("dispatcher", known, DISPATCHER_SECONDS),
            _undispatched(oldest),
        ]


def undispatched_seconds(session: Session) -> float | None:
    """How long the oldest due run has waited to be rung for; None when nothing waits."""
    age = session.scalar(
        select(func.extract("epoch", func.clock_timestamp() - func.min(Run.due_at))).where(
            Run.state.in_(ACTIVE_RUNS),
            Run.enqueued_at.is_(None),
            Run.lease_until.is_(None),
            Run.due_at <= func.clock_timestamp(),
        )
    )
    return None if age is None else float(age)


def _asked(name: str, ask: Callable[[], None]) -> PartHealth:
    try:
        ask()
    except AtelierError as error:
        return PartHealth(name, False, error.sentence)
    return PartHealth(name, True, "answers")


def _youngest(role: str, known: tuple[ProcessFacts, ...], limit_seconds: float) -> PartHealth:
    ages = [process.age_seconds for process in known if process.role == role]
    if not ages:
        return PartHealth(role, False, f"No {role} runs.")
    age = min(ages)
    is_ok = age < limit_seconds
    return PartHealth(role, is_ok, f"Last sign of life {age:.1f} s ago.", round(age, 1))


def _undispatched(age_seconds: float | None) -> PartHealth:
    if age_seconds is None:
        return PartHealth("undispatched", True, "Nothing waits to be dispatched.", 0.0)
    is_ok = age_seconds < UNDISPATCHED_SECONDS
    detail = f"The oldest due run has waited {age_seconds:.1f} s."
    return PartHealth("undispatched", is_ok, detail, round(age_seconds, 1))
