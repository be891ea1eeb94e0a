"""The quick comparison: what was made lately, and whether what is missing has come back."""

from collections.abc import Callable, Iterator

from services.database.engine import Database
from services.reconciliation.object_checks import look, require_believable
from services.reconciliation.rows import (
    AssetRow,
    newest_missing,
    rows_made_since,
    write_verdicts,
)
from services.reconciliation.schedule import Counts, Going, count_anew, new_since, note
from services.storage.base import Storage

MOST_MISSING = 1000
"""More are left to the full round, so that this one stays quick."""


class NewRound:
    """Asks the storage for single files; it lists nothing."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def go_on(self, going: Going, should_stop: Callable[[], bool]) -> bool:
        """Do the whole round, or until it should stop; True at the end. Raises StorageError."""
        with self._database.transaction() as session:
            count_anew(session, going)
        for rows, is_known in self._pages(going):
            if not self._settle(going, rows, is_known) or should_stop():
                return False
        return True

    def _pages(self, going: Going) -> Iterator[tuple[list[AssetRow], bool]]:
        with self._database.transaction() as session:
            since = new_since(session, going)
        yield newest_missing(self._database, MOST_MISSING), True
        for rows in rows_made_since(self._database, since):
            yield [row for row in rows if row.missing_cause is None], False

    def _settle(self, going: Going, rows: list[AssetRow], is_known: bool) -> bool:
        verdicts = look(self._storage, rows)
        require_believable(self._database, self._storage, rows, verdicts)
        counts = Counts(len(rows), sum(cause is not None for cause in verdicts.values()))
        if is_known:
            # Most are as they were: nothing to write.
            verdicts = {
                row.id: verdicts[row.id] for row in rows if verdicts[row.id] != row.missing_cause
            }
        with self._database.transaction() as session:
            write_verdicts(session, verdicts)
            return note(session, going, going.after_key, counts)
