"""Each reason for which an S3 server refuses: the words name the setting or the right to change.

The codes and messages are those of AWS, MinIO, Ceph, Cloudflare R2, Google and Backblaze.
"""

import hashlib
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from services.core.errors import ObjectMissingError, StorageError
from services.core.server_problem import problem_of
from services.storage.keys import original_key
from services.storage.s3_place import S3Place
from services.storage.s3_storage import S3Storage
from tests.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, new_bucket, place_at, shared_client

CONTENT = b"picture"
KEY = original_key(hashlib.sha256(CONTENT).hexdigest(), "png")
PUT, GET, LIST, DELETE = "put", "get", "list", "delete"
METHODS = {PUT: "PUT", GET: "GET", LIST: "GET", DELETE: "DELETE"}


@pytest.fixture(scope="module")
def proxy(s3_url: str) -> Iterator[FaultProxy]:
    with fault_proxy(s3_url) as opened:
        yield opened


@pytest.fixture
def place(proxy: FaultProxy, s3_url: str) -> S3Place:
    proxy.order()
    return place_at(proxy.url, new_bucket(s3_url), attempts=1)


def asking(storage: S3Storage, operation: str) -> Callable[[], object]:
    """One call of an operation."""
    return {
        PUT: lambda: storage.put(KEY, CONTENT, "image/png"),
        GET: lambda: storage.get(KEY),
        LIST: lambda: list(storage.list()),
        DELETE: lambda: storage.delete(KEY),
        "head": lambda: storage.head(KEY),
    }[operation]


def refused(ask: Callable[[], object]) -> tuple[str, str]:
    """The reason's code and the sentence, which hold no secret."""
    with pytest.raises(StorageError) as caught:
        ask()
    problem = problem_of(caught.value)
    assert problem is not None and not isinstance(caught.value, ObjectMissingError)
    text = f"{caught.value!r} {problem.as_json()}"
    assert SECRET_ACCESS_KEY not in text and ACCESS_KEY_ID not in text
    assert problem.fix.rstrip(".") in caught.value.sentence
    return problem.code, caught.value.sentence


