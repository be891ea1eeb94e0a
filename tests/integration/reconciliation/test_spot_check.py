"""A picture that a request does not find is marked at once, with a limit on bursts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.core.states import MissingCause
from services.reconciliation.object_checks import SpotCheck
from services.web.pictures import PictureSigner, picture_routes
from tests.conftest import SECRET_KEY
from tests.integration.reconciliation.stored_assets import StoredAssets, keys_of

SIGNER = PictureSigner(SECRET_KEY)


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The check's clock."""
    return Clock()


@pytest.fixture
def browser(local: StoredAssets, clock: Clock) -> Iterator[TestClient]:
    """The route, with the check behind it."""
    check = SpotCheck(local.database, local.storage, clock)
    routes = picture_routes(lambda: local.storage, SIGNER, check.notice)
    with TestClient(Starlette(routes=routes)) as client:
        yield client


def test_missing_picture_is_marked_on_request(local: StoredAssets, browser: TestClient) -> None:
    local.add(1, 2, 3)
    local.add_rows(1)
    local.lose(1)
    local.storage.delete(keys_of(2)[1])

    statuses = [browser.get(SIGNER.url(keys_of(n)[1])).status_code for n in (1, 2, 3)]

    assert statuses == [404, 404, 200]
    assert local.missing() == {1: MissingCause.GONE, 2: MissingCause.THUMBNAIL_GONE}


def test_burst_of_checks_is_limited(
    local: StoredAssets, browser: TestClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reconciliation.object_checks.MAX_CHECKS", 4)
    numbers = range(6)
    local.add_rows(*numbers)

    for _ in range(2):
        for number in numbers:
            browser.get(SIGNER.url(keys_of(number)[0]))
    assert len(local.missing()) == 4

    clock.now += 11
    for number in numbers:
        browser.get(SIGNER.url(keys_of(number)[0]))
    assert len(local.missing()) == len(numbers)


def test_unavailable_storage_marks_nothing(
    local: StoredAssets, browser: TestClient, tmp_path: Path
) -> None:
    local.add(1)
    (tmp_path / "objects").rename(tmp_path / "away")

    assert browser.get(SIGNER.url(keys_of(1)[0])).status_code == 503
    SpotCheck(local.database, local.storage).notice(keys_of(1)[0])

    assert local.missing() == {}


def test_suddenly_empty_storage_marks_nothing(local: StoredAssets, browser: TestClient) -> None:
    local.add_rows(*range(30))

    browser.get(SIGNER.url(keys_of(1)[0]))

    assert local.missing() == {}
