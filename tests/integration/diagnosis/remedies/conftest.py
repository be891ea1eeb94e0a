"""A pipeline under manual control with its remedies; its providers' connections serve all tests."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.core.settings import Settings
from services.providers.registry import LazyProviders
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup
from tests.integration.pipeline.conftest import fast_simulator
from tests.integration.pipeline.manual_pipeline import open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import open_pipeline_setup

__all__ = ["fast_simulator"]


@pytest.fixture(scope="session")
def shared_providers() -> Iterator[dict[str, LazyProviders]]:
    """The providers of the first test; to make them costs more than most tests do."""
    shared: dict[str, LazyProviders] = {}
    yield shared
    for providers in shared.values():
        for provider in providers.values():
            provider.close()


@pytest.fixture
def setup(
    database_url: str,
    redis_url: str,
    fast_simulator: str,
    tmp_path: Path,
    shared_providers: dict[str, LazyProviders],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[RemedySetup]:
    """A studio with one mascot, and the remedies."""
    httpx.post(f"{fast_simulator}/_simulator/reset").raise_for_status()

    def build_once(settings: Settings) -> LazyProviders:
        if fast_simulator not in shared_providers:
            shared_providers[fast_simulator] = LazyProviders(settings)
            shared_providers[fast_simulator].load()
        return shared_providers[fast_simulator]

    monkeypatch.setattr("services.container.LazyProviders", build_once)
    with (
        open_pipeline_setup(database_url, redis_url, fast_simulator, tmp_path) as studio,
        open_manual_pipeline(studio, keeps_providers=True) as by_hand,
    ):
        yield RemedySetup(by_hand)
