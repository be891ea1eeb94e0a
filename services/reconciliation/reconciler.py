"""Reconciler: run the comparisons that are due, in one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

from services.core.errors import StorageError
from services.core.states import ReconciliationScope
from services.database.engine import Database
from services.reconciliation.full_comparison import FullComparison
from services.reconciliation.object_checks import (
    check_contents,
    check_files,
    refuse_implausible,
    sampled,
)
from services.reconciliation.restores import RestoreGuard
from services.reconciliation.rows import AssetRow, newest_missing, rows_made_since, write_verdicts
from services.reconciliation.schedule import (
    Claimed,
    Counts,
    ReconciliationTimes,
    claim,
    due_scopes,
    end,
    new_since,
    reset_counts,
    save_progress,
)
from services.storage.base import Storage
from services.storage.keys import ASIDE_DAYS

HOLDER = "reconciliation"
TURN_SECONDS = 20.0
"""A comparison runs for so long before the other one gets its turn."""
MAX_MISSING = 1000
"""More are left to the full comparison, so that the recent one stays quick."""


class RecentComparison:
    """Checks the files of new rows, and of rows marked as missing, one by one."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def resume(self, claimed: Claimed, should_stop: Callable[[], bool]) -> bool:
        """Check until the end or a stop; True at the end. Raises StorageError."""
        with self._database.transaction() as session:
            reset_counts(session, claimed)
        for rows, is_known in self._pages(claimed):
            if not self._save(claimed, rows, is_known) or should_stop():
                return False
        return True

    def _pages(self, claimed: Claimed) -> Iterator[tuple[list[AssetRow], bool]]:
        with self._database.transaction() as session:
            since = new_since(session, claimed)
        yield newest_missing(self._database, MAX_MISSING), True
        for rows in rows_made_since(self._database, since):
            yield [row for row in rows if row.missing_cause is None], False

    def _save(self, claimed: Claimed, rows: list[AssetRow], is_known: bool) -> bool:
        verdicts = check_files(self._storage, rows)
        refuse_implausible(self._database, self._storage, rows, verdicts)
        verdicts |= check_contents(self._storage, sampled(rows, verdicts))
        counts = Counts(len(rows), sum(cause is not None for cause in verdicts.values()))
        if is_known:
            # Most have not changed: write only those that have.
            verdicts = {
                row.id: verdicts[row.id] for row in rows if verdicts[row.id] != row.missing_cause
            }
        with self._database.transaction() as session:
            write_verdicts(session, verdicts)
            return save_progress(session, claimed, claimed.after_key, counts)


_COMPARISONS: dict[ReconciliationScope, type[FullComparison | RecentComparison]] = {
    ReconciliationScope.FULL: FullComparison,
    ReconciliationScope.NEW: RecentComparison,
}


class Reconciler:
    """Runs comparisons; each batch is committed, so a crash costs one batch."""

    def __init__(
        self,
        database: Database,
        open_storage: Callable[[], Storage],
        times: ReconciliationTimes | None = None,
    ) -> None:
        self._database = database
        self._open_storage = open_storage
        self._storage: Storage | None = None
        self._times = times or ReconciliationTimes()
        self._restores = RestoreGuard(database, open_storage)

    def tick(self, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Continue what is due; False when nothing is, or another process does it.

        Raises DatabaseUnavailableError; the comparison then continues later where it was.
        """
        self._restores.check()
        if not self._due():
            return False
        with self._database.sole_holder(HOLDER) as is_ours:
            for scope in self._due() if is_ours else ():
                if not is_stopping():
                    self._resume(scope, is_stopping)
            return is_ours

    def _due(self) -> tuple[ReconciliationScope, ...]:
        with self._database.transaction() as session:
            return due_scopes(session, self._times)

    def _resume(self, scope: ReconciliationScope, is_stopping: Callable[[], bool]) -> None:
        with self._database.transaction() as session:
            claimed = claim(session, scope)
        until = monotonic() + TURN_SECONDS
        try:
            is_over = self._compare(claimed, lambda: is_stopping() or monotonic() >= until)
        except StorageError as error:
            self._end(claimed, problem_of(error))
        else:
            if is_over:
                self._end(claimed, None)
                if scope is ReconciliationScope.FULL and self._storage is not None:
                    prune_aside(self._storage, claimed.now)

    def _compare(self, claimed: Claimed, should_stop: Callable[[], bool]) -> bool:
        if self._storage is None:
            self._storage = self._open_storage()
        return _COMPARISONS[claimed.scope](self._database, self._storage).resume(
            claimed, should_stop
        )

    def _end(self, claimed: Claimed, problem: str | None) -> None:
        with self._database.transaction() as session:
            end(session, claimed, problem)


def prune_aside(storage: Storage, now: datetime) -> None:
    """Delete outputs that were set aside long ago; a storage that refuses is asked again tomorrow."""
    with suppress(StorageError):
        for found in storage.list("aside/"):
            if found.modified_at < now - timedelta(days=ASIDE_DAYS):
                storage.delete(found.key)


def problem_of(error: StorageError) -> str:
    """Return the sentence about a comparison that ended early."""
    reason = error.fields.get("reason", "it lists a file that it does not return")
    return f"Storage could not be compared with the rows: {reason}."
