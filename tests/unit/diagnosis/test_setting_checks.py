"""Settings that wait for another one."""

import pytest

from services.core.settings_loader import load_settings
from services.health.check import CheckStatus
from services.health.checks.settings import related_settings


@pytest.mark.parametrize(
    ("environment", "fix"),
    [
        ({"S3_BUCKET": "pictures", "USE_S3": "false"}, "Remove one"),
        ({"S3_BUCKET": "pictures"}, "AWS_ACCESS_KEY_ID"),
        ({"S3_ENDPOINT_URL": "https://s3.example"}, "S3_BUCKET"),
        ({"REDIS_URL": "redis://a", "REDIS_HOST": "b"}, "Remove one"),
        ({"REDIS_PORT": "7000"}, "REDIS_HOST"),
        ({"REDIS_URL": "redis://a", "CELERY_BROKER_URL": "redis://b"}, "Remove one"),
        ({"CELERY_RESULT_BACKEND": "redis://a"}, "Remove CELERY_RESULT_BACKEND"),
        ({"JWT_SECRET": "x"}, "Remove JWT_SECRET"),
        ({"QUEUE_MAX_RETRIES": "5"}, "Lower it to 3"),
        (
            {"GOOGLE_CLOUD_PROJECT_ID": "atelier", "GEMINI_API_KEY": "AIzaAtelier"},
            "GOOGLE_CLOUD_PROJECT_ID",
        ),
    ],
)
def test_a_half_is_a_warning(
    environment: dict[str, str], fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    answer = related_settings(load_settings(None))
    assert answer.status is CheckStatus.WARNING
    assert fix in str(answer.fix)


def test_defaults_fit() -> None:
    assert related_settings(load_settings(None)).status is CheckStatus.OK
