"""A studio whose pictures lie in S3: they get there, they are shown, and no row is without one."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.core.states import GenerationState, SlotState
from services.database.models import Asset, Reference
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.references.upload import NOT_STORED
from services.storage.keys import parse_key
from services.storage.s3_storage import S3Storage
from services.web.pictures import picture_routes
from tests.factories import finished_mascot
from tests.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import (
    FINISHED,
    PipelineSetup,
    drawn,
    open_pipeline_setup,
)
from tests.s3_server import (
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    new_bucket,
    place_at,
    shared_client,
)

DENIED = Fault("answer", "PUT", status=403, code="AccessDenied")
"""Not tried again inside one put, so that the pipeline's own patience is what is tested."""


@pytest.fixture
def proxy(s3_url: str) -> Iterator[FaultProxy]:
    """A proxy before the S3 server."""
    with fault_proxy(s3_url) as opened:
        yield opened


@pytest.fixture
def bucket(s3_url: str) -> S3Storage:
    """The studio's bucket, seen without the proxy."""
    return S3Storage(place_at(s3_url, new_bucket(s3_url)), shared_client)


@pytest.fixture
def studio(
    proxy: FaultProxy,
    bucket: S3Storage,
    database_url: str,
    redis_url: str,
    fast_simulator: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[PipelineSetup]:
    """A studio without processes, on a new bucket behind the proxy."""
    settings = {
        "S3_BUCKET": bucket.uri(NO_PICTURE).split("/")[2],
        "S3_ENDPOINT_URL": proxy.url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": "us-east-1",
        "S3_REDIRECTS": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{fast_simulator}/_simulator/reset").raise_for_status()
    with open_pipeline_setup(database_url, redis_url, fast_simulator, tmp_path) as opened:
        yield opened


@pytest.fixture
def by_hand(studio: PipelineSetup, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManualPipeline]:
    """The studio's pipeline, turned by the test."""
    monkeypatch.setattr("services.pipeline.steps.submit.STORAGE_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    with open_manual_pipeline(studio) as opened:
        yield opened


NO_PICTURE = f"originals/00/00/{'0' * 64}.png"


def assets(studio: PipelineSetup) -> list[Asset]:
    """Every row of a stored picture."""
    with studio.services.database.transaction() as session:
        return list(session.scalars(select(Asset)))


def assert_objects(studio: PipelineSetup, bucket: S3Storage) -> None:
    """Every row's picture and thumbnail are in the bucket, whole."""
    for asset in assets(studio):
        assert asset.storage_uri == bucket.uri(asset.storage_key)
        content = bucket.get(asset.storage_key)
        assert hashlib.sha256(content).hexdigest() == asset.sha256
        assert len(content) == asset.byte_count and bucket.get(asset.thumbnail_key)


def test_a_batch_lands_in_the_bucket_and_is_shown_from_there(
    studio: PipelineSetup, bucket: S3Storage, tmp_path: Path
) -> None:
    studio.start("dispatcher")
    studio.start("worker")
    batch = studio.start_mascots(variations=1, references=(studio.upload(),)).generation_id
    assert studio.wait_finished(batch) is GenerationState.SUCCEEDED
    studio.assert_sound(batch)
    assert_objects(studio, bucket)
    stored = {found.key for found in bucket.list() if not found.key.startswith("marks/")}
    assert stored == {key for a in assets(studio) for key in (a.storage_key, a.thumbnail_key)}
    assert not (tmp_path / "storage").exists()

    signer = studio.services.signer
    application = Starlette(routes=picture_routes(lambda: studio.services.storage, signer))
    with TestClient(application, follow_redirects=False) as browser:
        for asset in assets(studio):
            sent = browser.get(signer.url(asset.storage_key, download_name="fox"))
            assert sent.status_code == 302
            shown = httpx.get(sent.headers["location"])
            assert hashlib.sha256(shown.content).hexdigest() == asset.sha256
            assert shown.headers["content-type"] == asset.content_type
            extension = parse_key(asset.storage_key).extension
            assert shown.headers["content-disposition"].startswith(
                f'attachment; filename="fox.{extension}"'
            )
            assert browser.get(signer.url(asset.thumbnail_key)).status_code == 200
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "Signature" not in logs and SECRET_ACCESS_KEY not in logs


@pytest.mark.parametrize("passed", [0, 1, 2, 3])
def test_no_mascot_is_filled_before_its_objects_are_there(
    by_hand: ManualPipeline, bucket: S3Storage, proxy: FaultProxy, passed: int
) -> None:
    proxy.order(replace(DENIED, after=passed))
    batch = by_hand.studio.start_mascots(variations=1).generation_id

    def is_finished() -> bool:
        assert_objects(by_hand.studio, bucket)
        return by_hand.studio.state(batch) in FINISHED

    by_hand.until(is_finished)

    assert by_hand.studio.state(batch) is GenerationState.SUCCEEDED
    by_hand.studio.assert_sound(batch)
    assert proxy.faults[0].times == 0
    assert len(by_hand.attempts(batch)) == len(by_hand.slots(batch))


@pytest.mark.parametrize("passed", [0, 1])
def test_no_pose_is_filled_while_the_bucket_takes_nothing(
    by_hand: ManualPipeline, bucket: S3Storage, proxy: FaultProxy, passed: int
) -> None:
    mascot = finished_mascot(by_hand.studio.services)
    proxy.order(replace(DENIED, after=passed, times=None))
    poses = by_hand.studio.start_poses(mascot).generation_id

    by_hand.until(lambda: by_hand.run(poses).step_failures >= 3)

    (slot,) = by_hand.slots(poses)
    assert (slot.state, slot.asset_id) == (SlotState.PENDING, None)
    assert len(assets(by_hand.studio)) == 1
    proxy.order()
    assert by_hand.finish(poses) is GenerationState.SUCCEEDED
    assert_objects(by_hand.studio, bucket)
    assert by_hand.studio.creates() == 1


@pytest.mark.parametrize("passed", [0, 1])
def test_upload_that_cannot_be_stored_leaves_no_row(
    studio: PipelineSetup, proxy: FaultProxy, passed: int
) -> None:
    proxy.order(replace(DENIED, after=passed))

    verdict = studio.services.reference_uploads.upload(
        studio.actor, DEFAULT_ACCOUNT_ID, "fox.png", drawn("orange")
    )

    assert (verdict.is_accepted, verdict.reason) == (False, NOT_STORED)
    assert "Not stored" in verdict.sentence and "s3:PutObject" in verdict.sentence
    assert verdict.sentence.endswith("Send it again.")
    with studio.services.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Reference)) == 0
        assert session.scalar(select(func.count()).select_from(Asset)) == 0
    assert studio.upload("orange")
