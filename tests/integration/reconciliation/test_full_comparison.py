"""The full comparison on disk and in a bucket."""

from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from sqlalchemy import func, update

from services.core.errors import StorageError
from services.core.states import MissingCause, ReconciliationScope, ReconciliationState, RunState
from services.database.models import Asset, Run
from services.reconciliation.reconciler import HOLDER
from services.storage.base import ObjectInfo, Storage
from services.storage.local_storage import LocalStorage
from tests.integration.reconciliation.stored_assets import (
    StoredAssets,
    content_of,
    ingesting,
    keys_of,
    weights_of,
)

FULL_COMPARISON = "services.reconciliation.full_comparison"
ROWS = "services.reconciliation.rows"


def test_missing_files_are_marked_and_unmarked_when_they_are_back(assets: StoredAssets) -> None:
    assets.add(*range(6))
    assets.lose(1)
    assets.storage.delete(keys_of(2)[1])

    first = assets.compare()

    assert assets.missing() == {1: MissingCause.GONE, 2: MissingCause.THUMBNAIL_GONE}
    assert (first.state, first.missing_count, first.object_count) == (
        ReconciliationState.DONE,
        2,
        9,
    )
    assert all(row.checked_at for row in assets.rows())
    since = {row.id: row.missing_at for row in assets.rows([1, 2])}
    assets.compare()
    assert {row.id: row.missing_at for row in assets.rows([1, 2])} == since
    assets.put(1, 2)
    assert assets.compare().missing_count == 0
    assert assets.missing() == {}
    assert all(row.missing_at is None for row in assets.rows())


def test_file_in_another_bucket_is_marked_so(assets: StoredAssets) -> None:
    assets.add_rows(1, uri=f"s3://old-bucket/{keys_of(1)[0]}")
    assets.put(2)
    assets.add_rows(2, uri=f"file:///elsewhere/{keys_of(2)[0]}")

    assets.compare()

    assert assets.missing() == {1: MissingCause.WRONG_BUCKET}
    assert assets.rows([2])[0].storage_uri.startswith("file:///elsewhere/")


def test_every_row_of_a_shared_file_is_marked(assets: StoredAssets) -> None:
    assets.add(1, 2)
    assets.add_rows(1, 1)
    assets.lose(1)

    assert assets.compare().missing_count == 3
    assert assets.missing() == {1: MissingCause.GONE}


@pytest.mark.usefixtures("everything_is_old")
def test_files_without_a_live_row_are_orphaned_until_they_have_one(assets: StoredAssets) -> None:
    assets.add(1, 2, 3)
    assets.put(4)
    assets.storage.put(weights_of(5), content_of(5), "application/octet-stream")
    assets.erase_rows(2)
    assets.add_rows(3)

    found = assets.compare()

    orphans = {*keys_of(2), *keys_of(4), weights_of(5)}
    assert assets.orphans() == orphans and found.orphan_count == len(orphans)
    assets.add_rows(4)
    assets.lose(2)
    assert assets.compare().orphan_count == 1
    assert assets.orphans() == {weights_of(5)}


@pytest.mark.usefixtures("everything_is_old")
@pytest.mark.parametrize("state", [RunState.INGESTING, RunState.CANCELED])
def test_stored_output_of_an_open_run_is_not_orphaned(local: StoredAssets, state: RunState) -> None:
    key, small_key = keys_of(1)
    local.put(1)
    run_id = ingesting(local, [{"storage_key": key, "thumbnail_key": small_key}], minutes=90)
    with local.database.transaction() as session:
        session.get_one(Run, run_id).state = state

    local.compare()

    assert local.orphans() == (set() if state is RunState.INGESTING else {key, small_key})


def test_young_file_is_not_orphaned(assets: StoredAssets) -> None:
    assets.put(1)

    assert assets.compare().orphan_count == 0
    assert assets.orphans() == set()


def test_missing_weights_are_marked(assets: StoredAssets) -> None:
    stored, lost = assets.add_weights(1), assets.add_weights(2)
    assets.storage.put(weights_of(1), content_of(1), "application/octet-stream")

    assets.compare()

    causes = {row.id: row.missing_cause for row in assets.rows()}
    assert causes == {stored: None, lost: MissingCause.GONE}


def test_more_than_a_page_of_keys_is_compared(assets: StoredAssets) -> None:
    numbers = range(1005)
    with ThreadPool(4) as pool:
        pool.map(
            lambda number: assets.storage.put(keys_of(number)[0], content_of(number), "image/png"),
            numbers,
        )
    assets.add_rows(*numbers)
    with assets.database.transaction() as session:
        session.execute(update(Asset).values(thumbnail_key=Asset.storage_key))
    assets.lose(7, 1001)

    found = assets.compare()

    assert (found.state, found.object_count) == (ReconciliationState.DONE, 1003)
    lost = {row.id for row in assets.rows() if row.missing_cause}
    assert lost == {*assets.ids[7], *assets.ids[1001]}


class PutMeanwhile(LocalStorage):
    """Lists as it was before the last put."""

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        return (found for found in super().list(prefix, after) if found.key not in keys_of(1))


