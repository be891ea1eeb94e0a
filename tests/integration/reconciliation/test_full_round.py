"""What a full comparison finds, on the disk and in a bucket."""

from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from sqlalchemy import func, update

from services.core.errors import StorageError
from services.core.states import MissingCause, ReconciliationScope, ReconciliationState, RunState
from services.database.models import Asset, Run
from services.storage.base import ObjectInfo, Storage
from services.storage.local_storage import LocalStorage
from tests.integration.reconciliation.warehouse import (
    Warehouse,
    content_of,
    ingesting,
    keys_of,
    weights_of,
)

FULL_ROUND = "services.reconciliation.full_comparison"
ROWS = "services.reconciliation.rows"


def test_lost_files_are_found_and_found_again_when_they_are_back(warehouse: Warehouse) -> None:
    warehouse.add(*range(6))
    warehouse.lose(1)
    warehouse.storage.delete(keys_of(2)[1])

    first = warehouse.compare()

    assert warehouse.missing() == {1: MissingCause.GONE, 2: MissingCause.THUMBNAIL_GONE}
    assert (first.state, first.missing_count, first.object_count) == (
        ReconciliationState.DONE,
        2,
        9,
    )
    assert all(row.checked_at for row in warehouse.rows())
    since = {row.id: row.missing_at for row in warehouse.rows([1, 2])}
    warehouse.compare()
    assert {row.id: row.missing_at for row in warehouse.rows([1, 2])} == since
    warehouse.put(1, 2)
    assert warehouse.compare().missing_count == 0
    assert warehouse.missing() == {}
    assert all(row.missing_at is None for row in warehouse.rows())


def test_a_file_that_lies_elsewhere_is_told_from_one_that_is_lost(warehouse: Warehouse) -> None:
    warehouse.add_rows(1, uri=f"s3://old-bucket/{keys_of(1)[0]}")
    warehouse.put(2)
    warehouse.add_rows(2, uri=f"file:///elsewhere/{keys_of(2)[0]}")

    warehouse.compare()

    assert warehouse.missing() == {1: MissingCause.WRONG_BUCKET}
    assert warehouse.rows([2])[0].storage_uri.startswith("file:///elsewhere/")


def test_every_row_of_a_shared_file_is_marked(warehouse: Warehouse) -> None:
    warehouse.add(1, 2)
    warehouse.add_rows(1, 1)
    warehouse.lose(1)

    assert warehouse.compare().missing_count == 3
    assert warehouse.missing() == {1: MissingCause.GONE}


@pytest.mark.usefixtures("everything_is_old")
def test_objects_without_a_live_row_are_listed_until_they_have_one(warehouse: Warehouse) -> None:
    warehouse.add(1, 2, 3)
    warehouse.put(4)
    warehouse.storage.put(weights_of(5), content_of(5), "application/octet-stream")
    warehouse.erase_rows(2)
    warehouse.add_rows(3)

    found = warehouse.compare()

    orphans = {*keys_of(2), *keys_of(4), weights_of(5)}
    assert warehouse.orphans() == orphans and found.orphan_count == len(orphans)
    warehouse.add_rows(4)
    warehouse.lose(2)
    assert warehouse.compare().orphan_count == 1
    assert warehouse.orphans() == {weights_of(5)}


@pytest.mark.usefixtures("everything_is_old")
@pytest.mark.parametrize("state", [RunState.INGESTING, RunState.CANCELED])
def test_a_stored_answer_waits_for_its_row_while_its_run_is_open(
    local: Warehouse, state: RunState
) -> None:
    key, small_key = keys_of(1)
    local.put(1)
    run_id = ingesting(local, [{"storage_key": key, "thumbnail_key": small_key}], minutes=90)
    with local.database.transaction() as session:
        session.get_one(Run, run_id).state = state

    local.compare()

    assert local.orphans() == (set() if state is RunState.INGESTING else {key, small_key})


def test_a_young_object_may_still_get_its_row(warehouse: Warehouse) -> None:
    warehouse.put(1)

    assert warehouse.compare().orphan_count == 0
    assert warehouse.orphans() == set()


def test_lost_weights_are_found(warehouse: Warehouse) -> None:
    kept, lost = warehouse.add_weights(1), warehouse.add_weights(2)
    warehouse.storage.put(weights_of(1), content_of(1), "application/octet-stream")

    warehouse.compare()

    causes = {row.id: row.missing_cause for row in warehouse.rows()}
    assert causes == {kept: None, lost: MissingCause.GONE}


def test_more_than_a_page_of_keys_is_compared(warehouse: Warehouse) -> None:
    numbers = range(1005)
    with ThreadPool(4) as pool:
        pool.map(
            lambda number: warehouse.storage.put(
                keys_of(number)[0], content_of(number), "image/png"
            ),
            numbers,
        )
    warehouse.add_rows(*numbers)
    with warehouse.database.transaction() as session:
        session.execute(update(Asset).values(thumbnail_key=Asset.storage_key))
    warehouse.lose(7, 1001)

    found = warehouse.compare()

    assert (found.state, found.object_count) == (ReconciliationState.DONE, 1003)
    lost = {row.id for row in warehouse.rows() if row.missing_cause}
    assert lost == {*warehouse.ids[7], *warehouse.ids[1001]}


