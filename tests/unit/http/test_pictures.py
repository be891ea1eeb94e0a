"""The signed picture route: who gets in, what is sent, and what a browser may keep."""

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from services.core.errors import ObjectMissingError, StorageError
from services.storage.keys import check_key, mark_key, original_key, thumbnail_key, weights_key
from services.storage.local_storage import LocalStorage
from services.web.pictures import PictureSigner, file_name, picture_routes
from services.web.streaming import PIECE_BYTES

SHA = hashlib.sha256(b"a picture").hexdigest()
KEY = original_key(SHA, "png")
WINDOW = 3600
START = 1_800_000_000.0 // WINDOW * WINDOW


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START + 10

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The signer's clock, ten seconds into a window."""
    return Clock()


@pytest.fixture
def signer(clock: Clock) -> PictureSigner:
    """A signer with that clock."""
    return PictureSigner("a secret", WINDOW, clock=clock)


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    """A store that holds one picture."""
    store = LocalStorage(tmp_path)
    store.put(KEY, b"the bytes", "image/png")
    return store


@pytest.fixture
def browser(storage: LocalStorage, signer: PictureSigner) -> Iterator[TestClient]:
    """A client of an application that has these routes."""
    with TestClient(Starlette(routes=picture_routes(lambda: storage, signer))) as client:
        yield client


def test_picture_is_shown_with_its_headers(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.get(signer.url(KEY))

    assert (reply.status_code, reply.content) == (200, b"the bytes")
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["content-length"] == "9"
    assert reply.headers["etag"] == f'"{SHA}"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-disposition"] == "inline"
    assert reply.headers["content-security-policy"] == "default-src 'none'"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert reply.headers["cache-control"] == f"private, max-age={2 * WINDOW - 10}, immutable"


@pytest.mark.parametrize("key", [mark_key("x"), check_key(SHA)])
def test_what_is_not_for_people_gets_no_link_and_is_not_sent(
    browser: TestClient,
    signer: PictureSigner,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    key: str,
) -> None:
    (tmp_path / key).parent.mkdir(parents=True)
    (tmp_path / key).write_bytes(b"a mark")
    with pytest.raises(StorageError, match="is not for people"):
        signer.url(key)
    # Not even under a signature of ours.
    monkeypatch.setattr(signer, "seconds_left", lambda *_: WINDOW)

    reply = browser.get(f"/img/{key}")

    assert reply.status_code == 403 and b"mark" not in reply.content


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")],
)
def test_content_type_follows_the_key(
    browser: TestClient,
    signer: PictureSigner,
    storage: LocalStorage,
    extension: str,
    content_type: str,
) -> None:
    storage.put(original_key(SHA, extension), b"<html>", "text/html")

    reply = browser.get(signer.url(original_key(SHA, extension)))

    assert reply.headers["content-type"] == content_type


def test_weights_are_downloaded(
    browser: TestClient, signer: PictureSigner, storage: LocalStorage, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "made").write_bytes(content)
    key = weights_key(hashlib.sha256(content).hexdigest())
    storage.put_file(key, tmp_path / "made", "application/octet-stream")

    named = browser.get(signer.url(key, download_name="Rosa 1"))
    unnamed = browser.get(signer.url(key))

    assert named.content == unnamed.content == content
    assert 'filename="Rosa 1.safetensors"' in named.headers["content-disposition"]
    assert unnamed.headers["content-disposition"].startswith("attachment;")
    assert named.headers["content-type"] == "application/octet-stream"


