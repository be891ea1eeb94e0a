"""The boto3 client of S3Storage: time-outs, retries, presigned addresses, and its errors in words.

Errors carry an operator's sentence, never a secret.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
)

from services.core.errors import ObjectMissingError, StorageError
from services.storage.base import PublicUrl

CONNECT_SECONDS = 3
READ_SECONDS = 20
POOL_SIZE = 32


@dataclass(frozen=True)
class S3Place:
    """Where the bucket is and how to get in; without keys the machine's own credentials count."""

    bucket: str
    endpoint_url: str | None = None
    region: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    attempts: int = 4
    """Tries of one request: throttling, 500s and broken connections are retried."""

    @property
    def server(self) -> str:
        """The server's name, for sentences."""
        return (self.endpoint_url and urlsplit(self.endpoint_url).hostname) or "S3"


class OneClient:
    """Makes the client when it is first needed, once; the client itself is thread-safe."""

    def __init__(self, place: S3Place, make: Callable[[S3Place], Any]) -> None:
        self._place = place
        self._make = make
        self._lock = Lock()
        self._client: Any = None

    def __call__(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._make(self._place)
            return self._client


def make_client(place: S3Place) -> Any:
    """A client of its own session: boto3's default session is not thread-safe."""
    # At DEBUG it logs signatures, and with them presigned addresses.
    logging.getLogger("botocore").setLevel(logging.INFO)
    session = boto3.session.Session(
        aws_access_key_id=place.access_key_id,
        aws_secret_access_key=place.secret_access_key,
        aws_session_token=place.session_token,
        region_name=place.region,
    )
    region = session.region_name or "us-east-1"
    return session.client(
        "s3", region_name=region, endpoint_url=place.endpoint_url, config=_config(place)
    )


def _config(place: S3Place) -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        tcp_keepalive=True,
        max_pool_connections=POOL_SIZE,
        retries={"mode": "standard", "total_max_attempts": place.attempts},
        # Signed, so that every server checks the bytes that arrive against their hash.
        s3={
            "addressing_style": "path" if place.endpoint_url else "auto",
            "payload_signing_enabled": True,
        },
        # The checksums that newer clients add by themselves are refused by many other servers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


LIFE_SECONDS = 900
WINDOW_SECONDS = 300
_MOST = 4096


class PresignedUrls:
    """Caches the addresses of one window. `sign(key, download_name, seconds)` makes one."""

    def __init__(
        self,
        sign: Callable[[str, str | None, int], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sign = sign
        self._clock = clock
        self._lock = Lock()
        self._window = -1
        self._made: dict[tuple[str, str | None], tuple[str, float]] = {}

    def get(self, key: str, download_name: str | None) -> PublicUrl:
        """An address that is good for ten to fifteen minutes."""
        now = self._clock()
        asked = (key, download_name)
        with self._lock:
            if int(now // WINDOW_SECONDS) != self._window or len(self._made) >= _MOST:
                self._window = int(now // WINDOW_SECONDS)
                self._made.clear()
            known = self._made.get(asked)
            if known is None:
                known = (self._sign(key, download_name, LIFE_SECONDS), now + LIFE_SECONDS)
                self._made[asked] = known
        url, expires_at = known
        return PublicUrl(url, int(expires_at - now))


_MISSING = {"NoSuchKey", "NotFound", "404"}
_THROTTLED = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"}
_NO_BUCKET = "there is no bucket {bucket} at {server}; check S3_BUCKET and S3_ENDPOINT_URL"
_REGION = "the bucket is in another region; set AWS_REGION to the bucket's"
_SENTENCES = {
    "NoSuchBucket": _NO_BUCKET,
    "InvalidAccessKeyId": "{server} does not know this AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
    "RequestTimeTooSkewed": "this machine's clock is wrong by more than S3 allows; set it",
    "ExpiredToken": "the AWS credentials have expired; set new ones",
    "InvalidToken": "AWS_SESSION_TOKEN does not belong to the other AWS credentials",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
}
_DENIED = (
    "{server} denies access to bucket {bucket}; the key needs s3:GetObject, s3:PutObject and "
    "s3:DeleteObject on its objects and s3:ListBucket on the bucket itself"
)
_NO_CREDENTIALS = (
    "there are no S3 credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or give this machine a role"
)


@contextmanager
def s3_errors(bucket: str, server: str, key: str = "") -> Iterator[None]:
    """Turn what the client raises into StorageError, and a missing key into ObjectMissingError."""
    try:
        yield
    except ClientError as error:
        # From None: the chain would carry the vendor's text into every log.
        if is_missing(error):
            raise ObjectMissingError(key=key) from None
        reason = _refusal(error).format(bucket=bucket, server=server)
        raise StorageError(reason=reason, key=key) from None
    except BotoCoreError as error:
        raise StorageError(reason=_failure(error).format(server=server), key=key) from None


def no_bucket(bucket: str, server: str) -> str:
    """The sentence for a bucket that is not there."""
    return _NO_BUCKET.format(bucket=bucket, server=server)


def is_missing(error: ClientError) -> bool:
    """Whether the key is not there; a missing bucket is another matter."""
    return code_of(error) in _MISSING


def code_of(error: ClientError) -> str:
    """S3's word for the error, or the status where the answer had no body."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return re.sub(r"[^\w.]", "", code)[:60] or str(status_of(error))


def status_of(error: ClientError) -> int:
    """The answer's HTTP status; 0 when the client made the error up."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _refusal(error: ClientError) -> str:
    code, status = code_of(error), status_of(error)
    if code in _SENTENCES:
        return _SENTENCES[code]
    if code in _THROTTLED or status == 429:
        return "{server} asks to slow down"
    if status in (401, 403):
        return _DENIED
    if status in (301, 307):
        return _REGION
    return f"{{server}} answered {status} {code}"


def _failure(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return _NO_CREDENTIALS
    if isinstance(error, ProxyConnectionError):
        return "the proxy before {server} does not answer"
    if isinstance(error, HTTPClientError | EndpointConnectionError):
        return f"{{server}} does not answer ({type(error).__name__})"
    return f"the S3 client failed ({type(error).__name__})"
