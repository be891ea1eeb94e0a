"""S3 behind a proxy that plays what goes wrong: what is tried again, and what is said in the end."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.core.errors import ObjectDamagedError, ObjectMissingError, StorageError
from services.storage.keys import original_key, thumbnail_key, weights_key
from services.storage.s3_place import S3Place
from services.storage.s3_storage import S3Storage
from tests.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, new_bucket, place_at, shared_client

CONTENT = bytes(range(256)) * 2_000
KEY = original_key(hashlib.sha256(CONTENT).hexdigest(), "png")
SMALL_KEY = thumbnail_key(hashlib.sha256(CONTENT).hexdigest())
WEIGHTS_KEY = weights_key(hashlib.sha256(CONTENT).hexdigest())
PNG, WEBP, PLAIN = "image/png", "image/webp", "application/octet-stream"


@pytest.fixture(scope="module")
def module_proxy(s3_url: str) -> Iterator[FaultProxy]:
    """A proxy before the S3 server."""
    with fault_proxy(s3_url) as opened:
        yield opened


@pytest.fixture
def proxy(module_proxy: FaultProxy) -> FaultProxy:
    """The proxy without faults."""
    module_proxy.order()
    return module_proxy


@pytest.fixture
def place(proxy: FaultProxy, s3_url: str) -> S3Place:
    """A new bucket, seen through the proxy."""
    return place_at(proxy.url, new_bucket(s3_url))


@pytest.fixture
def direct(place: S3Place, s3_url: str) -> S3Storage:
    """The same bucket without the proxy."""
    return S3Storage(replace(place, endpoint_url=s3_url), shared_client)


@pytest.fixture
def storage(place: S3Place) -> S3Storage:
    """The storage under test."""
    return S3Storage(place, shared_client)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file that holds CONTENT."""
    path = tmp_path / "lora.safetensors"
    path.write_bytes(CONTENT)
    return path


def refused(ask: Callable[[], object]) -> StorageError:
    """The error, which names no secret."""
    with pytest.raises(StorageError) as caught:
        ask()
    assert SECRET_ACCESS_KEY not in repr(caught.value) and ACCESS_KEY_ID not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


TRANSIENT = [
    Fault("answer", status=503, code="SlowDown"),
    Fault("answer", status=500, code="InternalError"),
    Fault("cut"),
    Fault("lose"),
    Fault("slow", seconds=0.2),
]


@pytest.mark.parametrize("fault", TRANSIENT, ids=lambda fault: f"{fault.way}-{fault.code}")
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_transient_fault_is_retried(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage, fault: Fault, method: str
) -> None:
    if method == "GET":
        direct.put(KEY, CONTENT, PNG)
    proxy.order(replace(fault, method=method))

    if method == "PUT":
        storage.put(KEY, CONTENT, PNG)
    else:
        assert storage.get(KEY) == CONTENT

    assert direct.get(KEY) == CONTENT
    assert proxy.count(method) == (1 if fault.way == "slow" else 2)


@pytest.mark.parametrize("fault", TRANSIENT, ids=lambda fault: f"{fault.way}-{fault.code}")
def test_file_is_sent_anew_from_its_beginning(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage, fault: Fault, weights: Path
) -> None:
    proxy.order(replace(fault, method="PUT"))

    storage.put_file(WEIGHTS_KEY, weights, PLAIN)

    assert direct.get(WEIGHTS_KEY) == CONTENT
    assert proxy.count("PUT") == (1 if fault.way == "slow" else 2)


def test_throttling_that_stays_ends_after_the_attempts(proxy: FaultProxy, place: S3Place) -> None:
    storage = S3Storage(replace(place, attempts=2), shared_client)
    proxy.order(Fault("answer", method="PUT", times=None))

    error = refused(lambda: storage.put(KEY, CONTENT, PNG))

    assert "asks to slow down" in error.sentence and proxy.count("PUT") == 2


def test_dead_server_is_named(place: S3Place) -> None:
    storage = S3Storage(replace(place, endpoint_url="http://127.0.0.1:9", attempts=1))

    assert "127.0.0.1 does not answer" in refused(lambda: storage.get(KEY)).sentence


def test_truncated_body_is_taken_up_where_it_ended(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage
) -> None:
    direct.put(KEY, CONTENT, PNG)
    proxy.order(Fault("truncate", times=2))

    assert storage.get(KEY) == CONTENT

    resumed = [seen.headers.get("range") for seen in proxy.seen if seen.method == "GET"]
    assert resumed == [None, "bytes=256000-", "bytes=384000-"]
    proxy.order(Fault("truncate"))
    with storage.open(KEY) as stream:
        assert stream.read(10) + stream.read() == CONTENT


