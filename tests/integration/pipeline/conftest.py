"""A studio for each test, on its own database and Redis, with one simulator for all."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.pipeline.studio import Studio, open_studio
from tests.simulator_process import running_simulator


@pytest.fixture(scope="session")
def pipeline_simulator() -> Iterator[str]:
    """The simulator at twenty times the usual speed."""
    with running_simulator("--speed", "20", "--creates-per-minute", "0") as url:
        yield url


@pytest.fixture
def studio(
    database_url: str, redis_url: str, pipeline_simulator: str, tmp_path: Path
) -> Iterator[Studio]:
    """A studio without processes: the test starts what it needs."""
    httpx.post(f"{pipeline_simulator}/_simulator/reset").raise_for_status()
    httpx.delete(f"{pipeline_simulator}/_simulator/faults").raise_for_status()
    with open_studio(database_url, redis_url, pipeline_simulator, tmp_path) as opened:
        yield opened
