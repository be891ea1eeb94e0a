"""One fast simulator for all these tests, returned to a fresh start before each."""

from collections.abc import Iterator

import pytest

from tests.contracts.simulator.running import HTTP, Simulator, running_simulator

UNLIMITED = ("--creates-per-minute", "0", "--reads-per-minute", "0")


@pytest.fixture(scope="session")
def server() -> Iterator[Simulator]:
    """The shared process."""
    with running_simulator(
        "--seconds", "0.05", "--webhook-retry-seconds", "0.05", *UNLIMITED
    ) as simulator:
        yield simulator


@pytest.fixture
def simulator(server: Simulator) -> Simulator:
    """The shared simulator with nothing in it."""
    HTTP.post(f"{server.url}/_simulator/reset").raise_for_status()
    HTTP.post(
        f"{server.url}/_simulator/speed", json={"speed": 1, "seconds": 0.05}
    ).raise_for_status()
    return server
