"""The boto3 client of S3Storage: time-outs, retries and presigned addresses."""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from services.storage.base import PublicUrl
from services.storage.s3_place import S3Place

CONNECT_SECONDS = 3
READ_SECONDS = 20
POOL_SIZE = 32


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
            "addressing_style": place.style,
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
