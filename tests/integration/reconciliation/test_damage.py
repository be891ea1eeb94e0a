"""Files that are there and wrong: found by their size at each round, by their content in samples."""

from pathlib import Path

import pytest

from services.core.states import MissingCause, ReconciliationScope
from tests.integration.reconciliation.stored_assets import StoredAssets, content_of, keys_of

DAMAGED, THUMBNAIL_GONE, GONE = (
    MissingCause.DAMAGED,
    MissingCause.THUMBNAIL_GONE,
    MissingCause.GONE,
)
SCOPES = sorted(ReconciliationScope)


def path_of(local: StoredAssets, key: str) -> Path:
    """Where a file of the local storage lies."""
    return Path(local.storage.uri(key).removeprefix("file://"))


@pytest.mark.parametrize("scope", SCOPES)
def test_truncated_and_emptied_files_are_found(local: StoredAssets, scope: object) -> None:
    local.add(1, 2, 3, 4)
    path_of(local, keys_of(1)[0]).write_bytes(content_of(1)[:-1])
    path_of(local, keys_of(2)[0]).write_bytes(b"")
    path_of(local, keys_of(3)[1]).write_bytes(b"")

    local.compare(ReconciliationScope(scope))  # type: ignore[arg-type]

    assert local.missing() == {1: DAMAGED, 2: DAMAGED, 3: THUMBNAIL_GONE}


@pytest.mark.parametrize("scope", SCOPES)
def test_folder_in_place_of_a_file_is_no_file(local: StoredAssets, scope: object) -> None:
    local.add(1, 2)
    path = path_of(local, keys_of(1)[0])
    path.unlink()
    path.mkdir()
    (path / "somebody's.txt").write_text("notes")

    local.compare(ReconciliationScope(scope))  # type: ignore[arg-type]

    assert local.missing() == {1: GONE}
    local.put(1)
    local.compare(ReconciliationScope(scope))  # type: ignore[arg-type]
    assert local.missing() == {} and local.storage.get(keys_of(1)[0]) == content_of(1)
    kept = list(Path(path).parents[3].glob(".moved-aside-*/somebody's.txt"))
    assert [found.read_text() for found in kept] == ["notes"]


@pytest.mark.parametrize("scope", SCOPES)
def test_swapped_content_of_the_same_size_is_found_by_sampling(
    local: StoredAssets, scope: object
) -> None:
    local.add(1)
    path_of(local, keys_of(1)[0]).write_bytes(content_of(2))

    local.compare(ReconciliationScope(scope))  # type: ignore[arg-type]

    assert local.missing() == {1: DAMAGED}


def test_damage_stays_marked_until_the_content_is_right_again(local: StoredAssets) -> None:
    local.add(*range(1, 40))
    path_of(local, keys_of(1)[0]).write_bytes(content_of(2))
    while local.missing() != {1: DAMAGED}:
        local.compare()

    for scope in ReconciliationScope:
        local.compare(scope)
        assert local.missing() == {1: DAMAGED}
    local.put(1)
    local.compare()
    assert local.missing() == {}


def test_damaged_object_of_a_bucket_is_found(assets: StoredAssets) -> None:
    assets.add(1, 2)
    with assets.database.transaction() as session:
        for row in assets.rows([1]):
            session.merge(row).byte_count += 1

    assets.compare()

    assert assets.missing() == {1: DAMAGED}
