"""What every Storage keeps, whatever is behind it; `storage_backends` names the implementations."""

import hashlib
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.core.errors import ObjectMissingError, StorageError
from services.storage.base import ObjectInfo, Storage
from services.storage.keys import original_key, thumbnail_key, weights_key
from tests.contracts.storage_backends import BACKENDS, OpenStorage

JPEG, WEBP, PLAIN = "image/jpeg", "image/webp", "application/octet-stream"
SHA = hashlib.sha256(b"0").hexdigest()
KEY = thumbnail_key(SHA)
"""A thumbnail's key, under which any bytes may lie; an original's names the hash of its own."""
HOSTILE_KEYS = [
    "",
    "../x",
    "/etc/passwd",
    f"{KEY}\0",
    f"{KEY}/../../../x",
    "originals/../originals/x.jpg",
    ".incoming/x",
    KEY.upper(),
]
# More than one piece of any size that is read or sent at a time, and no multiple of one.
WEIGHTS = bytes(range(251)) * 20_000
WEIGHTS_KEY = weights_key(hashlib.sha256(WEIGHTS).hexdigest())
_PUT = """
import pickle, sys
open_storage, key, byte_count, times = pickle.loads(bytes.fromhex(sys.argv[1]))
storage, letter = open_storage(), sys.argv[2].encode()
print("ready", flush=True)
for _ in range(times):
    storage.put(key, letter * byte_count, "image/webp")
"""


