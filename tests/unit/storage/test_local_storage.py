"""What is special to files: modes, links, durability, full disks and what killed writers leave."""

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from services.core.errors import ObjectMissingError, StorageError
from services.core.server_problem import problem_of
from services.storage.keys import original_key
from services.storage.local_storage import LocalStorage

KEY = original_key(hashlib.sha256(b"x").hexdigest(), "png")
PNG = "image/png"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that is not there yet, with a space in its name."""
    return tmp_path / "made by" / "atelier"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    """An empty store."""
    return LocalStorage(root)


def failing_with(number: int) -> Callable[..., None]:
    """A system call that always fails so."""

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_only_this_user_can_read(storage: LocalStorage, root: Path) -> None:
    before = os.umask(0)
    try:
        storage.put(KEY, b"x", PNG)
    finally:
        os.umask(before)

    found = {stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    files = [path for path in root.rglob("*") if path.is_file()]
    assert found == {0o700, 0o600}
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600]


def test_uri_is_the_path_of_the_file(storage: LocalStorage) -> None:
    storage.put(KEY, b"content", PNG)

    assert Path(unquote(urlsplit(storage.uri(KEY)).path)).read_bytes() == b"content"


def test_link_in_place_of_an_object_is_not_followed(storage: LocalStorage, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"secret")
    storage.put(KEY, b"x", PNG)
    path = Path(unquote(urlsplit(storage.uri(KEY)).path))
    path.unlink()
    path.symlink_to(outside)

    refused_by_all(storage)
    assert list(storage.list()) == []
    assert outside.read_bytes() == b"secret"


def test_link_in_place_of_a_folder_is_not_followed(storage: LocalStorage, root: Path) -> None:
    outside = root.parent / "outside"
    target = LocalStorage(outside)
    target.put(KEY, b"secret", PNG)
    (root / "originals").symlink_to(outside / "originals")

    refused_by_all(storage)
    assert list(storage.list()) == []
    assert target.get(KEY) == b"secret"


def test_endless_link_is_refused(storage: LocalStorage, root: Path) -> None:
    (root / "originals").symlink_to(root / "originals")

    asks: list[Callable[[], object]] = [
        lambda: storage.get(KEY),
        lambda: storage.head(KEY),
        lambda: storage.put(KEY, b"x", PNG),
        lambda: storage.delete(KEY),
    ]
    for ask in asks:
        with pytest.raises(StorageError):
            ask()
    assert list(storage.list()) == []


def refused_by_all(storage: LocalStorage) -> None:
    """Assert that no method goes through the link that lies in the way of KEY."""
    asks: list[Callable[[], object]] = [
        lambda: storage.get(KEY),
        lambda: storage.open(KEY),
        lambda: storage.head(KEY),
        lambda: storage.put(KEY, b"overwritten", PNG),
        lambda: storage.put_file(KEY, Path(__file__), PNG),
        lambda: storage.delete(KEY),
        lambda: storage.uri(KEY),
    ]
    for ask in asks:
        with pytest.raises(StorageError, match="a link lies in its way"):
            ask()


def test_root_may_itself_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")

    LocalStorage(tmp_path / "link").put(KEY, b"x", PNG)

    assert LocalStorage(tmp_path / "disk").get(KEY) == b"x"


def test_foreign_files_are_not_listed(storage: LocalStorage, root: Path) -> None:
    storage.put(KEY, b"x", PNG)
    (root / ".DS_Store").write_bytes(b"")
    (root / "originals" / "notes.txt").write_bytes(b"")
    (root / KEY).with_name("copy of it.png").write_bytes(b"")

    assert [found.key for found in storage.list()] == [KEY]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "its folder may not be read or written"),
        (errno.EIO, "the disk reports a fault"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "open"])
def test_failing_disk_is_a_storage_error_and_leaves_nothing(
    storage: LocalStorage,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    words: str,
    call: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing_with(number))
        with pytest.raises(StorageError) as caught:
            storage.put(KEY, b"x" * 1000, PNG)

    assert caught.value.reason.startswith(f"{words}. ") and caught.value.key == KEY
    problem = problem_of(caught.value)
    assert problem is not None and words in problem.sentence and problem.fix
    assert words in caught.value.sentence
    assert storage.head(KEY) is None
    assert list((root / ".incoming").iterdir()) == []


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_failing_disk_leaves_nothing_of_a_file_either(
    storage: LocalStorage, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "x").write_bytes(b"x")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing_with(errno.ENOSPC))
        with pytest.raises(StorageError, match="the disk is full"):
            storage.put_file(KEY, tmp_path / "x", PNG)

    assert storage.head(KEY) is None and list((root / ".incoming").iterdir()) == []


def test_refused_file_leaves_nothing(storage: LocalStorage, root: Path, tmp_path: Path) -> None:
    (tmp_path / "y").write_bytes(b"y")

    with pytest.raises(StorageError, match="not those that the key names"):
        storage.put_file(KEY, tmp_path / "y", PNG)

    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_failing_disk_is_no_missing_object(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(KEY, b"x", PNG)
    monkeypatch.setattr(os, "open", failing_with(errno.EIO))

    with pytest.raises(StorageError) as caught:
        storage.get(KEY)
    assert not isinstance(caught.value, ObjectMissingError)


def test_failing_check_is_reported(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing_with(errno.ENOSPC))

    with pytest.raises(StorageError, match="the disk is full"):
        storage.check()


def test_check_notices_other_bytes(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "get", lambda _key: b"other")

    with pytest.raises(StorageError, match="other bytes"):
        storage.check()
    assert list(storage.list()) == []


def test_unmounted_disk_is_no_missing_object(storage: LocalStorage, root: Path) -> None:
    storage.put(KEY, b"x", PNG)
    root.rename(root.with_name("elsewhere"))

    asks: list[Callable[[], object]] = [
        lambda: storage.get(KEY),
        lambda: storage.head(KEY),
        lambda: storage.delete(KEY),
        lambda: list(storage.list()),
        lambda: storage.put(KEY, b"x", PNG),
    ]
    for ask in asks:
        with pytest.raises(StorageError) as caught:
            ask()
        assert not isinstance(caught.value, ObjectMissingError)
    assert not root.exists()


def test_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError):
        LocalStorage(tmp_path / "file" / "objects")


def test_object_is_synced_before_it_is_seen_and_its_folder_after(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(original_key(hashlib.sha256(b"x").hexdigest(), "jpg"), b"same folder", PNG)
    seen: list[tuple[bool, bool]] = []
    fsync = os.fsync

    def recorded(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append((is_folder, (root / KEY).exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    storage.put(KEY, b"x", PNG)

    assert seen == [(False, False), (True, True)]


def test_killed_writer_leaves_nothing_visible_and_is_cleared_away(
    storage: LocalStorage, root: Path
) -> None:
    # The writer stands still when all bytes are written but not yet synced or renamed.
    script = (
        "import os, signal, sys, pathlib\n"
        "from services.storage.local_storage import LocalStorage\n"
        "storage = LocalStorage(pathlib.Path(sys.argv[1]))\n"
        "os.fsync = lambda _: (print('written', flush=True), signal.pause())\n"
        "storage.put(sys.argv[2], b'x' * 5_000_000, 'image/png')\n"
    )
    command = [sys.executable, "-c", script, str(root), KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)

    assert storage.head(KEY) is None and list(storage.list()) == []
    assert [path.stat().st_size for path in (root / ".incoming").iterdir()] == [5_000_000]
    assert storage.prune_temporary() == 0
    assert storage.prune_temporary(older_than_seconds=0) == 1
    assert list((root / ".incoming").iterdir()) == []


def test_opening_the_store_removes_stale_files_alone(storage: LocalStorage, root: Path) -> None:
    stale, young = root / ".incoming" / "1-stale", root / ".incoming" / "2-young"
    stale.write_bytes(b"x")
    young.write_bytes(b"x")
    hours_ago = young.stat().st_mtime - 7200
    os.utime(stale, (hours_ago, hours_ago))
    storage.put(KEY, b"x", PNG)

    reopened = LocalStorage(root)

    assert (stale.exists(), young.exists()) == (False, True)
    assert reopened.get(KEY) == b"x"
