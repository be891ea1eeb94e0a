"""The boto3 client of S3Storage: its time-outs, its retries and how it signs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

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
    """Tries of one request: throttling, 500s and broken connections are tried again."""

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
