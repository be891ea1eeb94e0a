"""A storage is recognized by its mark: an empty folder or another's bucket takes no file."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.core.errors import ObjectMissingError, StorageError
from services.core.server_problem import problem_of
from services.core.states import ReconciliationScope, ReconciliationState
from services.database.engine import Database
from services.reconciliation.storage_owner import StorageOwner
from services.storage.base import Storage
from services.storage.identity import MARK
from services.storage.local_storage import LocalStorage
from services.storage.s3_storage import S3Storage
from tests.integration.reconciliation.stored_assets import StoredAssets, content_of, keys_of
from tests.s3_server import new_bucket, place_at, shared_client

KEY = keys_of(9)[0]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the disk is mounted."""
    return tmp_path / "disk"


@pytest.fixture
def opened(root: Path, database: Database) -> Callable[[], Storage]:
    """Opens the storage as a new process does."""
    return functools.partial(LocalStorage, root, StorageOwner(database))


@pytest.fixture
def marked(opened: Callable[[], Storage], database: Database) -> StoredAssets:
    """A storage with 30 pictures."""
    assets = StoredAssets(database, opened(), opened)
    assets.add(*range(1, 9))
    return assets


def refused(ask: Callable[[], object]) -> str:
    """The code of the reason."""
    with pytest.raises(StorageError) as caught:
        ask()
    assert not isinstance(caught.value, ObjectMissingError)
    problem = problem_of(caught.value)
    assert problem is not None and "--accept-storage" in caught.value.sentence
    return problem.code


def put(storage: Storage) -> None:
    storage.put(KEY, content_of(9), "image/png")


def test_storage_of_a_new_database_is_marked_with_the_first_file(
    opened: Callable[[], Storage], root: Path, database: Database
) -> None:
    storage = opened()
    assert not root.exists()

    put(storage)

    assert storage.mark() == StorageOwner(database).id() and (root / MARK).is_file()


def test_opening_and_reading_create_no_folder(opened: Callable[[], Storage], root: Path) -> None:
    storage = opened()
    with pytest.raises(StorageError):
        storage.get(KEY)

    assert not root.exists()


@pytest.mark.parametrize("is_folder_there", [True, False])
def test_nothing_is_stored_below_a_mount_point(
    marked: StoredAssets, opened: Callable[[], Storage], root: Path, is_folder_there: bool
) -> None:
    root.rename(root.with_name("unmounted"))
    if is_folder_there:
        root.mkdir()

    for storage in (marked.storage, opened()):
        assert refused(functools.partial(put, storage)) == "no_mark"
        assert refused(storage.check) == "no_mark"
        assert refused(functools.partial(storage.list, "")) == "no_mark"
        with pytest.raises(StorageError) as caught:
            storage.get(keys_of(1)[0])
        assert not isinstance(caught.value, ObjectMissingError)

    assert not root.exists() or list(root.iterdir()) == []
    shutil.rmtree(root, ignore_errors=True)
    root.with_name("unmounted").rename(root)
    put(marked.storage)
    assert marked.storage.get(keys_of(1)[0]) == content_of(1)


def test_comparison_marks_nothing_while_the_disk_is_away(marked: StoredAssets, root: Path) -> None:
    root.rename(root.with_name("unmounted"))
    root.mkdir()

    for scope in ReconciliationScope:
        ended = marked.compare(scope)
        assert ended.state is ReconciliationState.FAILED and "no mark" in (ended.problem or "")

    assert marked.missing() == {}


def test_storage_of_an_earlier_version_is_marked(
    marked: StoredAssets, opened: Callable[[], Storage], root: Path
) -> None:
    (root / MARK).unlink()

    put(opened())

    assert opened().mark() is not None


def test_storage_of_another_installation_is_refused(
    marked: StoredAssets, opened: Callable[[], Storage]
) -> None:
    opened().set_mark("ins_another")

    assert refused(lambda: put(opened())) == "other_mark"
    assert opened().get(keys_of(1)[0]) == content_of(1)


def test_accepted_storage_takes_files_again(
    marked: StoredAssets, opened: Callable[[], Storage], root: Path, database: Database
) -> None:
    shutil.rmtree(root)
    storage = opened()
    storage.set_mark(StorageOwner(database).id() or "")

    put(storage)
    with pytest.raises(ObjectMissingError):
        storage.get(keys_of(1)[0])


def test_bucket_of_another_installation_is_refused(s3_url: str, database: Database) -> None:
    place = place_at(s3_url, new_bucket(s3_url))
    opened = functools.partial(S3Storage, place, shared_client, StorageOwner(database))
    put(opened())
    assert opened().mark() == StorageOwner(database).id()
    opened().set_mark("ins_another")

    assert refused(lambda: put(opened())) == "other_mark"


def test_empty_bucket_in_place_of_the_right_one_is_refused(s3_url: str, database: Database) -> None:
    place = place_at(s3_url, new_bucket(s3_url))
    opened = functools.partial(S3Storage, place, shared_client, StorageOwner(database))
    StoredAssets(database, opened(), opened).add(*range(1, 9))
    wrong = place_at(s3_url, new_bucket(s3_url))

    assert (
        refused(lambda: put(S3Storage(wrong, shared_client, StorageOwner(database)))) == "no_mark"
    )


def test_without_a_database_no_folder_is_created(root: Path) -> None:
    storage = LocalStorage(root, StorageOwner(None))

    with pytest.raises(StorageError, match="not there"):
        put(storage)
    assert not root.exists()
