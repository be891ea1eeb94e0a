"""The check-up of the whole house: asks every part at once and says what to do where one fails."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from services.core.actors import Actor, require
from services.core.states import Role
from services.health.check import Check, CheckStatus, Question
from services.health.checks.clocks import clock_questions
from services.health.checks.credits import money_questions
from services.health.checks.database import database_questions
from services.health.checks.predictions import prediction_questions
from services.health.checks.providers import provider_questions
from services.health.checks.queue import queue_questions
from services.health.checks.reconciliation import operation_questions, round_questions
from services.health.checks.settings import SettingRow, setting_questions, setting_rows
from services.health.checks.storage import storage_questions
from services.health.checks.web import web_questions
from services.health.checks.workers import worker_questions
from services.health.parallel import ask_all
from services.health.system_under_check import House

LIMIT_SECONDS = 10.0
FRESH_SECONDS = 60.0
_QUESTIONS: tuple[Callable[[House], Sequence[Question]], ...] = (
    database_questions,
    clock_questions,
    queue_questions,
    worker_questions,
    operation_questions,
    storage_questions,
    round_questions,
    money_questions,
    provider_questions,
    prediction_questions,
    web_questions,
    setting_questions,
)


def questions_of(house: House) -> list[Question]:
    """Everything that is asked about a house, in the order in which it is shown."""
    return [question for ask in _QUESTIONS for question in ask(house)]


@dataclass(frozen=True)
class Examination:
    """One finished check-up."""

    checks: tuple[Check, ...]
    began_at: datetime
    seconds: float

    @property
    def is_ok(self) -> bool:
        """True when nothing failed; warnings and what nobody knows do not count."""
        return all(check.status is not CheckStatus.FAILED for check in self.checks)


@dataclass(frozen=True)
class CheckUp:
    """What a page shows: the last examination, and how far the one that runs has come."""

    last: Examination | None
    is_running: bool
    done: int
    total: int


class Doctor:
    """Examines one house; `latest` is for pages, which must not wait."""

    def __init__(self, house: House, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._house = house
        self._limit_seconds = limit_seconds
        self._questions = questions_of(house)
        self._lock = threading.Lock()
        self._last: Examination | None = None
        self._ended = -FRESH_SECONDS
        self._is_running = False
        self._done = 0

    def examine(self, actor: Actor) -> Examination:
        """Ask everything now; returns after the limit at the latest."""
        require(actor, Role.OPERATOR)
        return self._examine()

    def latest(self, actor: Actor) -> CheckUp:
        """The last examination; begins another in the background when it is older than a minute."""
        require(actor, Role.OPERATOR)
        self._begin(is_asked=False)
        with self._lock:
            return CheckUp(self._last, self._is_running, self._done, len(self._questions))

    def check_again(self, actor: Actor) -> None:
        """Begin another examination now, unless one runs."""
        require(actor, Role.OPERATOR)
        self._begin(is_asked=True)

    def settings(self, actor: Actor) -> tuple[SettingRow, ...]:
        """Every setting with its masked value."""
        require(actor, Role.OPERATOR)
        return setting_rows(self._house.settings)

    def _begin(self, *, is_asked: bool) -> None:
        with self._lock:
            is_fresh = monotonic() - self._ended < FRESH_SECONDS
            if self._is_running or (is_fresh and not is_asked):
                return
            self._is_running, self._done = True, 0
        threading.Thread(target=self._run, name="check-up", daemon=True).start()

    def _run(self) -> None:
        try:
            examined = self._examine()
            with self._lock:
                self._last = examined
        finally:
            with self._lock:
                self._is_running, self._ended = False, monotonic()

    def _examine(self) -> Examination:
        began_at, began = datetime.now(UTC), monotonic()
        try:
            checks = ask_all(self._questions, self._limit_seconds, self._count)
        finally:
            self._house.rest()
        return Examination(checks, began_at, round(monotonic() - began, 2))

    def _count(self) -> None:
        with self._lock:
            self._done += 1
