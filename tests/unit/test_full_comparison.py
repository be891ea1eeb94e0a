"""Rows and listings are grouped by content in key order, each exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import StorageError
from services.core.states import MissingCause
from services.reconciliation.full_comparison import batches, group_by_content
from services.reconciliation.object_checks import missing_cause_of
from services.reconciliation.rows import AssetRow
from services.storage.base import ObjectInfo
from services.storage.keys import original_key, thumbnail_key

AT = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Content:
    """One content: how many rows share it, and which of its objects the storage has."""

    number: int
    rows: int
    has_original: bool
    has_thumbnail: bool

    @property
    def keys(self) -> tuple[str, str]:
        digest = sha256(str(self.number).encode()).hexdigest()
        return original_key(digest, "png"), thumbnail_key(digest)

    @property
    def verdict(self) -> MissingCause | None:
        if not self.has_original:
            return MissingCause.GONE
        return None if self.has_thumbnail else MissingCause.THUMBNAIL_GONE


CONTENTS = st.lists(
    st.builds(Content, st.integers(0, 10**6), st.integers(0, 3), st.booleans(), st.booleans()),
    unique_by=lambda content: content.number,
    max_size=30,
)


def uri(key: str) -> str:
    return f"file:///here/{key}"


def rows_of(contents: Sequence[Content]) -> list[AssetRow]:
    rows = [
        AssetRow(f"{content.number}-{copy}", *content.keys, uri(content.keys[0]), 1, None)
        for content in contents
        for copy in range(content.rows)
    ]
    return sorted(rows, key=lambda row: (row.storage_key, row.id))


def listing(contents: Sequence[Content], place: int) -> list[ObjectInfo]:
    found = [c.keys[place] for c in contents if (c.has_original, c.has_thumbnail)[place]]
    return [ObjectInfo(key, 1, AT) for key in sorted(found)]


@given(CONTENTS)
def test_each_row_has_one_verdict_from_its_own_files(contents: list[Content]) -> None:
    groups = list(group_by_content(rows_of(contents), listing(contents, 0), listing(contents, 1)))

    judged = [
        (row.id, missing_cause_of(row, group.listed.get, uri))
        for group in groups
        for row in group.rows
    ]
    expected = {f"{c.number}-{copy}": c.verdict for c in contents for copy in range(c.rows)}
    assert len(judged) == len(expected) and dict(judged) == expected


@given(CONTENTS)
def test_only_files_without_a_row_are_unnamed(contents: list[Content]) -> None:
    groups = list(group_by_content(rows_of(contents), listing(contents, 0), listing(contents, 1)))

    unnamed = [found.key for group in groups for found in group.unnamed]
    lonely = [content for content in contents if not content.rows]
    expected = [found.key for place in (0, 1) for found in listing(lonely, place)]
    assert sorted(unnamed) == sorted(expected)


@given(CONTENTS, st.integers(1, 8))
def test_batches_keep_order_and_break_no_group(contents: list[Content], size: int) -> None:
    def positions() -> list[str]:
        return [
            group.position for group in group_by_content(rows_of(contents), listing(contents, 0))
        ]

    grouped = list(batches(group_by_content(rows_of(contents), listing(contents, 0)), size))

    flat = [group.position for batch in grouped for group in batch]
    assert flat == positions() == sorted(set(flat))
    assert all(grouped)


def test_unordered_listing_is_refused() -> None:
    found = listing([Content(n, 0, True, False) for n in range(5)], 0)

    with pytest.raises(StorageError, match="no order"):
        list(group_by_content([], reversed(found)))


def test_row_with_a_malformed_key_is_gone_and_affects_no_other() -> None:
    intact = Content(1, 1, True, True)
    broken = AssetRow("broken", "originals/no-key.png", "", uri("x"), 1, None)
    rows = sorted([*rows_of([intact]), broken], key=lambda row: row.storage_key)

    groups = list(group_by_content(rows, listing([intact], 0), listing([intact], 1)))

    judged = {
        row.id: missing_cause_of(row, group.listed.get, uri)
        for group in groups
        for row in group.rows
    }
    assert judged == {"1-0": None, "broken": MissingCause.GONE}


@pytest.mark.parametrize("is_here", [True, False])
def test_row_with_another_address_is_wrong_only_if_its_file_is_absent(
    is_here: bool,
) -> None:
    key = Content(1, 1, True, True).keys[0]
    row = AssetRow("a", key, "", f"s3://old/{key}", 1, None)

    verdict = missing_cause_of(row, lambda asked: 1 if is_here else None, uri)

    assert verdict is (None if is_here else MissingCause.WRONG_BUCKET)


@pytest.mark.parametrize(
    ("sizes", "cause"),
    [
        ((7, 3), None),
        ((6, 3), MissingCause.DAMAGED),
        ((0, 3), MissingCause.DAMAGED),
        ((7, 0), MissingCause.THUMBNAIL_GONE),
    ],
)
def test_sizes_are_compared(sizes: tuple[int, int], cause: MissingCause | None) -> None:
    keys = Content(1, 1, True, True).keys
    row = AssetRow("a", *keys, uri(keys[0]), 7, None)

    assert missing_cause_of(row, dict(zip(keys, sizes, strict=True)).get, uri) is cause
