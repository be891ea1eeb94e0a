"""The full comparison: every object against every live row, in key order, in constant memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.core.states import MissingCause
from services.database.engine import Database
from services.reconciliation.merge import KeyGroup, batches, judge, meet
from services.reconciliation.object_checks import look, require_believable
from services.reconciliation.orphans import record_orphans, unnamed
from services.reconciliation.rows import (
    AssetRow,
    Verdicts,
    rows_in_key_order,
    write_verdicts,
)
from services.reconciliation.schedule import Counts, Going, note
from services.storage.base import Storage

BATCH = 1000
_PAST_ALL = "~"
"""Sorts behind every key of one kind."""


@dataclass(frozen=True)
class _Part:
    """Rows of one kind of key, and the listings that belong to them."""

    prefix: str
    listings: tuple[str, ...]

    def place(self, after_key: str) -> str | None:
        """Where to go on below the prefix; None when this part is behind us."""
        if after_key >= self.prefix + _PAST_ALL:
            return None
        return after_key.removeprefix(self.prefix) if after_key.startswith(self.prefix) else ""


_PICTURES = _Part("originals/", ("originals/", "thumbnails/"))
_PARTS = (_PICTURES, _Part("weights/", ("weights/",)))


def share_done(after_key: str) -> float:
    """How much of a running round is done, 0–1: hashes are spread evenly."""
    place = _PICTURES.place(after_key)
    if place is None:
        return 1.0
    return int(place[:5].replace("/", "") or "0", 16) / 16**4


class FullRound:
    """Goes through the storage and the rows from wherever the round stands."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def go_on(self, going: Going, should_stop: Callable[[], bool]) -> bool:
        """Compare until the end, or until it should stop; True at the end. Raises StorageError."""
        for part in _PARTS:
            place = part.place(going.after_key)
            if place is None:
                continue
            for batch in batches(self._meetings(part, place), BATCH):
                upto = f"{batch[-1].position}/"
                if not self._settle(going, part, (place, upto), batch) or should_stop():
                    return False
                going, place = replace(going, after_key=part.prefix + upto), upto
            if not self._settle(going, part, (place, _PAST_ALL), ()):
                return False
            going = replace(going, after_key=part.prefix + _PAST_ALL)
        return True

    def _meetings(self, part: _Part, place: str) -> Iterator[KeyGroup]:
        rows = rows_in_key_order(self._database, part.prefix, part.prefix + place)
        listings = (self._storage.list(prefix, prefix + place) for prefix in part.listings)
        return meet(rows, *listings)

    def _settle(
        self, going: Going, part: _Part, span: tuple[str, str], batch: Sequence[KeyGroup]
    ) -> bool:
        verdicts = self._verdicts(batch)
        strange = [found for group in batch for found in group.unnamed]
        ranges = [(prefix + span[0], prefix + span[1]) for prefix in part.listings]
        with self._database.transaction() as session:
            orphans = unnamed(session, strange, going.now)
            counts = Counts(
                sum(len(group.objects) for group in batch),
                sum(cause is not None for cause in verdicts.values()),
                len(orphans),
            )
            if not note(session, going, part.prefix + span[1], counts):
                return False
            write_verdicts(session, verdicts)
            record_orphans(session, ranges, orphans)
        return True

    def _verdicts(self, batch: Sequence[KeyGroup]) -> Verdicts:
        verdicts: dict[str, MissingCause | None] = {}
        doubtful: list[AssetRow] = []
        for group in batch:
            listed = group.listed
            for row in group.rows:
                verdicts[row.id] = judge(row, listed.__contains__, self._storage.uri)
                # Newly missing: it may have been put after its page was listed.
                if verdicts[row.id] not in (None, row.missing_cause):
                    doubtful.append(row)
        verdicts |= look(self._storage, doubtful)
        rows = [row for group in batch for row in group.rows]
        require_believable(self._database, self._storage, rows, verdicts)
        return verdicts
