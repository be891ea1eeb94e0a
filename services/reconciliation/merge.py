"""Puts rows and listings side by side, in the order of their keys; streams, and asks nobody."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from services.core.errors import StorageError
from services.core.states import MissingCause
from services.reconciliation.rows import AssetRow
from services.storage.base import ObjectInfo
from services.storage.keys import is_key


@dataclass(frozen=True)
class KeyGroup:
    """Every row and every object of one content; `position` is its part of the keys."""

    position: str
    rows: tuple[AssetRow, ...]
    objects: tuple[ObjectInfo, ...]

    @property
    def listed(self) -> frozenset[str]:
        """The keys that the storage has."""
        return frozenset(found.key for found in self.objects)

    @property
    def unnamed(self) -> tuple[ObjectInfo, ...]:
        """Objects that none of these rows names."""
        named = {key for row in self.rows for key in (row.storage_key, row.thumbnail_key)}
        return tuple(found for found in self.objects if found.key not in named)


def meet(rows: Iterable[AssetRow], *listings: Iterable[ObjectInfo]) -> Iterator[KeyGroup]:
    """One meeting for each content that a row or an object has, in key order.

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
    """Meetings in groups of about so many rows and objects."""
    gathered: list[KeyGroup] = []
    weight = 0
    for group in groups:
        gathered.append(group)
        weight += len(group.rows) + len(group.objects)
        if weight >= size:
            yield gathered
            gathered, weight = [], 0
    if gathered:
        yield gathered


def judge(
    row: AssetRow, has: Callable[[str], bool], uri: Callable[[str], str]
) -> MissingCause | None:
    """Why the row's files cannot be shown, from what the storage has; None: they can.

    A picture that lies here is fine, whatever other place its row names.
    """
    if not is_key(row.storage_key):
        return MissingCause.GONE
    if not has(row.storage_key):
        is_here = row.storage_uri == uri(row.storage_key)
        return MissingCause.GONE if is_here else MissingCause.WRONG_BUCKET
    if row.thumbnail_key and not has(row.thumbnail_key):
        return MissingCause.THUMBNAIL_GONE
    return None


def _placed_rows(rows: Iterable[AssetRow]) -> Iterator[tuple[str, AssetRow | ObjectInfo]]:
    position = ""
    for row in rows:
        # A key that is none has no place of its own; its row goes along with the one before.
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
    """`ab/cd/<sha256>`: the same for an original and its thumbnail, and in the same order."""
    return key.partition("/")[2].partition(".")[0]
