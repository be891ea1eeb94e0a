"""The check-up's answers about the storage: the folder, its volume, and the links to originals."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.health.check import Answer, CheckStatus, CheckUpTargets
from services.health.checks.storage import CHECKS
from services.storage.local_storage import LocalStorage
from services.storage.s3_client import make_client
from services.storage.s3_storage import S3Storage
from tests.s3_server import new_bucket, place_at


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose home is in the test's folder."""
    monkeypatch.setenv("ATELIER_HOME", str(tmp_path / "home"))
    return load_settings(env_file=None)


@pytest.fixture
def targets(settings: Settings) -> CheckUpTargets:
    """A check-up without a database."""
    return CheckUpTargets(
        settings=settings,
        database=None,
        queue=None,
        storage=lambda: LocalStorage(settings.home / "storage"),
        providers={},
        simulated=frozenset(),
        fingerprints={},
    )


def answer(targets: CheckUpTargets, name: str) -> Answer:
    """What the check of this name finds."""
    (check,) = (check for check in CHECKS if check.name == name)
    return check.ask(targets)


def test_asking_creates_no_folder(targets: CheckUpTargets) -> None:
    found = answer(targets, "Write, read, delete")

    assert found.status is CheckStatus.OK and "is created when ./run starts" in found.finding
    assert not targets.settings.home.exists()


def test_disk_without_space_fails_although_a_small_file_fits(
    targets: CheckUpTargets, monkeypatch: pytest.MonkeyPatch
) -> None:
    (targets.settings.home / "storage").mkdir(parents=True)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000))

    found = answer(targets, "Write, read, delete")

    assert found.status is CheckStatus.FAILED
    assert "the disk is full" in found.finding and "ATELIER_HOME" in (found.fix or "")


@pytest.fixture
def volumes(targets: CheckUpTargets, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what statvfs answers for the storage's own volume; the rest has room."""
    storage = targets.settings.home / "storage"
    storage.mkdir(parents=True)
    plain = {"f_bavail": 10**7, "f_frsize": 4096, "f_files": 10**6, "f_favail": 10**6}
    stat = os.stat

    def order(**full: int) -> None:
        monkeypatch.setattr(
            os, "statvfs", lambda at: SimpleNamespace(**plain | (full if at == storage else {}))
        )
        own = stat(storage)
        other = SimpleNamespace(st_dev=own.st_dev + 1, st_mode=own.st_mode)
        monkeypatch.setattr(
            Path, "stat", lambda self, **_: other if self == storage else stat(self)
        )

    return order


@pytest.mark.parametrize(
    ("full", "status"),
    [
        ({"f_bavail": 10}, CheckStatus.FAILED),
        ({"f_bavail": 250_000}, CheckStatus.WARNING),
        ({"f_favail": 3}, CheckStatus.FAILED),
        ({}, CheckStatus.OK),
    ],
)
def test_volume_of_the_storage_decides(
    targets: CheckUpTargets,
    volumes: Callable[..., None],
    full: dict[str, int],
    status: CheckStatus,
) -> None:
    volumes(**full)

    found = answer(targets, "Free disk space")

    assert found.status is status
    assert f"free at {targets.settings.home / 'storage'}" in found.finding


def in_bucket(
    targets: CheckUpTargets, s3_url: str, monkeypatch: pytest.MonkeyPatch, **place: Any
) -> CheckUpTargets:
    """The same with a bucket."""
    monkeypatch.setenv("S3_BUCKET", "atelier")
    its = replace(place_at(s3_url, new_bucket(s3_url), attempts=1), **place)
    return replace(
        targets,
        settings=load_settings(env_file=None),
        storage=lambda: S3Storage(its, make_client),
    )


def test_link_is_followed(
    targets: CheckUpTargets, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = answer(in_bucket(targets, s3_url, monkeypatch, is_linked=True), "Picture links")

    assert found.status is CheckStatus.OK and "from 127.0.0.1" in found.finding


def test_inner_server_is_not_linked(
    targets: CheckUpTargets, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = answer(in_bucket(targets, s3_url, monkeypatch), "Picture links")

    assert found.status is CheckStatus.OK and "by Atelier itself" in found.finding


def test_public_server_that_does_not_answer_is_named(
    targets: CheckUpTargets, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = in_bucket(targets, s3_url, monkeypatch, public_url="https://pictures.invalid")

    found = answer(away, "Picture links")

    assert found.status is CheckStatus.WARNING and "pictures.invalid" in found.finding
    assert "S3_PUBLIC_URL" in (found.fix or "") and "Signature" not in found.finding
