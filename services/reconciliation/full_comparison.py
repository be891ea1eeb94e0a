"""FullComparison: every stored file against every live row, in key order, in constant memory."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from services.core.errors import StorageError
from services.core.states import MissingCause
from services.database.engine import Database
from services.reconciliation.object_checks import (
    check_contents,
    check_files,
    missing_cause_of,
    refuse_implausible,
    sampled,
)
from services.reconciliation.rows import (
    AssetRow,
    Verdicts,
    record_orphans,
    rows_in_key_order,
    unnamed,
    write_verdicts,
)
from services.reconciliation.schedule import Claimed, Counts, save_progress
from services.storage.base import ObjectInfo, Storage
from services.storage.keys import is_key

BATCH = 1000
_LAST = "~"
"""Sorts after every key of one kind."""


@dataclass(frozen=True)
class KeyGroup:
    """The rows and files of one content; `position` is what their keys share."""

    position: str
    rows: tuple[AssetRow, ...]
    objects: tuple[ObjectInfo, ...]

    @property
    def listed(self) -> dict[str, int]:
        """The bytes of the files that storage has, by key."""
        return {found.key: found.byte_count for found in self.objects}

    @property
    def unnamed(self) -> tuple[ObjectInfo, ...]:
        """Files that none of the rows names."""
        named = {key for row in self.rows for key in (row.storage_key, row.thumbnail_key)}
        return tuple(found for found in self.objects if found.key not in named)


def group_by_content(
    rows: Iterable[AssetRow], *listings: Iterable[ObjectInfo]
) -> Iterator[KeyGroup]:
    """Merge rows and listings by content, in key order.

    Raises StorageError when a listing is not in key order.
    """
    streams = [_placed_rows(rows), *(_placed_objects(listing) for listing in listings)]
    for position, group in groupby(heapq.merge(*streams, key=itemgetter(0)), itemgetter(0)):
        things = [thing for _, thing in group]
        yield KeyGroup(
            position,
            tuple(thing for thing in things if isinstance(thing, AssetRow)),
            tuple(thing for thing in things if isinstance(thing, ObjectInfo)),
        )


def batches(groups: Iterable[KeyGroup], size: int) -> Iterator[list[KeyGroup]]:
    """Split groups into batches of about `size` rows and files."""
    batch: list[KeyGroup] = []
    weight = 0
    for group in groups:
        batch.append(group)
        weight += len(group.rows) + len(group.objects)
        if weight >= size:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _placed_rows(rows: Iterable[AssetRow]) -> Iterator[tuple[str, AssetRow | ObjectInfo]]:
    position = ""
    for row in rows:
        # A malformed key has no position: its row joins the group before.
        if is_key(row.storage_key):
            position = _position(row.storage_key)
        yield position, row


def _placed_objects(
    listing: Iterable[ObjectInfo],
) -> Iterator[tuple[str, AssetRow | ObjectInfo]]:
    before = ""
    for found in listing:
        if found.key < before:
            raise StorageError(reason="it lists its files in no order", key=found.key)
        before = found.key
        yield _position(found.key), found


def _position(key: str) -> str:
    """Return `ab/cd/<sha256>`, which original and thumbnail share, in the order of keys."""
    return key.partition("/")[2].partition(".")[0]


@dataclass(frozen=True)
class _KeySpace:
    """Rows of one kind of key, and the listings of their files."""

    prefix: str
    listings: tuple[str, ...]

    def place(self, after_key: str) -> str | None:
        """Return where to continue below the prefix; None when it is finished."""
        if after_key >= self.prefix + _LAST:
            return None
        return after_key.removeprefix(self.prefix) if after_key.startswith(self.prefix) else ""


_PICTURES = _KeySpace("originals/", ("originals/", "thumbnails/"))
_KEY_SPACES = (_PICTURES, _KeySpace("weights/", ("weights/",)))


def share_done(after_key: str) -> float:
    """Return the finished share of a running comparison, 0 to 1: hashes are spread evenly."""
    place = _PICTURES.place(after_key)
    if place is None:
        return 1.0
    return int(place[:5].replace("/", "") or "0", 16) / 16**4


class FullComparison:
    """Compares storage and rows from where the reconciliation left off."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def resume(self, claimed: Claimed, should_stop: Callable[[], bool]) -> bool:
        """Compare until the end or a stop; True at the end. Raises StorageError."""
        for space in _KEY_SPACES:
            place = space.place(claimed.after_key)
            if place is None:
                continue
            for batch in batches(self._groups(space, place), BATCH):
                upto = f"{batch[-1].position}/"
                if not self._save(claimed, space, (place, upto), batch) or should_stop():
                    return False
                claimed, place = replace(claimed, after_key=space.prefix + upto), upto
            if not self._save(claimed, space, (place, _LAST), ()):
                return False
            claimed = replace(claimed, after_key=space.prefix + _LAST)
        return True

    def _groups(self, space: _KeySpace, place: str) -> Iterator[KeyGroup]:
        rows = rows_in_key_order(self._database, space.prefix, space.prefix + place)
        listings = (self._storage.list(prefix, prefix + place) for prefix in space.listings)
        return group_by_content(rows, *listings)

    def _save(
        self, claimed: Claimed, space: _KeySpace, span: tuple[str, str], batch: Sequence[KeyGroup]
    ) -> bool:
        verdicts = self._verdicts(batch)
        candidates = [found for group in batch for found in group.unnamed]
        ranges = [(prefix + span[0], prefix + span[1]) for prefix in space.listings]
        with self._database.transaction() as session:
            orphans = unnamed(session, candidates, claimed.now)
            counts = Counts(
                sum(len(group.objects) for group in batch),
                sum(cause is not None for cause in verdicts.values()),
                len(orphans),
            )
            if not save_progress(session, claimed, space.prefix + span[1], counts):
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
                verdicts[row.id] = missing_cause_of(row, listed.get, self._storage.uri)
                # Newly missing or found: it may have been stored after its page was listed.
                if verdicts[row.id] != row.missing_cause:
                    doubtful.append(row)
        verdicts |= check_files(self._storage, doubtful)
        rows = [row for group in batch for row in group.rows]
        refuse_implausible(self._database, self._storage, rows, verdicts)
        return verdicts | check_contents(self._storage, sampled(rows, verdicts))
