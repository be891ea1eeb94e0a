"""Keeps the comparisons going: one process at a time, the quick one between parts of the full one."""

from collections.abc import Callable
from time import monotonic

from services.core.errors import StorageError
from services.core.states import ReconciliationScope
from services.database.engine import Database
from services.reconciliation.full_comparison import FullRound
from services.reconciliation.recent_comparison import NewRound
from services.reconciliation.schedule import (
    Going,
    ReconciliationTimes,
    due_scopes,
    end,
    take_up,
)
from services.storage.base import Storage

HOLDER = "storage rounds"
PART_SECONDS = 20.0
"""So long a round goes on before the other one gets its turn."""
_ROUNDS: dict[ReconciliationScope, type[FullRound | NewRound]] = {
    ReconciliationScope.FULL: FullRound,
    ReconciliationScope.NEW: NewRound,
}


class Reconciler:
    """Does what is due. Every batch is committed: a death anywhere costs that batch alone."""

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

    def tick(self, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Go on with what is due; False when there was nothing, or another process does it.

        Raises DatabaseUnavailableError; the round then goes on later from where it stands.
        """
        if not self._due():
            return False
        with self._database.sole_holder(HOLDER) as is_ours:
            for scope in self._due() if is_ours else ():
                if not is_stopping():
                    self._go_on(scope, is_stopping)
            return is_ours

    def _due(self) -> tuple[ReconciliationScope, ...]:
        with self._database.transaction() as session:
            return due_scopes(session, self._times)

    def _go_on(self, scope: ReconciliationScope, is_stopping: Callable[[], bool]) -> None:
        with self._database.transaction() as session:
            going = take_up(session, scope)
        until = monotonic() + PART_SECONDS
        try:
            is_over = self._round(going, lambda: is_stopping() or monotonic() >= until)
        except StorageError as error:
            self._end(going, told(error))
        else:
            if is_over:
                self._end(going, None)

    def _round(self, going: Going, should_stop: Callable[[], bool]) -> bool:
        if self._storage is None:
            self._storage = self._open_storage()
        return _ROUNDS[going.scope](self._database, self._storage).go_on(going, should_stop)

    def _end(self, going: Going, problem: str | None) -> None:
        with self._database.transaction() as session:
            end(session, going, problem)


def told(error: StorageError) -> str:
    """Why a round ended early, for people."""
    reason = error.fields.get("reason", "it names a file that it does not give")
    return f"The storage could not be compared with the rows: {reason}."
