"""Far ends for the contract tests: a scripted server, a dead port, and the simulator."""

from collections.abc import Iterator

import pytest

from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd, refusing, serving
from tests.contracts.replicate_replies import MODEL, UPLOAD, VERSION, file_body, provider_at
from tests.simulator_process import running_simulator

SPEED = "200"


@pytest.fixture
def far_end() -> Iterator[FarEnd]:
    """A server that answers what the test scripts."""
    with serving() as server:
        yield server


@pytest.fixture
def dead_url() -> Iterator[str]:
    """An address that refuses connections."""
    with refusing() as url:
        yield url


@pytest.fixture
def replicate(far_end: FarEnd) -> Iterator[ReplicateProvider]:
    """A provider of the scripted server, which knows the model and takes uploads."""
    far_end.on(f"GET /v1/models/{MODEL}", Answer(200, {"latest_version": {"id": VERSION}}))
    far_end.on(UPLOAD, Answer(201, file_body(far_end.url)))
    with provider_at(far_end.url) as made:
        yield made


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    """The simulator, as a process of its own; `/v1` (Replicate) and Gemini's paths hang below."""
    with running_simulator("--speed", SPEED) as url:
        yield url
