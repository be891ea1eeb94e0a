"""The route of the skeletons: one address for one drawing, kept for ever, and nothing else."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.core.errors import DatabaseUnavailableError, NotFoundError
from services.database.seed_poses import seed_poses
from services.media.skeletons import Skeleton
from services.web.pose_pictures import PoseSigner, PoseStyle, pose_routes

FIRST, SECOND = seed_poses()[:2]
SIGNER = PoseSigner("a secret")


@dataclass
class FakeLibrary:
    """A library of two poses."""

    skeletons: dict[str, Skeleton] = field(
        default_factory=lambda: {pose.id: pose.skeleton for pose in (FIRST, SECOND)}
    )
    is_down: bool = False

    def skeleton(self, pose_id: str) -> Skeleton:
        if self.is_down:
            raise DatabaseUnavailableError
        if pose_id not in self.skeletons:
            raise NotFoundError(what="pose", id=pose_id)
        return self.skeletons[pose_id]


@pytest.fixture
def library() -> FakeLibrary:
    """The library that the route reads."""
    return FakeLibrary()


@pytest.fixture
def browser(library: FakeLibrary) -> Iterator[TestClient]:
    """A client of an application that has these routes."""
    routes = pose_routes(lambda: library, SIGNER)  # type: ignore[arg-type, return-value]
    with TestClient(Starlette(routes=routes)) as client:
        yield client


def test_address_shows_the_drawing_cacheable(browser: TestClient) -> None:
    answer = browser.get(SIGNER.url(FIRST.id, FIRST.skeleton))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.content)).size == (320, 320)


def test_control_image_has_an_address_of_its_own(browser: TestClient) -> None:
    answer = browser.get(SIGNER.url(FIRST.id, FIRST.skeleton, PoseStyle.CONTROL))
    assert Image.open(io.BytesIO(answer.content)).size == (1024, 1024)


def test_changed_skeleton_has_a_new_address_and_the_old_one_ends(
    browser: TestClient, library: FakeLibrary
) -> None:
    old = SIGNER.url(FIRST.id, FIRST.skeleton)
    library.skeletons[FIRST.id] = SECOND.skeleton
    new = SIGNER.url(FIRST.id, SECOND.skeleton)
    assert old != new
    assert browser.get(old).status_code == 404
    assert browser.get(new).status_code == 200


def test_address_is_the_same_every_time_and_differs_by_secret() -> None:
    url = SIGNER.url(FIRST.id, FIRST.skeleton)
    assert url == PoseSigner("a secret").url(FIRST.id, FIRST.skeleton)
    assert url != PoseSigner("another").url(FIRST.id, FIRST.skeleton)


@pytest.mark.parametrize(
    "path",
    [
        "/img/pose/tile/pose_standing-" + "0" * 32 + ".png",
        "/img/pose/tile/pose_nobody-" + "0" * 32 + ".png",
        "/img/pose/tile/pose_standing.png",
        "/img/pose/tile/..%2f..%2fsecret_key",
        "/img/pose/tile/" + "a" * 4000 + ".png",
        "/img/pose/poster/pose_standing-" + "0" * 32 + ".png",
    ],
)
def test_other_address_is_missing_and_not_cached(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert answer.headers.get("cache-control", "no-store") == "no-store"


def test_tile_s_signature_does_not_open_the_control_image(browser: TestClient) -> None:
    url = SIGNER.url(FIRST.id, FIRST.skeleton).replace("/tile/", "/control/")
    assert browser.get(url).status_code == 404


def test_unavailable_database_is_503_and_not_cached(
    browser: TestClient, library: FakeLibrary
) -> None:
    library.is_down = True
    answer = browser.get(SIGNER.url(FIRST.id, FIRST.skeleton))
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