def test_body_that_stays_cut_is_given_up(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage
) -> None:
    direct.put(SMALL_KEY, b"x", WEBP)
    proxy.order(Fault("truncate", times=None))

    assert "broke off several times" in refused(lambda: storage.get(SMALL_KEY)).sentence
    assert proxy.count("GET") == 4


@pytest.mark.parametrize("key", [KEY, SMALL_KEY, WEIGHTS_KEY])
def test_changed_bytes_are_detected_and_reread(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage, key: str
) -> None:
    direct.put(key, CONTENT, PNG)
    proxy.order(Fault("corrupt", times=2))

    assert storage.get(key) == CONTENT and proxy.count("GET") == 3


@pytest.mark.parametrize("key", [KEY, SMALL_KEY, WEIGHTS_KEY])
def test_bytes_that_stay_wrong_are_never_given_out(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage, key: str
) -> None:
    direct.put(key, CONTENT, PNG)
    proxy.order(Fault("corrupt", times=None))

    assert isinstance(refused(lambda: storage.get(key)), ObjectDamagedError)
    with storage.open(key) as stream, pytest.raises(ObjectDamagedError):
        stream.read()


def test_replaced_original_is_damaged_until_it_is_restored(
    storage: S3Storage, place: S3Place
) -> None:
    shared_client(place).put_object(Bucket=place.bucket, Key=KEY, Body=b"something else")

    assert isinstance(refused(lambda: storage.get(KEY)), ObjectDamagedError)
    storage.put(KEY, CONTENT, PNG)
    assert storage.get(KEY) == CONTENT


def test_wrong_bytes_are_not_put_under_an_originals_key(
    proxy: FaultProxy, storage: S3Storage
) -> None:
    assert "not those that the key names" in refused(lambda: storage.put(KEY, b"x", PNG)).sentence
    assert proxy.seen == []


def test_wrong_file_is_not_put_under_a_weights_key(
    proxy: FaultProxy, storage: S3Storage, weights: Path
) -> None:
    weights.write_bytes(CONTENT + b"x")

    error = refused(lambda: storage.put_file(WEIGHTS_KEY, weights, PLAIN))

    assert "not those that the key names" in error.sentence and proxy.seen == []


def test_file_is_sent_with_its_hash_on_a_condition_and_once(
    proxy: FaultProxy, storage: S3Storage, place: S3Place, weights: Path
) -> None:
    storage.put_file(WEIGHTS_KEY, weights, PLAIN)
    storage.put_file(WEIGHTS_KEY, weights, PLAIN)

    assert [seen.method for seen in proxy.seen] == ["PUT", "PUT", "HEAD"]
    assert proxy.seen[0].headers["if-none-match"] == "*"
    assert proxy.seen[0].headers["x-amz-content-sha256"] == hashlib.sha256(CONTENT).hexdigest()
    found = shared_client(place).head_object(Bucket=place.bucket, Key=WEIGHTS_KEY)
    assert found["ContentType"] == PLAIN and "immutable" in found["CacheControl"]


def test_file_replaces_damaged_weights(storage: S3Storage, place: S3Place, weights: Path) -> None:
    shared_client(place).put_object(Bucket=place.bucket, Key=WEIGHTS_KEY, Body=b"something else")

    assert isinstance(refused(lambda: storage.get(WEIGHTS_KEY)), ObjectDamagedError)
    storage.put_file(WEIGHTS_KEY, weights, PLAIN)
    assert storage.get(WEIGHTS_KEY) == CONTENT


def test_file_goes_to_a_server_without_conditions_and_hashes(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage, weights: Path
) -> None:
    proxy.order(
        Fault("answer", "PUT", None, code="NotImplemented", status=501, only_with="if-none-match"),
        Fault(
            "answer",
            "PUT",
            None,
            code="InvalidArgument",
            status=400,
            only_with="x-amz-checksum-sha256",
        ),
        Fault("blind", "PUT"),
    )

    storage.put_file(WEIGHTS_KEY, weights, PLAIN)

    assert [seen.method for seen in proxy.seen] == ["PUT", "PUT", "PUT", "HEAD"]
    assert direct.get(WEIGHTS_KEY) == CONTENT