USER = "User: arn:aws:iam::123456789012:user/atelier is not authorized to perform: "
REFUSALS = [
    (PUT, 403, "AccessDenied", USER + "kms:GenerateDataKey on resource: arn:aws:kms:…",
     "kms_right", "right kms:GenerateDataKey"),
    (GET, 403, "AccessDenied", USER + "kms:Decrypt on the resource associated with this ciphertext",
     "kms_right", "right kms:Decrypt"),
    (PUT, 400, "KMS.DisabledException", "arn:aws:kms:eu-central-1:1:key/1 is disabled.",
     "kms_key", "Enable that key in KMS"),
    (GET, 400, "KMS.NotFoundException", "Invalid arn", "kms_key", "KMS.NotFoundException"),
    (GET, 400, "KMS.KMSInvalidStateException", "arn is pending deletion.", "kms_key", "KMS"),
    (PUT, 501, "NotImplemented", "Server side encryption specified but KMS is not configured",
     "kms_key", "default encryption"),
    (PUT, 403, "AccessDenied", USER + "s3:PutObject on resource: … because no identity-based"
     " policy allows the s3:PutObject action", "right_missing", "no right s3:PutObject"),
    (GET, 403, "AccessDenied", USER + "s3:ListBucket on resource: …",
     "right_missing", "no right s3:ListBucket"),
    (PUT, 403, "AccessDenied", USER + "s3:PutObject on resource: … with an explicit deny in a"
     " resource-based policy", "policy_denies", "resource-based policy denies s3:PutObject"),
    (LIST, 403, "AccessDenied", USER + "s3:ListBucket on resource: … with an explicit deny in a"
     " service control policy", "policy_denies", "service control policy denies s3:ListBucket"),
    (GET, 403, "AccessDenied", USER + "s3:GetObject … with an explicit deny in a VPC endpoint"
     " policy", "policy_denies", "VPC endpoint policy"),
    (LIST, 403, "AccessDenied", "Access Denied", "denied", "denies s3:ListBucket"),
    (PUT, 403, "AccessDenied", "Access Denied", "denied", "denies s3:PutObject"),
    (GET, 401, "Unauthorized", "Unauthorized", "denied", "denies s3:GetObject"),
    (GET, 403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist",
     "key_id", "AWS_ACCESS_KEY_ID"),
    (GET, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match",
     "signature", "Host header"),
    (GET, 403, "RequestTimeTooSkewed", ("The difference between the request time and the current"
     " time is too large."), "clock", "Set the clock"),
    (GET, 400, "ExpiredToken", "The provided token has expired.", "expired", "AWS_SESSION_TOKEN"),
    (GET, 400, "InvalidToken", "The provided token is malformed", "session_token", "lasting key"),
    (GET, 400, "AuthorizationHeaderMalformed", ("The authorization header is malformed; the region"
     " 'us-east-1' is wrong; expecting 'eu-central-1'"), "region", "region, eu-central-1"),
    (GET, 400, "InvalidRegionName", ("The region name 'eu-central-1' is not valid. Must be one of:"
     " wnam, enam, weur, eeur, apac, auto"), "region", "Set AWS_REGION"),
    (PUT, 301, "PermanentRedirect", ("The bucket you are attempting to access must be addressed"
     " using the specified endpoint."), "region", "Set AWS_REGION"),
    (PUT, 403, "SecondLevelDomainForbidden", ("The bucket you are attempting to access must be"
     " addressed using OSS third level domain."), "addressing", "S3_ADDRESSING_STYLE to virtual"),
    (PUT, 403, "InvalidPathAccess", "Path style access is not supported", "addressing", "virtual"),
    (PUT, 411, "MissingContentLength", "You must provide the Content-Length HTTP header.",
     "checksum", "proxy pass requests on unchanged"),
    (PUT, 400, "XAmzContentSHA256Mismatch", ("The provided 'x-amz-content-sha256' header does not"
     " match what was computed."), "checksum", "proxy"),
    (PUT, 400, "InvalidRequest", ("Content-MD5 OR x-amz-checksum- HTTP header is required for Put"
     " Object requests with Object Lock parameters"), "object_lock", "without Object Lock"),
    (DELETE, 403, "AccessDenied", "Access Denied because object protected by object lock.",
     "object_lock", "retention ends"),
    (DELETE, 400, "ObjectLocked", "Object is WORM protected and cannot be overwritten",
     "object_lock", "Object Lock"),
    (PUT, 403, "QuotaExceeded", "", "quota", "Raise the quota"),
    (PUT, 507, "XMinioStorageFull", "Storage backend has reached its minimum free drive threshold.",
     "quota", "free space"),
    (PUT, 400, "XMinioAdminBucketQuotaExceeded", "Bucket quota exceeded", "quota", "quota"),
    (PUT, 403, "AccessDenied", "Cannot upload files, storage cap exceeded.", "quota", "quota"),
    (GET, 400, "UserProjectMissing", ("Bucket is a requester pays bucket but no user project"
     " provided."), "requester_pays", "Turn Requester Pays off"),
    (GET, 403, "InvalidObjectState", "The operation is not valid for the object's storage class",
     "archived", "lifecycle rule"),
    (PUT, 400, "EntityTooLarge", "", "too_large", "client_max_body_size"),
    (PUT, 413, "413", "", "too_large", "client_max_body_size"),
    (PUT, 503, "SlowDown", "Please reduce your request rate.", "throttled", "slow down"),
    (PUT, 429, "TooManyRequests", "", "throttled", "slow down"),
    (PUT, 503, "XMinioServerNotInitialized", "Server not initialized yet", "unavailable", "503"),
    (PUT, 402, "PaymentRequired", "", "account", "account"),
    (GET, 403, "AccountProblem", "", "account", "account"),
    (GET, 400, "InvalidBucketName", "", "bucket_name", "S3_BUCKET"),
    (GET, 405, "MethodNotAllowed", "", "not_s3", "MinIO's is 9000"),
    (GET, 418, "Teapot", "I am short", "unknown", "answered 418 Teapot"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "status", "code", "message", "reason", "words"),
    REFUSALS,
    ids=lambda value: str(value) if isinstance(value, int | str) and len(str(value)) < 32 else "",
)
def test_refusal_is_explained(
    proxy: FaultProxy,
    place: S3Place,
    operation: str,
    status: int,
    code: str,
    message: str,
    reason: str,
    words: str,
) -> None:
    storage = S3Storage(place, shared_client)
    proxy.order(
        Fault("answer", METHODS[operation], None, status=status, code=code, message=message)
    )

    found, sentence = refused(asking(storage, operation))

    assert found == reason and words in sentence


