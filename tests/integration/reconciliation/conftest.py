"""Stored assets on each kind of storage."""

from datetime import timedelta

import pytest

from services.database.engine import Database
from tests.contracts.storage_backends import BACKENDS
from tests.integration.reconciliation.stored_assets import StoredAssets


@pytest.fixture(params=sorted(BACKENDS))
def assets(request: pytest.FixtureRequest, database: Database) -> StoredAssets:
    """An empty one."""
    opener = BACKENDS[request.param](request)
    return StoredAssets(database, opener(), opener)


@pytest.fixture
def local(request: pytest.FixtureRequest, database: Database) -> StoredAssets:
    """An empty one on this machine's disk, where the kind of storage does not matter."""
    opener = BACKENDS["local"](request)
    return StoredAssets(database, opener(), opener)


@pytest.fixture
def everything_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every stored file count as old."""
    monkeypatch.setattr("services.reconciliation.rows.YOUNG", -timedelta(minutes=1))