def test_second_put_sends_a_condition_and_changes_nothing(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage
) -> None:
    storage.put(KEY, CONTENT, PNG)
    before = direct.head(KEY)
    proxy.order()
    storage.put(KEY, CONTENT, PNG)

    assert direct.head(KEY) == before
    assert [seen.method for seen in proxy.seen] == ["PUT", "HEAD"]
    assert proxy.seen[0].headers["if-none-match"] == "*"
    assert proxy.seen[0].headers["x-amz-content-sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_race_with_another_writer_is_settled(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage
) -> None:
    conflict = Fault("answer", "PUT", status=409, code="ConditionalRequestConflict")
    proxy.order(conflict)

    storage.put(KEY, CONTENT, PNG)

    assert direct.get(KEY) == CONTENT


@pytest.mark.parametrize(("status", "code"), [(501, "NotImplemented"), (400, "InvalidArgument")])
def test_server_without_conditions_is_asked_without_them_from_then_on(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage, status: int, code: str
) -> None:
    proxy.order(
        Fault("answer", "PUT", None, status=status, code=code, only_with="if-none-match"),
        Fault("answer", "PUT", None, status=status, code=code, only_with="x-amz-checksum-sha256"),
    )
    storage.put(KEY, CONTENT, PNG)
    assert proxy.count("PUT") == 3
    storage.put(SMALL_KEY, b"small", WEBP)

    assert proxy.count("PUT") == 4
    assert (direct.get(KEY), direct.get(SMALL_KEY)) == (CONTENT, b"small")


def test_bad_request_does_not_turn_conditions_off(proxy: FaultProxy, storage: S3Storage) -> None:
    proxy.order(Fault("answer", "PUT", 3, status=400, code="InvalidRequest"))
    assert "answered 400 InvalidRequest" in refused(lambda: storage.put(KEY, CONTENT, PNG)).sentence

    storage.put(KEY, CONTENT, PNG)

    assert proxy.seen[-1].headers["if-none-match"] == "*"


def test_put_without_a_hash_in_the_answer_is_verified_by_head(
    proxy: FaultProxy, storage: S3Storage
) -> None:
    proxy.order(Fault("blind", "PUT"))

    storage.put(KEY, CONTENT, PNG)

    assert [seen.method for seen in proxy.seen] == ["PUT", "HEAD"]


def test_put_that_left_no_object_is_a_failure(proxy: FaultProxy, storage: S3Storage) -> None:
    missing = Fault("answer", "HEAD", None, status=404, code="NotFound")
    proxy.order(Fault("blind", "PUT", None), missing)

    assert "other bytes" in refused(lambda: storage.put(SMALL_KEY, b"small", WEBP)).sentence


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AccessDenied", "s3:PutObject"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY does not belong"),
        (403, "RequestTimeTooSkewed", "clock"),
        (400, "ExpiredToken", "expired"),
        (400, "AuthorizationHeaderMalformed", "AWS_REGION"),
        (404, "NoSuchBucket", "S3_BUCKET"),
        (418, "Teapot<script>", "answered 418"),
    ],
)
def test_refusal_names_the_fix_and_is_not_retried(
    proxy: FaultProxy, storage: S3Storage, status: int, code: str, words: str
) -> None:
    for method, ask in {
        "PUT": lambda: storage.put(KEY, CONTENT, PNG),
        "GET": lambda: storage.get(KEY),
        "DELETE": lambda: storage.delete(KEY),
    }.items():
        proxy.order(Fault("answer", method, None, status=status, code=code.replace("<", "&lt;")))
        error = refused(ask)
        assert words in error.sentence and "<" not in error.sentence
        assert not isinstance(error, ObjectMissingError) and proxy.count(method) == 1


def test_missing_bucket_is_no_missing_object(place: S3Place, weights: Path) -> None:
    storage = S3Storage(replace(place, bucket="nowhere-at-all"), shared_client)
    for ask in (
        lambda: storage.get(KEY),
        lambda: storage.head(KEY),
        lambda: storage.put(KEY, CONTENT, PNG),
        lambda: storage.put_file(WEIGHTS_KEY, weights, PLAIN),
        lambda: storage.delete(KEY),
        lambda: list(storage.list()),
        storage.check,
    ):
        error = refused(ask)
        assert "no bucket nowhere-at-all at 127.0.0.1" in error.sentence
        assert not isinstance(error, ObjectMissingError)


def test_storage_without_credentials_names_the_settings(
    place: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    storage = S3Storage(replace(place, access_key_id=None, secret_access_key=None))

    assert "no S3 credentials" in refused(lambda: storage.get(KEY)).sentence


def test_failed_page_of_a_list_is_retried(
    proxy: FaultProxy, storage: S3Storage, direct: S3Storage
) -> None:
    direct.put(KEY, CONTENT, PNG)
    proxy.order(Fault("answer", "GET", 1, status=500, code="InternalError"))

    assert [found.key for found in storage.list("originals/")] == [KEY]