def test_refused_head_is_asked_again_for_its_reason(proxy: FaultProxy, place: S3Place) -> None:
    storage = S3Storage(place, shared_client)
    proxy.order(
        Fault("answer", "HEAD", None, status=400, code=""),
        Fault("answer", "GET", None, status=400, code="ExpiredToken", message="It has expired."),
    )

    assert refused(asking(storage, "head"))[0] == "expired"


def test_region_is_read_from_the_answer(proxy: FaultProxy, place: S3Place) -> None:
    storage = S3Storage(place, shared_client)
    moved = (("x-amz-bucket-region", "ap-southeast-2"),)
    proxy.order(Fault("answer", "GET", None, 301, "PermanentRedirect", headers=moved))

    assert "region, ap-southeast-2" in refused(asking(storage, GET))[1]


@pytest.mark.parametrize("status", [200, 403, 404])
def test_web_page_in_place_of_s3_is_named(proxy: FaultProxy, place: S3Place, status: int) -> None:
    storage = S3Storage(place, shared_client)
    kind = (("content-type", "text/html; charset=utf-8"),)
    page = b"<!doctype html><html><body>MinIO Console</body></html>"
    proxy.order(Fault("answer", "GET", None, status, headers=kind, body=page))

    code, sentence = refused(asking(storage, LIST))

    assert code == "not_s3" and "port of the S3 API" in sentence


def test_endpoint_with_the_bucket_in_its_path_fails_the_check(
    place: S3Place, proxy: FaultProxy
) -> None:
    doubled = replace(place, endpoint_url=f"{proxy.url}/{place.bucket}")
    storage = S3Storage(doubled, shared_client)
    storage.put(KEY, CONTENT, "image/png")
    assert storage.get(KEY) == CONTENT

    code, sentence = refused(storage.check)

    assert code == "listing" and "Remove the bucket's name from S3_ENDPOINT_URL" in sentence


def test_host_that_begins_with_the_bucket_is_named(proxy: FaultProxy, place: S3Place) -> None:
    doubled = replace(place, bucket="127", endpoint_url=proxy.url)
    proxy.order(Fault("answer", "GET", None, status=404, code="NoSuchBucket"))

    sentence = refused(asking(S3Storage(doubled, shared_client), LIST))[1]

    assert "127.0.0.1 begins with the bucket's name" in sentence


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which each connection is handed to `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def silence_at(place: S3Place, url: str) -> tuple[str, str]:
    return refused(asking(S3Storage(replace(place, endpoint_url=url)), GET))


def test_refused_connection_is_explained(place: S3Place) -> None:
    code, sentence = silence_at(place, "http://127.0.0.1:9")

    assert code == "refused" and "127.0.0.1 does not answer" in sentence


def test_unknown_host_is_explained(place: S3Place) -> None:
    code, sentence = silence_at(place, "http://no-such-host.invalid:9000")

    assert code == "dns" and "no-such-host.invalid" in sentence


def test_connection_that_breaks_off_is_explained(place: S3Place) -> None:
    with listening(lambda connection: connection.close()) as port:
        assert silence_at(place, f"http://127.0.0.1:{port}")[0] == "broken_off"


def test_plain_server_behind_https_is_explained(place: S3Place) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with listening(plain) as port:
        code, sentence = silence_at(place, f"https://127.0.0.1:{port}")

    assert code == "tls_plain" and "Write http://" in sentence


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for another host, with its key."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=minio.example", "-addext", "subjectAltName=DNS:minio.example"]
    subprocess.run(
        [*command, *names, "-keyout", path, "-out", path], check=True, capture_output=True
    )
    key = path.read_text()
    subprocess.run(
        ["openssl", "req", "-x509", "-key", path, "-days", "2", *names, "-out", path],
        check=True,
        capture_output=True,
    )
    path.write_text(key + path.read_text())
    return path


@pytest.mark.parametrize(
    ("is_trusted", "reason", "words"),
    [(False, "tls_untrusted", "AWS_CA_BUNDLE"), (True, "tls_name", "another name")],
)
def test_certificate_is_explained(
    place: S3Place,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_trusted: bool,
    reason: str,
    words: str,
) -> None:
    if is_trusted:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def encrypted(connection: socket.socket) -> None:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return

    with listening(encrypted) as port:
        code, sentence = silence_at(place, f"https://127.0.0.1:{port}")

    assert code == reason and words in sentence
