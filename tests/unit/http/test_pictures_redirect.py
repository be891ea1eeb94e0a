"""Originals that a browser fetches from the store itself: where it is sent, and for how long."""

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.core.errors import StorageError
from services.storage.base import PublicUrl
from services.storage.keys import original_key, thumbnail_key
from services.storage.local_storage import LocalStorage
from services.web.pictures import PictureSigner, picture_routes

SHA = hashlib.sha256(b"a picture").hexdigest()
KEY, SMALL_KEY = original_key(SHA, "png"), thumbnail_key(SHA)
WINDOW = 3600
START = 1_800_000_000.0 // WINDOW * WINDOW


class PublicStorage(LocalStorage):
    """A store with addresses of its own."""

    seconds_left = 700

    def public_url(self, key: str, download_name: str | None = None) -> PublicUrl | None:
        return PublicUrl(f"https://s3.example/{key}?n={download_name}&secret=1", self.seconds_left)


@pytest.fixture
def storage(tmp_path: Path) -> PublicStorage:
    """It holds one picture and its thumbnail."""
    store = PublicStorage(tmp_path)
    store.put(KEY, b"a picture", "image/png")
    store.put(SMALL_KEY, b"small", "image/webp")
    return store


@pytest.fixture
def signer() -> PictureSigner:
    """A signer whose links live 7190 seconds."""
    return PictureSigner("a secret", WINDOW, clock=lambda: START + 10)


@pytest.fixture
def browser(storage: PublicStorage, signer: PictureSigner) -> Iterator[TestClient]:
    """A client that does not follow."""
    routes = picture_routes(lambda: storage, signer)
    with TestClient(Starlette(routes=routes), follow_redirects=False) as client:
        yield client


def test_original_is_fetched_from_the_store(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.get(signer.url(KEY))

    assert reply.status_code == 302
    assert reply.headers["location"] == f"https://s3.example/{KEY}?n=&secret=1"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.content == b"" and "etag" not in reply.headers


def test_download_keeps_its_cleaned_name(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.get(signer.url(KEY, download_name="../fox.png"))

    assert "?n=fox.png&" in reply.headers["location"]


@pytest.mark.parametrize(("seconds_left", "kept"), [(700, 640), (50, 0), (100_000, 7190)])
def test_redirect_is_cached_for_less_than_its_address_lives(
    browser: TestClient,
    storage: PublicStorage,
    signer: PictureSigner,
    seconds_left: int,
    kept: int,
) -> None:
    storage.seconds_left = seconds_left

    reply = browser.get(signer.url(KEY))

    assert reply.headers["cache-control"] == f"private, max-age={kept}"


def test_thumbnail_comes_through_our_own_route(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.get(signer.url(SMALL_KEY))

    assert (reply.status_code, reply.content) == (200, b"small")
    assert "immutable" in reply.headers["cache-control"]


def test_redirect_needs_a_signature(browser: TestClient) -> None:
    reply = browser.get(f"/img/{KEY}?e=9999999999&s=x")

    assert reply.status_code == 403 and "location" not in reply.headers


def test_head_is_answered_here(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.head(signer.url(KEY))

    assert (reply.status_code, reply.headers["content-length"]) == (200, "9")


def test_store_that_cannot_sign_is_unavailable(
    browser: TestClient,
    storage: PublicStorage,
    signer: PictureSigner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(key: str, download_name: str | None = None) -> PublicUrl:
        raise StorageError(reason="no credentials", key=key)

    monkeypatch.setattr(storage, "public_url", fail)

    assert browser.get(signer.url(KEY)).status_code == 503


def test_address_is_in_no_log(
    browser: TestClient, signer: PictureSigner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser.get(signer.url(KEY))

    assert "secret=1" not in caplog.text
