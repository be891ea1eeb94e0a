"""The web server and the fetchers that the download tests share."""

from collections.abc import Callable, Iterator

import pytest

from services.fetch.output_fetcher import FetchLimits, OutputFetcher
from tests.unit.http.web_server import NAME, Open, Server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that is stopped after the test."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def open_fetcher(server: Server) -> Iterator[Open]:
    """Makes fetchers to which the server is a place that settings name; closes them after the test."""
    made: list[OutputFetcher] = []

    def make(
        limits: FetchLimits | None = None,
        resolve: Callable[[str, int], list[str]] = lambda _host, _port: ["127.0.0.1"],
        hosts: frozenset[str] = frozenset({"api.replicate.com", "*.replicate.delivery"}),
    ) -> OutputFetcher:
        places = frozenset({(NAME, server.port)})
        made.append(OutputFetcher(hosts, places, limits=limits, resolve=resolve))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()
