"""The health route's report: what works, who is alive, how old undispatched work is."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import AtelierError
from services.core.states import ACTIVE_RUNS
from services.core.thresholds import UNDISPATCHED_SECONDS
from services.database.engine import Database
from services.database.models import DatabaseRestore, Run
from services.monitoring.processes import ProcessFacts, read_processes
from services.queue.base import Queue
from services.reconciliation.restores import open_restore
from services.storage.base import Storage

logger = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
LIMIT_SECONDS = 1.0


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
        self._probes = (
            _Probe("database", self._ask_database),
            _Probe("redis", lambda: _works("redis", queue.check)),
            _Probe("storage", lambda: _works("storage", storage.check)),
        )
        self._lock = threading.Lock()
        self._report: HealthReport | None = None
        self._asked_at = 0.0

    def report(self) -> HealthReport:
        """Return a report that is a second old at most; takes a second at most, and never raises."""
        with self._lock:
            if self._report is None or monotonic() - self._asked_at >= FRESH_SECONDS:
                self._report, self._asked_at = self._ask(), monotonic()
            return self._report

    def _ask(self) -> HealthReport:
        until = monotonic() + LIMIT_SECONDS
        for probe in self._probes:
            probe.begin()
        return HealthReport(tuple(it for probe in self._probes for it in probe.answer(until)))

    def _ask_database(self) -> list[ComponentHealth]:
        with self._database.transaction() as session:
            known = read_processes(session)
            oldest = undispatched_seconds(session)
            restore = open_restore(session)
        return [
            _database(restore),
            _youngest("worker", known),
            _youngest("dispatcher", known),
            _undispatched(oldest),
        ]


class _Probe:
    """Asks in a thread of its own. While that hangs, no second one is started."""

    def __init__(self, name: str, ask: Callable[[], list[ComponentHealth]]) -> None:
        self._name = name
        self._ask = ask
        self._thread: threading.Thread | None = None
        self._found: list[ComponentHealth] = []

    def begin(self) -> None:
        """Start asking, unless the last question is still unanswered."""
        if self._thread is None or not self._thread.is_alive():
            self._found = []
            name = f"health-{self._name}"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()

    def answer(self, until: float) -> list[ComponentHealth]:
        """Return what was found by then."""
        if self._thread is not None:
            self._thread.join(max(0.0, until - monotonic()))
        silent = f"No answer within {LIMIT_SECONDS:g} s."
        return self._found or [ComponentHealth(self._name, False, silent)]

    def _run(self) -> None:
        try:
            self._found = self._ask()
        except AtelierError as error:
            self._found = [ComponentHealth(self._name, False, error.sentence)]
        except Exception as error:
            # The thread's boundary: the report says that something failed, the log says what.
            logger.exception("health.probe_failed %s", self._name)
            detail = f"Internal error ({type(error).__name__}); the log has the details."
            self._found = [ComponentHealth(self._name, False, detail)]


def _database(restore: DatabaseRestore | None) -> ComponentHealth:
    if restore is None:
        return ComponentHealth("database", True, "answers")
    copied = f"{restore.copied_at:%Y-%m-%d %H:%M} UTC"
    detail = f"The database was restored to a copy of {copied}. ./run recovery says what to do."
    return ComponentHealth("database", False, detail)


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


def _works(name: str, check: Callable[[], None]) -> list[ComponentHealth]:
    check()
    return [ComponentHealth(name, True, "works")]


def _youngest(role: str, processes: tuple[ProcessFacts, ...]) -> ComponentHealth:
    of_role = [process for process in processes if process.role == role]
    if not of_role:
        return ComponentHealth(role, False, f"No {role} runs.")
    age = min(process.age_seconds for process in of_role)
    working = [process for process in of_role if process.is_alive and not process.is_stopped]
    detail = f"Last heartbeat {age:.1f} s ago."
    if problem := next((it.problem for it in working if it.problem), None):
        return ComponentHealth(role, False, str(problem), round(age, 1))
    if not working and any(process.is_stopped for process in of_role):
        detail = f"Its process is stopped (SIGSTOP). {detail}"
    return ComponentHealth(role, bool(working), detail, round(age, 1))


def _undispatched(age_seconds: float | None) -> ComponentHealth:
    if age_seconds is None:
        return ComponentHealth("undispatched", True, "Every due run is enqueued.", 0.0)
    is_ok = age_seconds < UNDISPATCHED_SECONDS
    detail = f"The oldest due run has not been enqueued for {age_seconds:.1f} s."
    return ComponentHealth("undispatched", is_ok, detail, round(age_seconds, 1))
