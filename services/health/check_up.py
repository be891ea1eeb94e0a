"""The check-up: run every check at once; each failure comes with a fix."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from services.core.actors import Actor, require
from services.core.states import Role
from services.health.check import Check, CheckResult, CheckStatus, CheckUpTargets, run_checks
from services.health.checks import database, settings, storage, web, work
from services.health.checks.providers import provider_checks
from services.health.checks.settings import SettingRow, setting_rows

LIMIT_SECONDS = 10.0
FRESH_SECONDS = 60.0


def checks_for(targets: CheckUpTargets) -> list[Check]:
    """List every check in the order of display; adding one is one entry in its subject's file."""
    return [
        *database.CHECKS,
        *work.CHECKS,
        *storage.CHECKS,
        database.CREDITS_CHECK,
        *provider_checks(targets),
        *web.CHECKS,
        *settings.CHECKS,
    ]


@dataclass(frozen=True)
class CheckUp:
    """One finished check-up."""

    checks: tuple[CheckResult, ...]
    began_at: datetime
    seconds: float

    @property
    def is_ok(self) -> bool:
        """Whether nothing failed; warnings and unknowns do not count."""
        return all(check.status is not CheckStatus.FAILED for check in self.checks)


@dataclass(frozen=True)
class CheckUpProgress:
    """What a page shows: the last check-up, and the progress of the one that runs."""

    last: CheckUp | None
    is_running: bool
    done: int
    total: int


class CheckUps:
    """Runs check-ups; `latest` is for pages, which must not wait."""

    def __init__(self, targets: CheckUpTargets, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._targets = targets
        self._limit_seconds = limit_seconds
        self._checks = checks_for(targets)
        self._lock = threading.Lock()
        self._last: CheckUp | None = None
        self._ended = -FRESH_SECONDS
        self._is_running = False
        self._done = 0

    def run(self, actor: Actor) -> CheckUp:
        """Run every check now; returns after the limit at the latest."""
        require(actor, Role.OPERATOR)
        return self._run()

    def latest(self, actor: Actor) -> CheckUpProgress:
        """Return the last check-up; start another in the background when it is over a minute old."""
        require(actor, Role.OPERATOR)
        self._start(is_forced=False)
        with self._lock:
            return CheckUpProgress(self._last, self._is_running, self._done, len(self._checks))

    def check_again(self, actor: Actor) -> None:
        """Start another check-up now, unless one runs."""
        require(actor, Role.OPERATOR)
        self._start(is_forced=True)

    def settings(self, actor: Actor) -> tuple[SettingRow, ...]:
        """Return every setting with its masked value."""
        require(actor, Role.OPERATOR)
        return setting_rows(self._targets.settings)

    def _start(self, *, is_forced: bool) -> None:
        with self._lock:
            is_fresh = monotonic() - self._ended < FRESH_SECONDS
            if self._is_running or (is_fresh and not is_forced):
                return
            self._is_running, self._done = True, 0
        threading.Thread(target=self._run_in_background, name="check-up", daemon=True).start()

    def _run_in_background(self) -> None:
        try:
            finished = self._run()
            with self._lock:
                self._last = finished
        finally:
            with self._lock:
                self._is_running, self._ended = False, monotonic()

    def _run(self) -> CheckUp:
        began_at, began = datetime.now(UTC), monotonic()
        try:
            checks = run_checks(self._checks, self._targets, self._limit_seconds, self._count)
        finally:
            self._targets.close()
        return CheckUp(checks, began_at, round(monotonic() - began, 2))

    def _count(self) -> None:
        with self._lock:
            self._done += 1
