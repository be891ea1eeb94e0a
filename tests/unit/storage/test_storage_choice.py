"""Which storage the settings choose, and what that loads."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from services.container import build_storage
from services.core.errors import SettingsError
from services.core.settings_loader import load_settings, settings_table
from services.storage.keys import original_key

KEY = original_key(hashlib.sha256(b"x").hexdigest(), "png")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for names, _, _ in settings_table():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ATELIER_HOME", str(tmp_path))


def test_without_a_bucket_pictures_stay_here(tmp_path: Path) -> None:
    storage = build_storage(load_settings(env_file=None))

    assert storage.name == "local" and storage.uri(KEY).startswith(f"file://{tmp_path}")


def test_bucket_chooses_s3_and_connects_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET", "pictures")

    storage = build_storage(load_settings(env_file=None))

    assert (storage.name, storage.uri(KEY)) == ("s3", f"s3://pictures/{KEY}")


def test_session_token_needs_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-a-role")

    with pytest.raises(SettingsError, match="AWS_ACCESS_KEY_ID"):
        load_settings(env_file=None)


def test_local_files_load_no_s3_library() -> None:
    program = (
        "import sys; from services.container import build_storage;"
        "from services.core.settings_loader import load_settings; build_storage(load_settings(None));"
        "print([name for name in sys.modules if name.startswith('boto')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert found.stdout == "[]\n"
