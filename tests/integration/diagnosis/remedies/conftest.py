"""A pipeline to be put right, turned by hand; its providers' connections last for all tests."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.core.settings import Settings
from services.providers.registry import LazyProviders
from tests.integration.diagnosis.remedies.surgery import Surgery
from tests.integration.pipeline.by_hand import turned_by_hand
from tests.integration.pipeline.conftest import fast_simulator
from tests.integration.pipeline.studio import open_studio

__all__ = ["fast_simulator"]


@pytest.fixture(scope="session")
def kept_providers() -> Iterator[dict[str, LazyProviders]]:
    """The providers of the first test; to make them costs more than most tests do."""
    kept: dict[str, LazyProviders] = {}
    yield kept
    for providers in kept.values():
        for provider in providers.values():
            provider.close()


@pytest.fixture
def surgery(
    database_url: str,
    redis_url: str,
    fast_simulator: str,
    tmp_path: Path,
    kept_providers: dict[str, LazyProviders],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Surgery]:
    """A studio with one mascot, and the remedies."""
    httpx.post(f"{fast_simulator}/_simulator/reset").raise_for_status()

    def build_once(settings: Settings) -> LazyProviders:
        if fast_simulator not in kept_providers:
            kept_providers[fast_simulator] = LazyProviders(settings)
            kept_providers[fast_simulator].load()
        return kept_providers[fast_simulator]

    monkeypatch.setattr("services.container.LazyProviders", build_once)
    with (
        open_studio(database_url, redis_url, fast_simulator, tmp_path) as studio,
        turned_by_hand(studio, keeps_providers=True) as by_hand,
    ):
        yield Surgery(by_hand)
