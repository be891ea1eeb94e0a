"""The servers below go away, for real, while pictures are being made; everything finishes."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.core.states import GenerationState
from services.database.prepare import prepare_database
from services.recipes.registry import item_prices
from tests.conftest import SECRET_KEY, STARTING_CREDITS
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup, open_pipeline_setup
from tests.simulator_process import running_simulator
from tests.waiting import eventually
from workers.local.postgres import EmbeddedPostgres
from workers.local.redis import EmbeddedRedis
from workers.local.server import EmbeddedServer

AWAY_SECONDS = float(os.environ.get("ATELIER_REDIS_AWAY_SECONDS", "12"))
"""Six leases and six jobs long; processes that die of it would be gone by then."""
PATIENCE_SECONDS = 60.0


@pytest.fixture
def slow_simulator() -> Iterator[str]:
    """A simulator of this test alone, slow enough for something to happen meanwhile."""
    with running_simulator("--speed", "8", "--creates-per-minute", "0") as url:
        yield url


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A short folder for servers that this test alone may hurt."""
    home = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def own_redis(own_home: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that this test alone may hurt."""
    with EmbeddedRedis(own_home) as server:
        yield server


def start_poses(studio: PipelineSetup) -> str:
    """Work under way: one worker, one dispatcher, four pictures at the provider."""
    mascot = finished_mascot(studio.services)
    studio.start("dispatcher")
    studio.start("worker")
    generation = studio.start_poses(mascot, count=4).generation_id
    eventually(lambda: studio.creates() >= 1)
    return generation


def end(server: EmbeddedServer, number: signal.Signals) -> None:
    """End the server's process with this signal."""
    process = server._process
    assert process is not None
    process.send_signal(number)
    process.wait()


def assert_finished(studio: PipelineSetup, generation: str) -> None:
    """All four pictures arrived, each ordered once."""
    state = studio.wait_finished(generation, PATIENCE_SECONDS)
    assert state is GenerationState.SUCCEEDED
    studio.assert_sound(generation)
    assert studio.creates() == 4


def test_a_flushed_redis_loses_nothing(studio: PipelineSetup, redis: Redis) -> None:
    generation = start_poses(studio)
    redis.flushall()
    assert_finished(studio, generation)


def test_a_redis_that_comes_back_empty_loses_nothing(
    database_url: str, own_redis: EmbeddedRedis, slow_simulator: str, tmp_path: Path
) -> None:
    with open_pipeline_setup(database_url, own_redis.url, slow_simulator, tmp_path) as studio:
        generation = start_poses(studio)
        end(own_redis, signal.SIGKILL)
        for kept in (own_redis.home / "redis").rglob("*.aof"):
            kept.unlink()
        own_redis.start()
        assert_finished(studio, generation)


def test_a_redis_that_is_away_for_long_only_delays(
    database_url: str, own_redis: EmbeddedRedis, slow_simulator: str, tmp_path: Path
) -> None:
    with open_pipeline_setup(database_url, own_redis.url, slow_simulator, tmp_path) as studio:
        generation = start_poses(studio)
        end(own_redis, signal.SIGKILL)
        started = studio.start_poses(studio.mascot_id(), key="meanwhile")
        assert started.is_new and not started.is_queue_available
        threading.Event().wait(AWAY_SECONDS)
        own_redis.start()
        later = studio.wait_finished(started.generation_id, PATIENCE_SECONDS)
        assert later is GenerationState.SUCCEEDED
        assert studio.wait_finished(generation, PATIENCE_SECONDS) is GenerationState.SUCCEEDED
        studio.assert_sound(generation)
        assert studio.creates() == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
def test_a_postgres_that_goes_and_comes_back_loses_nothing(
    own_home: Path, redis_url: str, slow_simulator: str, tmp_path: Path, number: signal.Signals
) -> None:
    server = EmbeddedPostgres(own_home).start()
    try:
        prepare_database(server.url, SECRET_KEY, STARTING_CREDITS, item_prices=item_prices())
        with open_pipeline_setup(server.url, redis_url, slow_simulator, tmp_path) as studio:
            generation = start_poses(studio)
            end(server, number)
            server.start()
            assert_finished(studio, generation)
    finally:
        server.stop()
