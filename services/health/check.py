"""Checks of the check-up, their answers, and how they run concurrently.

A finding and a fix are sentences; neither may contain a secret.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.core.errors import (
    AtelierError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    QueueUnavailableError,
)
from services.core.settings import Settings
from services.database.engine import Database
from services.providers.base import Provider
from services.queue.base import Queue
from services.storage.base import Storage

logger = logging.getLogger(__name__)


class CheckStatus(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass
class _FirstConnection:
    """What came of this check-up's first connection to the database: the others need not wait."""

    lock: Lock = field(default_factory=Lock)
    is_open: bool = False
    error: DatabaseUnavailableError | None = None


@dataclass(frozen=True)
class CheckUpTargets:
    """What is checked, with connections of its own; None for what has no address."""

    settings: Settings
    database: Database | None
    queue: Queue | None
    storage: Callable[[], Storage]
    providers: Mapping[str, Provider]
    simulated: frozenset[str]
    fingerprints: Mapping[str, str] = field(repr=False)
    now: Callable[[], float] = time.time
    """This machine's clock, in seconds since 1970."""
    first: _FirstConnection = field(default_factory=_FirstConnection, repr=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction; raises DatabaseUnavailableError, also without an address."""
        if self.database is None:
            raise DatabaseUnavailableError
        self._connect_first(self.database)
        with self.database.transaction() as session:
            yield session

    def _connect_first(self, database: Database) -> None:
        with self.first.lock:
            if self.first.error:
                raise self.first.error
            if self.first.is_open:
                return
            try:
                with database.transaction() as session:
                    session.execute(text("SELECT 1"))
            except DatabaseUnavailableError as error:
                self.first.error = error
                raise
            self.first.is_open = True

    def required_queue(self) -> Queue:
        """Return the queue; raises QueueUnavailableError without an address."""
        if self.queue is None:
            raise QueueUnavailableError
        return self.queue

    def close(self) -> None:
        """Close the connections: check-ups are rare."""
        self.first.error, self.first.is_open = None, False
        if self.database is not None:
            self.database.close()


@dataclass(frozen=True)
class Answer:
    """What a check found, and what to do about it."""

    status: CheckStatus
    finding: str
    fix: str | None = None


@dataclass(frozen=True)
class Check:
    """One check. `ask` may block and may raise the errors of what it asks."""

    name: str
    group: str
    ask: Callable[[CheckUpTargets], Answer]


@dataclass(frozen=True)
class CheckResult:
    """A check that was run; `seconds` is how long it took."""

    name: str
    group: str
    status: CheckStatus
    finding: str
    fix: str | None
    seconds: float


def ok(finding: str) -> Answer:
    """Answer that it works."""
    return Answer(CheckStatus.OK, finding)


def warning(finding: str, fix: str) -> Answer:
    """Answer that it works and needs attention."""
    return Answer(CheckStatus.WARNING, finding, fix)


def failed(finding: str, fix: str) -> Answer:
    """Answer that it does not work."""
    return Answer(CheckStatus.FAILED, finding, fix)


def unknown(finding: str, fix: str | None = None) -> Answer:
    """Answer that what would have to be asked does not answer."""
    return Answer(CheckStatus.UNKNOWN, finding, fix)


Results = SimpleQueue[tuple[int, CheckResult]]


def run_checks(
    checks: Sequence[Check],
    targets: CheckUpTargets,
    limit_seconds: float,
    on_result: Callable[[], None] = lambda: None,
) -> tuple[CheckResult, ...]:
    """Run each check in a thread; one without an answer within the limit is unknown.

    Results come in the order of the checks; `on_result` is called after each one.
    """
    results: Results = SimpleQueue()
    began = monotonic()
    for index, check in enumerate(checks):
        # Daemons: a check that hangs must not prevent the process from ending.
        Thread(target=_run, args=(index, check, targets, results), daemon=True).start()
    known: dict[int, CheckResult] = {}
    while len(known) < len(checks):
        try:
            index, result = results.get(timeout=max(0.0, began + limit_seconds - monotonic()))
        except Empty:
            break
        known[index] = result
        on_result()
    return tuple(
        known.get(index) or _timed_out(check, limit_seconds) for index, check in enumerate(checks)
    )


def _run(index: int, check: Check, targets: CheckUpTargets, results: Results) -> None:
    began = monotonic()
    answer = _answer(check, targets)
    seconds = round(monotonic() - began, 3)
    result = CheckResult(
        check.name, check.group, answer.status, answer.finding, answer.fix, seconds
    )
    results.put((index, result))


def _answer(check: Check, targets: CheckUpTargets) -> Answer:
    try:
        return check.ask(targets)
    except DatabaseBusyError as error:
        return unknown(error.problem.sentence, error.problem.fix)
    except DatabaseUnavailableError as error:
        return unknown(f"Unknown: {error.problem.sentence}")
    except QueueUnavailableError:
        return unknown("Unknown while Redis cannot be used.")
    except AtelierError as error:
        return Answer(CheckStatus.FAILED, error.sentence, "Correct what the sentence names.")
    except Exception as error:
        # The thread's boundary: a check with a bug would otherwise appear to hang.
        logger.exception("check_up.check_failed %s", check.name)
        kind = type(error).__name__
        return unknown(f"The check itself failed ({kind}); the log has the details.")


def _timed_out(check: Check, limit_seconds: float) -> CheckResult:
    return CheckResult(
        check.name,
        check.group,
        CheckStatus.UNKNOWN,
        f"No answer within {limit_seconds:g} seconds.",
        "Check again; if it stays, examine the network and the load of what is checked here.",
        limit_seconds,
    )
