"""A studio for each test, on its own database and Redis, with one simulator for all."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.core.states import GenerationState
from tests.contracts.far_end import Answer, FarEnd, serving
from tests.contracts.replicate_replies import MODEL, VERSION, prediction
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import PipelineSetup, open_pipeline_setup
from tests.integration.pipeline.simulated import start
from tests.simulator_process import running_simulator


@pytest.fixture(scope="session")
def pipeline_simulator() -> Iterator[str]:
    """The simulator at twenty times the usual speed."""
    with running_simulator("--speed", "20", "--creates-per-minute", "0") as url:
        yield url


@pytest.fixture
def slow_simulator() -> Iterator[str]:
    """A simulator of this test alone, slow enough for something to happen meanwhile."""
    with running_simulator("--speed", "8", "--creates-per-minute", "0") as url:
        yield url


@pytest.fixture
def studio(
    database_url: str, redis_url: str, pipeline_simulator: str, tmp_path: Path
) -> Iterator[PipelineSetup]:
    """A studio without processes: the test starts what it needs."""
    httpx.post(f"{pipeline_simulator}/_simulator/reset").raise_for_status()
    httpx.delete(f"{pipeline_simulator}/_simulator/faults").raise_for_status()
    with open_pipeline_setup(database_url, redis_url, pipeline_simulator, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def fast_simulator() -> Iterator[str]:
    """A simulator at two hundred times the usual speed that draws nothing anew."""
    options = ("--speed", "200", "--creates-per-minute", "0", "--reads-per-minute", "0")
    with running_simulator(*options, "--predrawn", "4") as url:
        yield url


@pytest.fixture
def fast_studio(
    database_url: str, redis_url: str, fast_simulator: str, tmp_path: Path
) -> Iterator[PipelineSetup]:
    """A studio at the fast simulator, without processes."""
    httpx.post(f"{fast_simulator}/_simulator/reset").raise_for_status()
    with open_pipeline_setup(database_url, redis_url, fast_simulator, tmp_path) as opened:
        yield opened


@pytest.fixture
def by_hand(fast_studio: PipelineSetup) -> Iterator[ManualPipeline]:
    """A pipeline that the test turns itself."""
    with open_manual_pipeline(fast_studio) as opened:
        yield opened


@pytest.fixture
def far_end() -> Iterator[FarEnd]:
    """A server with Replicate's API, which serves its outputs itself."""
    with serving() as server:
        server.on(f"GET /v1/models/{MODEL}", Answer(200, {"latest_version": {"id": VERSION}}))
        server.on("POST /v1/predictions", Answer(201, prediction()))
        yield server


@pytest.fixture
def own_server(fast_studio: PipelineSetup, far_end: FarEnd) -> Iterator[ManualPipeline]:
    """A pipeline whose Replicate is the scripted server."""
    settings = fast_studio.services.settings.model_copy(update={"replicate_base_url": far_end.url})
    with open_manual_pipeline(fast_studio, settings) as opened:
        yield opened


@pytest.fixture
def hurried(by_hand: ManualPipeline) -> Iterator[ManualPipeline]:
    """A simulator so fast that a training takes a blink."""
    speed = f"{by_hand.studio.simulator_url}/_simulator/speed"
    httpx.post(speed, json={"speed": 3000}).raise_for_status()
    yield by_hand
    httpx.post(speed, json={"speed": 200}).raise_for_status()


@pytest.fixture
def simulation(by_hand: ManualPipeline) -> str:
    """A finished simulation; its generation's id."""
    generation = start(by_hand.studio)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    return generation