@pytest.fixture(params=sorted(BACKENDS))
def open_storage(request: pytest.FixtureRequest) -> OpenStorage:
    """Opens a store that is empty at the test's beginning."""
    return BACKENDS[request.param](request)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file that holds WEIGHTS."""
    path = tmp_path / "lora.safetensors"
    path.write_bytes(WEIGHTS)
    return path


@pytest.fixture
def storage(open_storage: OpenStorage) -> Storage:
    """An empty store."""
    return open_storage()


def key_of(number: int) -> str:
    """The key of `bytes_of(number)`."""
    return original_key(hashlib.sha256(bytes_of(number)).hexdigest(), "jpg")


def bytes_of(number: int) -> bytes:
    """Different bytes, as many for each number."""
    return f"{number:08}".encode()


def writer(
    open_storage: OpenStorage, letter: str, byte_count: int, times: int
) -> subprocess.Popen[str]:
    """A process that puts one letter, over and over, and has just begun to."""
    arguments = pickle.dumps((open_storage, KEY, byte_count, times)).hex()
    process = subprocess.Popen(
        [sys.executable, "-c", _PUT, arguments, letter], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 20_000])
def test_what_was_put_comes_back(storage: Storage, content: bytes) -> None:
    storage.put(KEY, content, WEBP)

    assert storage.get(KEY) == content
    with storage.open(KEY) as stream:
        assert stream.read(3) == content[:3] and stream.read() == content[3:]


def test_original_comes_back(storage: Storage, open_storage: OpenStorage) -> None:
    storage.put(key_of(1), bytes_of(1), JPEG)
    storage.put(key_of(1), bytes_of(1), JPEG)

    assert open_storage().get(key_of(1)) == bytes_of(1)


def test_file_comes_back_and_stays_where_it_is(
    storage: Storage, open_storage: OpenStorage, weights: Path
) -> None:
    storage.put_file(WEIGHTS_KEY, weights, PLAIN)
    storage.put_file(WEIGHTS_KEY, weights, PLAIN)

    assert weights.read_bytes() == WEIGHTS
    assert open_storage().get(WEIGHTS_KEY) == WEIGHTS
    with storage.open(WEIGHTS_KEY) as stream:
        assert stream.read(3) == WEIGHTS[:3] and stream.read() == WEIGHTS[3:]
    assert [(found.key, found.byte_count) for found in storage.list("weights/")] == [
        (WEIGHTS_KEY, len(WEIGHTS))
    ]


@pytest.mark.parametrize("content", [b"", b"x"])
def test_small_files_come_back_too(storage: Storage, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "small").write_bytes(content)

    storage.put(KEY, b"what lay there before", WEBP)
    storage.put_file(KEY, tmp_path / "small", WEBP)

    assert storage.get(KEY) == content


@pytest.mark.parametrize("key", [WEIGHTS_KEY, key_of(1)])
def test_file_of_other_bytes_than_its_key_names_is_refused(
    storage: Storage, weights: Path, key: str
) -> None:
    weights.write_bytes(WEIGHTS + b"x")

    with pytest.raises(StorageError, match="not those that the key names"):
        storage.put_file(key, weights, PLAIN)
    assert list(storage.list()) == []


def test_file_that_is_not_there_is_no_missing_object(storage: Storage, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(StorageError) as caught:
            storage.put_file(WEIGHTS_KEY, path, PLAIN)
        assert not isinstance(caught.value, ObjectMissingError)
    assert list(storage.list()) == []


def test_head_describes_the_object(storage: Storage) -> None:
    storage.put(KEY, b"12345", WEBP)

    found = storage.head(KEY)

    assert found is not None and (found.key, found.byte_count) == (KEY, 5)
    assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=2)


def test_another_client_sees_the_object(storage: Storage, open_storage: OpenStorage) -> None:
    storage.put(KEY, b"shared", WEBP)

    assert open_storage().get(KEY) == b"shared"


def test_second_put_is_harmless(storage: Storage) -> None:
    storage.put(KEY, b"long long content", WEBP)
    storage.put(KEY, b"short", WEBP)
    storage.put(KEY, b"short", WEBP)

    assert storage.get(KEY) == b"short"
    assert [found.byte_count for found in storage.list()] == [5]


def test_missing_object_raises_object_missing(storage: Storage) -> None:
    assert storage.head(KEY) is None
    for ask in (storage.get, storage.open):
        with pytest.raises(ObjectMissingError) as caught:
            ask(KEY)
        assert caught.value.key == KEY and KEY in caught.value.sentence


def test_deleting_is_final_and_idempotent(storage: Storage) -> None:
    storage.put(KEY, b"x", WEBP)
    storage.put(key_of(1), bytes_of(1), JPEG)

    storage.delete(KEY)
    storage.delete(KEY)

    assert storage.head(KEY) is None
    assert [found.key for found in storage.list()] == [key_of(1)]


def test_list_is_in_key_order_and_follows_the_prefix(storage: Storage) -> None:
    contents = {key_of(number): bytes_of(number) for number in range(30)}
    contents |= {thumbnail_key(hashlib.sha256(bytes([n])).hexdigest()): b"x" for n in range(5)}
    # Objects that share a hash, and hence every folder.
    contents |= {key_of(1).removesuffix("jpg") + end: bytes_of(1) for end in ("png", "webp")}
    keys = list(contents)
    for key, content in contents.items():
        storage.put(key, content, JPEG)

    def listed(prefix: str) -> list[str]:
        return [found.key for found in storage.list(prefix)]

    assert listed("") == sorted(keys)
    assert listed("originals/") == [key for key in sorted(keys) if key.startswith("o")]
    assert listed("thumb") == [key for key in sorted(keys) if key.startswith("t")]
    for end in (10, 11, 12, 13, 14, 17, 30):
        prefix = key_of(1)[:end]
        assert listed(prefix) == [key for key in sorted(keys) if key.startswith(prefix)]
    assert listed(key_of(2)) == [key_of(2)]
    assert listed("originals/00/00/0000") == []


def test_list_begins_after_a_place(storage: Storage) -> None:
    keys = sorted(key_of(number) for number in range(12))
    for number in range(12):
        storage.put(key_of(number), bytes_of(number), JPEG)
    storage.put(thumbnail_key(hashlib.sha256(b"x").hexdigest()), b"x", JPEG)
    folder = keys[5].removesuffix(".jpg") + "/"

    for after in (keys[5], folder, keys[5][:13], keys[5][:16] + "~", "originals/~", "zz"):
        listed = [found.key for found in storage.list("originals/", after)]
        assert listed == [key for key in keys if key > after]


def test_list_streams(storage: Storage) -> None:
    for number in range(3):
        storage.put(key_of(number), bytes_of(number), JPEG)

    listing = storage.list()

    first = next(listing)
    assert isinstance(first, ObjectInfo) and first.byte_count == 8
    assert len(list(listing)) == 2


def test_list_of_nothing_is_empty(storage: Storage) -> None:
    assert list(storage.list()) == []
    assert list(storage.list("originals/ab")) == []


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_hostile_keys_are_refused_by_every_method(
    storage: Storage, weights: Path, key: str
) -> None:
    asks: list[Callable[[], object]] = [
        lambda: storage.put(key, b"x", JPEG),
        lambda: storage.put_file(key, weights, PLAIN),
        lambda: storage.get(key),
        lambda: storage.open(key),
        lambda: storage.head(key),
        lambda: storage.delete(key),
        lambda: storage.uri(key),
    ]
    for ask in asks:
        with pytest.raises(StorageError) as caught:
            ask()
        assert not isinstance(caught.value, ObjectMissingError)
    assert list(storage.list()) == []


@pytest.mark.parametrize("prefix", ["..", "/", "../", "originals/../", "\0"])
def test_hostile_prefixes_are_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(StorageError):
        list(storage.list(prefix))


def test_uri_is_permanent_and_names_the_key(storage: Storage, open_storage: OpenStorage) -> None:
    before = storage.uri(KEY)
    storage.put(KEY, b"x", WEBP)

    assert storage.uri(KEY) == open_storage().uri(KEY) == before
    assert before.startswith(("file:///", "s3://")) and before.endswith(KEY)


def test_check_passes_and_leaves_nothing(storage: Storage) -> None:
    storage.check()

    assert list(storage.list()) == []


def test_threads_may_put_the_same_key_at_once(storage: Storage) -> None:
    contents = [bytes([65 + n]) * (100_000 * (n + 1)) for n in range(6)]
    start = threading.Barrier(len(contents))

    def put(content: bytes) -> bool:
        start.wait(timeout=10)
        for _ in range(3):
            storage.put(KEY, content, WEBP)
        return storage.get(KEY) in contents

    with ThreadPoolExecutor(len(contents)) as pool:
        assert all(pool.map(put, contents))
    assert storage.get(KEY) in contents and len(list(storage.list())) == 1


def test_readers_see_complete_objects_while_processes_put(open_storage: OpenStorage) -> None:
    storage, sizes = open_storage(), {"A": 3_000_000, "B": 1_000_000}
    storage.put(KEY, b"A" * sizes["A"], WEBP)
    reads = 0
    with (
        writer(open_storage, "A", sizes["A"], 12) as first,
        writer(open_storage, "B", sizes["B"], 12) as second,
    ):
        while first.poll() is None or second.poll() is None:
            content = storage.get(KEY)
            letter = content[:1].decode()
            assert content == letter.encode() * sizes[letter]
            reads += 1

    assert (first.returncode, second.returncode) == (0, 0)
    assert reads


def test_put_killed_in_the_middle_leaves_no_part_of_an_object(open_storage: OpenStorage) -> None:
    storage, byte_count = open_storage(), 48_000_000
    killed = 0
    for delay_ms in (0, 5, 10, 20, 30, 45, 60, 80):
        storage.delete(KEY)
        with writer(open_storage, "K", byte_count, 1) as process:
            try:
                process.wait(timeout=delay_ms / 1000)
            except subprocess.TimeoutExpired:
                process.kill()
        killed += process.returncode == -9
        found = storage.head(KEY)
        assert found is None or found.byte_count == byte_count
        assert len(list(storage.list())) == (found is not None)

    assert killed
    storage.put(KEY, b"after", WEBP)
    assert storage.get(KEY) == b"after"