def test_slow_reader_holds_one_piece(
    signer: PictureSigner, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(3_000_000)
    key = original_key(hashlib.sha256(content).hexdigest(), "png")
    storage.put(key, content, "image/png")
    (route,) = picture_routes(lambda: storage, signer)
    url = urlsplit(signer.url(key))
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": url.path, "headers": []}
    scope |= {"query_string": url.query.encode(), "path_params": {"key": key}}
    sent: list[int] = []

    async def unread() -> Any:
        await anyio.sleep_forever()

    async def stop_after_two(message: Any) -> None:
        sent.append(len(message.get("body", b"")))
        if len(sent) == 3:
            await anyio.sleep_forever()

    async def read_for_a_moment() -> None:
        with anyio.move_on_after(1):
            await route.app(scope, unread, stop_after_two)

    monkeypatch.setattr(LocalStorage, "get", lambda *_: pytest.fail("it was read whole"))
    anyio.run(read_for_a_moment)

    assert sent[0] == 0 and len(sent) == 3 and max(sent) == PIECE_BYTES


def test_storage_that_fails_halfway_cuts_the_answer_off(
    browser: TestClient,
    signer: PictureSigner,
    storage: LocalStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            if self.tell():
                raise StorageError(reason="the disk reports a fault")
            return super().read(3)

    monkeypatch.setattr(storage, "open", lambda key: Failing(b"the bytes"))

    with pytest.raises(StorageError):
        browser.get(signer.url(KEY))


def test_head_gives_the_headers_alone(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.head(signer.url(KEY))

    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-length"] == "9" and reply.headers["content-type"] == "image/png"


@pytest.mark.parametrize("tags", [f'"{SHA}"', f'W/"{SHA}"', f'"other", "{SHA}"', "*"])
def test_cached_picture_is_not_sent(browser: TestClient, signer: PictureSigner, tags: str) -> None:
    reply = browser.get(signer.url(KEY), headers={"If-None-Match": tags})

    assert (reply.status_code, reply.content) == (304, b"")
    assert reply.headers["etag"] == f'"{SHA}"' and "max-age" in reply.headers["cache-control"]


def test_other_tag_does_not_save_the_sending(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.get(signer.url(KEY), headers={"If-None-Match": f'"{SHA[:-1]}"'})

    assert reply.status_code == 200


def test_known_picture_still_needs_a_signature(browser: TestClient) -> None:
    reply = browser.get(f"/img/{KEY}?e=9999999999&s=x", headers={"If-None-Match": "*"})

    assert reply.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.partition("?")[0],
        lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
        lambda url: url.replace("e=1", "e=2"),
        lambda url: url.replace(".png", ".jpg"),
        lambda url: url.replace("originals", "thumbnails"),
        lambda url: url + "&n=evil.html",
        lambda url: url.replace("&s=", "&s=é"),
        lambda url: url.replace("&s=", "&x="),
        lambda _: "/img/../../etc/passwd",
        lambda _: "/img/%2e%2e/%2e%2e/etc/passwd?e=9999999999&s=x",
        lambda _: "/img/",
        lambda _: "/img/%00?e=٣&s=%ff",
    ],
)
def test_changed_link_is_refused(
    browser: TestClient, signer: PictureSigner, change: Callable[[str], str]
) -> None:
    reply = browser.get(change(signer.url(KEY)))

    assert reply.status_code in (403, 404) and b"the bytes" not in reply.content
    if "/img/" in str(reply.url):
        assert reply.status_code == 403
        assert reply.headers["cache-control"] == "no-store" and "Reload" in reply.text


def test_secret_and_purpose_are_part_of_the_signature(clock: Clock, browser: TestClient) -> None:
    assert browser.get(PictureSigner("other", WINDOW, clock=clock).url(KEY)).status_code == 403
    assert browser.get(PictureSigner("a secret", WINDOW, clock=clock).url(KEY)).status_code == 200


def test_url_is_stable_inside_a_window_and_lives_one_at_least(
    browser: TestClient, signer: PictureSigner, clock: Clock
) -> None:
    clock.now = START
    url = signer.url(KEY)
    clock.now = START + WINDOW - 1
    assert signer.url(KEY) == url
    clock.now = START + WINDOW
    assert signer.url(KEY) != url

    clock.now = START + 2 * WINDOW - 1
    assert browser.get(url).status_code == 200
    clock.now = START + 2 * WINDOW
    assert browser.get(url).status_code == 403


def test_url_is_relative_and_names_no_secret(signer: PictureSigner) -> None:
    url = signer.url(KEY)

    assert url.startswith(f"/img/{KEY}?e=") and "secret" not in url
    assert set(parse_qs(urlsplit(url).query)) == {"e", "s"}


def test_only_keys_are_signed(signer: PictureSigner) -> None:
    with pytest.raises(StorageError):
        signer.url("../../etc/passwd")


@pytest.mark.parametrize(("secret", "window"), [("", 3600), ("x", 0)])
def test_signer_needs_a_secret_and_a_window(secret: str, window: int) -> None:
    with pytest.raises(ValueError, match="secret"):
        PictureSigner(secret, window)


def test_missing_object_is_404(browser: TestClient, signer: PictureSigner) -> None:
    url = signer.url(thumbnail_key(SHA))

    assert [browser.get(url).status_code, browser.head(url).status_code] == [404, 404]
    assert browser.post(url).status_code == 405
    assert browser.get(url).headers["cache-control"] == "no-store"
    assert "not there any more" in browser.get(url).text


def test_failing_storage_is_503_without_its_details(
    browser: TestClient,
    signer: PictureSigner,
    storage: LocalStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(key: str) -> BinaryIO:
        raise StorageError(reason="10.0.0.7 refused", key=key)

    monkeypatch.setattr(storage, "open", fail)

    reply = browser.get(signer.url(KEY))

    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert "Try again in a minute" in reply.text and "10.0.0.7" not in reply.text
    assert reply.headers["cache-control"] == "no-store"


def test_storage_that_cannot_be_opened_is_unavailable(signer: PictureSigner) -> None:
    def provide() -> LocalStorage:
        raise StorageError(reason="no folder")

    client = TestClient(Starlette(routes=picture_routes(provide, signer)))

    assert client.get(signer.url(KEY)).status_code == 503


def test_object_deleted_meanwhile_is_missing(
    browser: TestClient,
    signer: PictureSigner,
    storage: LocalStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(key: str) -> BinaryIO:
        raise ObjectMissingError(key=key)

    monkeypatch.setattr(storage, "open", gone)

    assert browser.get(signer.url(KEY)).status_code == 404


def test_download_is_sent_as_an_attachment(browser: TestClient, signer: PictureSigner) -> None:
    reply = browser.get(signer.url(KEY, download_name="Fée à l'été.png"))

    assert reply.headers["content-disposition"] == (
        'attachment; filename="F_e _ l\'_t_.png"; '
        "filename*=UTF-8''F%C3%A9e%20%C3%A0%20l%27%C3%A9t%C3%A9.png"
    )


@pytest.mark.parametrize(
    ("wanted", "safe"),
    [
        ("mascot 1", "mascot 1.png"),
        ("mascot.png", "mascot.png"),
        ("../../etc/passwd", "etc-passwd.png"),
        ('a"; filename="evil.html', "a-; filename=-evil.html.png"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie- x=1.png"),
        ("photo\u202egpj.exe", "photogpj.exe.png"),
        ("\0", "picture.png"),
        ("...", "picture.png"),
        ("x" * 500, "x" * 120 + ".png"),
        ("\ud800", "picture.png"),
    ],
)
def test_download_names_are_made_safe(
    browser: TestClient, signer: PictureSigner, wanted: str, safe: str
) -> None:
    assert file_name(wanted, "png") == safe
    reply = browser.get(signer.url(KEY, download_name=wanted))
    assert reply.status_code == 200
    assert reply.headers["content-disposition"].startswith(f'attachment; filename="{safe}"')
    assert "set-cookie" not in reply.headers


def test_slow_storage_blocks_no_other_request(
    signer: PictureSigner, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, release = threading.Event(), threading.Event()

    def slow(_key: str) -> BinaryIO:
        reading.set()
        assert release.wait(timeout=10)
        return io.BytesIO(b"come late")

    monkeypatch.setattr(storage, "open", slow)
    ping = Route("/ping", lambda _: PlainTextResponse("pong"))
    routes = [*picture_routes(lambda: storage, signer), ping]
    with TestClient(Starlette(routes=routes)) as client, ThreadPoolExecutor(1) as pool:
        picture = pool.submit(client.get, signer.url(KEY))
        assert reading.wait(timeout=10)
        # Answered by the same event loop while the storage still reads.
        assert client.get("/ping").text == "pong" and not picture.done()
        release.set()
        assert picture.result(timeout=10).content == b"come late"
