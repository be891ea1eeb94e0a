"""A real S3 server (moto's) as a process of its own, and clean buckets in it.

Run as a module it serves on a free port and prints its address.
"""

import functools
import secrets
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from moto.server import ThreadedMotoServer

from services.storage.s3_client import make_client
from services.storage.s3_place import S3Place
from services.storage.s3_storage import S3Storage

PROJECT = Path(__file__).parents[1]
START_LIMIT_SECONDS = 30.0
ACCESS_KEY_ID = "AKIATESTTESTTESTTEST"
SECRET_ACCESS_KEY = "test-secret/0123456789+abcdefghijklmnop"


@contextmanager
def running_s3() -> Iterator[str]:
    """Its URL, once it answers; it ends with the block."""
    command = [sys.executable, "-m", "tests.s3_server"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            ready, _, _ = select.select([process.stdout], [], [], START_LIMIT_SECONDS)
            assert ready, f"the S3 server did not answer within {START_LIMIT_SECONDS} s"
            line = process.stdout.readline()
            assert "http://" in line, "the S3 server ended by itself"
            yield line.strip()
        finally:
            process.terminate()


def place_at(url: str, bucket: str, attempts: int = 4) -> S3Place:
    """A bucket at a server."""
    return S3Place(
        bucket=bucket,
        endpoint_url=url,
        region="us-east-1",
        access_key_id=ACCESS_KEY_ID,
        secret_access_key=SECRET_ACCESS_KEY,
        attempts=attempts,
    )


def new_bucket(url: str) -> str:
    """The name of an empty bucket."""
    name = f"pictures-{secrets.token_hex(6)}"
    shared_client(place_at(url, name)).create_bucket(Bucket=name)
    return name


def shared_client(place: S3Place) -> Any:
    """A client for every bucket of a server: making one takes 150 ms."""
    return _client_of(replace(place, bucket="any"))


@functools.cache
def _client_of(place: S3Place) -> Any:
    return make_client(place)


def open_s3(url: str, bucket: str) -> S3Storage:
    """A storage on a bucket; picklable as a partial."""
    return S3Storage(place_at(url, bucket), shared_client)


def opener(url: str) -> functools.partial[S3Storage]:
    """Opens the same new bucket once more, each time."""
    return functools.partial(open_s3, url, new_bucket(url))


def main() -> None:
    """Serve until SIGTERM."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