def test_file_stored_after_its_page_was_listed_is_not_missing(
    local: StoredAssets, tmp_path: Path
) -> None:
    local.add(1, 2)
    local.open_storage = lambda: PutMeanwhile(tmp_path / "objects")

    assert local.compare().missing_count == 0
    assert local.missing() == {}


class Dying(LocalStorage):
    """Its process is killed while it lists."""

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        for number, found in enumerate(super().list(prefix, after)):
            if number == 12:
                raise MemoryError("killed")
            yield found


@pytest.mark.usefixtures("everything_is_old")
def test_interrupted_comparison_continues_where_it_was(
    local: StoredAssets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{FULL_COMPARISON}.BATCH", 9)
    monkeypatch.setattr(f"{ROWS}.PAGE_ROWS", 4)
    local.add(*range(20))
    local.add_rows(*range(5))
    local.put(20, 21)
    local.lose(3, 11)
    durations, local.open_storage = local.open_storage, lambda: Dying(tmp_path / "objects")
    with pytest.raises(MemoryError):
        local.compare()
    cut = local.newest()
    assert cut.state is ReconciliationState.RUNNING and cut.after_key and cut.object_count

    local.open_storage = durations
    local.reconciler().tick()

    done = local.newest()
    assert (done.id, done.state) == (cut.id, ReconciliationState.DONE)
    assert (done.object_count, done.missing_count, done.orphan_count) == (40, 3, 4)
    assert local.missing() == {3: MissingCause.GONE, 11: MissingCause.GONE}
    assert local.orphans() == {*keys_of(20), *keys_of(21)}


def test_stopped_comparison_continues_later(
    local: StoredAssets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{FULL_COMPARISON}.BATCH", 4)
    local.add(*range(12))
    local.compare()
    local.order()
    # Before the round and after its first batch.
    asked = iter([False, True])

    local.reconciler().tick(lambda: next(asked))
    assert local.newest().state is ReconciliationState.RUNNING
    local.reconciler().tick()

    assert (local.newest().state, local.newest().object_count) == (ReconciliationState.DONE, 24)


def test_unmounted_disk_marks_nothing(local: StoredAssets, tmp_path: Path) -> None:
    local.add(*range(3))
    storage = local.storage
    local.open_storage = lambda: storage
    (tmp_path / "objects").rename(tmp_path / "away")

    failed = local.compare()

    assert failed.state is ReconciliationState.FAILED and failed.ended_at
    assert failed.problem and "its folder is gone" in failed.problem
    assert local.missing() == {}


@pytest.mark.parametrize("scope", list(ReconciliationScope))
def test_suddenly_empty_storage_marks_nothing(
    assets: StoredAssets, scope: ReconciliationScope
) -> None:
    assets.add_rows(*range(25))
    assets.add(25, 26)

    failed = assets.compare(scope)

    assert failed.state is ReconciliationState.FAILED
    assert failed.problem and "almost none of its files" in failed.problem
    assert assets.missing() == {}


def test_gap_in_one_place_is_marked(local: StoredAssets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{FULL_COMPARISON}.BATCH", 30)
    local.add_rows(*range(150))
    numbers = sorted(range(150), key=lambda number: keys_of(number)[0])
    local.put(*numbers[40:])

    assert local.compare().state is ReconciliationState.DONE
    assert local.missing() == dict.fromkeys(sorted(numbers[:40]), MissingCause.GONE)


def test_storage_that_cannot_be_opened_fails_the_comparison(local: StoredAssets) -> None:
    def refuse() -> Storage:
        raise StorageError(reason="its folder may not be read or written")

    local.add(1)
    local.open_storage = refuse

    assert local.compare().state is ReconciliationState.FAILED
    assert local.missing() == {}


def test_row_that_an_erasure_holds_is_skipped(local: StoredAssets) -> None:
    local.add(1, 2)
    local.lose(1, 2)
    with local.database.transaction() as session:
        session.get_one(Asset, local.ids[1][0], with_for_update=True)
        local.compare()

    assert local.missing() == {2: MissingCause.GONE}


def test_only_one_process_compares(local: StoredAssets) -> None:
    local.add(1)
    with local.database.sole_holder(HOLDER) as is_ours:
        assert is_ours
        assert not local.reconciler().tick()

    assert local.reconciler().tick()
    assert not local.reconciler().tick()


def test_comparison_is_due_after_its_interval(local: StoredAssets) -> None:
    local.reconciler().tick()
    begun = {scope: local.newest(scope).id for scope in ReconciliationScope}
    _age(local, ReconciliationScope.NEW, timedelta(minutes=6))
    local.reconciler().tick()

    assert local.newest(ReconciliationScope.NEW).id != begun[ReconciliationScope.NEW]
    assert local.newest(ReconciliationScope.FULL).id == begun[ReconciliationScope.FULL]
    _age(local, ReconciliationScope.FULL, timedelta(hours=25))
    local.reconciler().tick()
    assert local.newest(ReconciliationScope.FULL).id != begun[ReconciliationScope.FULL]


def _age(local: StoredAssets, scope: ReconciliationScope, by: timedelta) -> None:
    with local.database.transaction() as session:
        last = local.newest(scope)
        session.execute(
            update(type(last))
            .where(type(last).scope == scope)
            .values(began_at=func.clock_timestamp() - by)
        )
