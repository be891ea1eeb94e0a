"""A warehouse on each kind of storage."""

from datetime import timedelta

import pytest

from services.database.engine import Database
from tests.contracts.storage_backends import BACKENDS
from tests.integration.reconciliation.warehouse import Warehouse


@pytest.fixture(params=sorted(BACKENDS))
def warehouse(request: pytest.FixtureRequest, database: Database) -> Warehouse:
    """An empty one."""
    opener = BACKENDS[request.param](request)
    return Warehouse(database, opener(), opener)


@pytest.fixture
def local(request: pytest.FixtureRequest, database: Database) -> Warehouse:
    """An empty one on this machine's disk, where the kind of storage does not matter."""
    opener = BACKENDS["local"](request)
    return Warehouse(database, opener(), opener)


@pytest.fixture
def everything_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each object had been put long ago."""
    monkeypatch.setattr("services.reconciliation.orphans.YOUNG", -timedelta(minutes=1))
