"""The lines that the source guides tell people to look for in the logs, to the letter."""

import logging

import pytest

from services.core.settings_loader import load_settings
from services.core.states import RunState
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from workers.start_log import log_configuration


def test_a_start_names_the_pose_model_and_redis(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hidden-secret@queue.example:6380/0")
    with caplog.at_level(logging.INFO):
        log_configuration(load_settings(None))
    lines = [record.getMessage() for record in caplog.records]
    assert "Poses: Replicate configured (model: fofr/consistent-character)" in lines
    assert "[RedisConfig] Redis configuration: queue.example:6380" in lines
    assert "hidden-secret" not in caplog.text


def test_a_prediction_is_named_with_its_link(
    by_hand: ManualPipeline, caplog: pytest.LogCaptureFixture
) -> None:
    pose = by_hand.studio.start_poses(finished_mascot(by_hand.studio.services)).generation_id
    with caplog.at_level(logging.INFO):
        by_hand.until_run(pose, RunState.WAITING)
    (attempt,) = by_hand.attempts(pose)
    assert attempt.web_url and attempt.web_url.endswith(str(attempt.prediction_id))
    lines = [record.getMessage() for record in caplog.records]
    assert f"[Replicate] Prediction created: {attempt.web_url}" in lines
