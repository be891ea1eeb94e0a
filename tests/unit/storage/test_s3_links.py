"""Presigned addresses: how long they live, and that they stay the same for a while."""

import hashlib
import logging
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from services.core.errors import StorageError
from services.storage.keys import original_key
from services.storage.s3_client import (
    LIFE_SECONDS,
    WINDOW_SECONDS,
    OneClient,
    PresignedUrls,
)
from services.storage.s3_place import S3Place
from services.storage.s3_storage import S3Storage

KEY = original_key(hashlib.sha256(b"x").hexdigest(), "png")
PLACE = S3Place("pictures", "https://s3.example", "eu-central-1", "AKIATEST0", "secret-text-0123")


class Clock:
    """A clock that is set by hand, and a signer that counts."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0 // WINDOW_SECONDS * WINDOW_SECONDS
        self.signed = 0

    def sign(self, key: str, name: str | None, seconds: int) -> str:
        self.signed += 1
        return f"https://s3.example/{key}?{name}&{seconds}&{self.signed}"


def test_address_is_the_same_inside_a_window_and_lives_past_it() -> None:
    clock = Clock()
    links = PresignedUrls(clock.sign, lambda: clock.now)
    first = links.get(KEY, None)
    assert first.seconds_left == LIFE_SECONDS <= 900
    clock.now += WINDOW_SECONDS - 1
    last = links.get(KEY, None)
    assert last.url == first.url
    assert last.seconds_left == LIFE_SECONDS - WINDOW_SECONDS + 1
    clock.now += 1
    assert links.get(KEY, None).url != first.url


def test_each_name_has_its_own_address() -> None:
    clock = Clock()
    links = PresignedUrls(clock.sign, lambda: clock.now)
    assert links.get(KEY, None) != links.get(KEY, "fox.png")
    assert links.get(KEY, "fox.png") == links.get(KEY, "fox.png")
    assert clock.signed == 2


def test_address_cache_is_bounded() -> None:
    clock = Clock()
    links = PresignedUrls(clock.sign, lambda: clock.now)
    for number in range(10_000):
        links.get(KEY, str(number))
    assert len(links._made) <= 4096


def test_presigned_url_fixes_the_response_headers() -> None:
    url = S3Storage(PLACE).presigned_url(KEY, expires_seconds=60, download_name="Fée.png")
    parts = urlsplit(url)
    asked = {name: value for name, [value] in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("s3.example", f"/pictures/{KEY}")
    assert asked["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256" and asked["X-Amz-Expires"] == "60"
    assert asked["response-content-type"] == "image/png"
    assert asked["response-content-disposition"].startswith('attachment; filename="F_e.png"')
    assert "secret-text" not in url


@pytest.mark.parametrize("seconds", [0, -1, 901, 604_800])
def test_presigned_url_lives_fifteen_minutes_at_most(seconds: int) -> None:
    with pytest.raises(ValueError, match="900"):
        S3Storage(PLACE).presigned_url(KEY, expires_seconds=seconds)


def test_only_keys_are_presigned() -> None:
    with pytest.raises(StorageError):
        S3Storage(PLACE).public_url("../../etc/passwd")


def test_neither_logs_nor_the_objects_show_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    storage = S3Storage(PLACE)
    public = storage.public_url(KEY, "fox.png")

    assert public is not None and "X-Amz-Signature=" in public.url
    said = caplog.text + repr(PLACE) + repr(storage) + repr(public)
    assert "secret-text" not in said and "Signature" not in said


def test_threads_share_one_client() -> None:
    made: list[S3Place] = []
    start = threading.Barrier(8)

    def make(place: S3Place) -> object:
        made.append(place)
        return object()

    client = OneClient(PLACE, make)
    found: list[object] = []

    def ask() -> None:
        start.wait(timeout=5)
        found.append(client())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(set(map(id, found))) == 1