class PutMeanwhile(LocalStorage):
    """Lists as it was before the last put."""

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        return (found for found in super().list(prefix, after) if found.key not in keys_of(1))


def test_a_file_that_was_put_after_its_page_was_listed_is_not_missing(
    local: Warehouse, tmp_path: Path
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
def test_a_round_that_was_cut_off_goes_on_where_it_stood(
    local: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{FULL_ROUND}.BATCH", 9)
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
    local.keeper().tick()

    done = local.newest()
    assert (done.id, done.state) == (cut.id, ReconciliationState.DONE)
    assert (done.object_count, done.missing_count, done.orphan_count) == (40, 3, 4)
    assert local.missing() == {3: MissingCause.GONE, 11: MissingCause.GONE}
    assert local.orphans() == {*keys_of(20), *keys_of(21)}


def test_a_round_that_should_stop_goes_on_later(
    local: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{FULL_ROUND}.BATCH", 4)
    local.add(*range(12))
    local.compare()
    local.order()
    # Before the round and after its first batch.
    asked = iter([False, True])

    local.keeper().tick(lambda: next(asked))
    assert local.newest().state is ReconciliationState.RUNNING
    local.keeper().tick()

    assert (local.newest().state, local.newest().object_count) == (ReconciliationState.DONE, 24)


def test_a_disk_that_is_away_marks_nothing(local: Warehouse, tmp_path: Path) -> None:
    local.add(*range(3))
    storage = local.storage
    local.open_storage = lambda: storage
    (tmp_path / "objects").rename(tmp_path / "away")

    failed = local.compare()

    assert failed.state is ReconciliationState.FAILED and failed.ended_at
    assert failed.problem and "its folder is gone" in failed.problem
    assert local.missing() == {}


@pytest.mark.parametrize("scope", list(ReconciliationScope))
def test_a_storage_that_is_suddenly_empty_is_not_believed(
    warehouse: Warehouse, scope: ReconciliationScope
) -> None:
    warehouse.add_rows(*range(25))
    warehouse.add(25, 26)

    failed = warehouse.compare(scope)

    assert failed.state is ReconciliationState.FAILED
    assert failed.problem and "almost nothing" in failed.problem
    assert warehouse.missing() == {}


def test_a_hole_in_one_place_is_believed(local: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{FULL_ROUND}.BATCH", 30)
    local.add_rows(*range(150))
    numbers = sorted(range(150), key=lambda number: keys_of(number)[0])
    local.put(*numbers[40:])

    assert local.compare().state is ReconciliationState.DONE
    assert local.missing() == dict.fromkeys(sorted(numbers[:40]), MissingCause.GONE)


def test_a_storage_that_cannot_be_opened_ends_the_round(local: Warehouse) -> None:
    def refuse() -> Storage:
        raise StorageError(reason="its folder may not be read or written")

    local.add(1)
    local.open_storage = refuse

    assert local.compare().state is ReconciliationState.FAILED
    assert local.missing() == {}


def test_what_is_erased_at_this_moment_is_left_alone(local: Warehouse) -> None:
    local.add(1, 2)
    local.lose(1, 2)
    with local.database.transaction() as session:
        session.get_one(Asset, local.ids[1][0], with_for_update=True)
        local.compare()

    assert local.missing() == {2: MissingCause.GONE}


def test_only_one_process_compares(local: Warehouse) -> None:
    local.add(1)
    with local.database.sole_holder("storage rounds") as is_ours:
        assert is_ours
        assert not local.keeper().tick()

    assert local.keeper().tick()
    assert not local.keeper().tick()


def test_a_round_is_due_again_after_its_time(local: Warehouse) -> None:
    local.keeper().tick()
    begun = {scope: local.newest(scope).id for scope in ReconciliationScope}
    _age(local, ReconciliationScope.NEW, timedelta(minutes=6))
    local.keeper().tick()

    assert local.newest(ReconciliationScope.NEW).id != begun[ReconciliationScope.NEW]
    assert local.newest(ReconciliationScope.FULL).id == begun[ReconciliationScope.FULL]
    _age(local, ReconciliationScope.FULL, timedelta(hours=25))
    local.keeper().tick()
    assert local.newest(ReconciliationScope.FULL).id != begun[ReconciliationScope.FULL]


def _age(local: Warehouse, scope: ReconciliationScope, by: timedelta) -> None:
    with local.database.transaction() as session:
        last = local.newest(scope)
        session.execute(
            update(type(last))
            .where(type(last).scope == scope)
            .values(began_at=func.clock_timestamp() - by)
        )
