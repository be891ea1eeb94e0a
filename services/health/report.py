"""The health route's report: what answers, who is alive, how old undispatched work is."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.core.errors import AtelierError
from services.core.states import ACTIVE_RUNS
from services.core.thresholds import UNDISPATCHED_SECONDS
from services.database.engine import Database
from services.database.models import Run
from services.monitoring.processes import ProcessFacts, read_processes
from services.queue.base import Queue
from services.storage.base import Storage


@dataclass(frozen=True)
class ComponentHealth:
    """One component; `age_seconds` where its age decides."""

    name: str
    is_ok: bool
    detail: str
    age_seconds: float | None = None


@dataclass(frozen=True)
class HealthReport:
    """All components; ok when each one is."""

    components: tuple[ComponentHealth, ...]

    @property
    def is_ok(self) -> bool:
        """Whether every component works."""
        return all(it.is_ok for it in self.components)


class Health:
    """Asks the components. Needs no role: the report holds nothing but states and ages."""

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
            answers += self._processes()
        return HealthReport(tuple(answers))

    def _ask_database(self) -> None:
        with self._database.transaction() as session:
            session.execute(text("SELECT 1"))

    def _processes(self) -> list[ComponentHealth]:
        with self._database.transaction() as session:
            known = read_processes(session)
            oldest = undispatched_seconds(session)
        return [
            _youngest("worker", known),
            _youngest("dispatcher", known),
            _undispatched(oldest),
        ]


def undispatched_seconds(session: Session) -> float | None:
    """Return for how long the oldest due run has not been enqueued; None when all are."""
    age = session.scalar(
        select(func.extract("epoch", func.clock_timestamp() - func.min(Run.due_at))).where(
            Run.state.in_(ACTIVE_RUNS),
            Run.enqueued_at.is_(None),
            Run.lease_until.is_(None),
            Run.due_at <= func.clock_timestamp(),
        )
    )
    return None if age is None else float(age)


def _asked(name: str, ask: Callable[[], None]) -> ComponentHealth:
    try:
        ask()
    except AtelierError as error:
        return ComponentHealth(name, False, error.sentence)
    return ComponentHealth(name, True, "answers")


def _youngest(role: str, processes: tuple[ProcessFacts, ...]) -> ComponentHealth:
    of_role = [process for process in processes if process.role == role]
    if not of_role:
        return ComponentHealth(role, False, f"No {role} runs.")
    age = min(process.age_seconds for process in of_role)
    is_ok = any(process.is_alive for process in of_role)
    return ComponentHealth(role, is_ok, f"Last heartbeat {age:.1f} s ago.", round(age, 1))


def _undispatched(age_seconds: float | None) -> ComponentHealth:
    if age_seconds is None:
        return ComponentHealth("undispatched", True, "Every due run is enqueued.", 0.0)
    is_ok = age_seconds < UNDISPATCHED_SECONDS
    detail = f"The oldest due run has not been enqueued for {age_seconds:.1f} s."
    return ComponentHealth("undispatched", is_ok, detail, round(age_seconds, 1))
