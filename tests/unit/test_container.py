"""Which providers a set of settings gives."""

from typing import Any

import pytest
from pydantic import SecretStr

from services.core.errors import ProviderMissingError
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.providers.registry import (
    LazyProviders,
    provider_rates,
    simulated_providers,
    token_fingerprints,
)


def settings_with(**values: Any) -> Settings:
    """The defaults with these values; no token comes from this machine's environment."""
    blank = {
        "replicate_api_token": None,
        "gemini_api_key": None,
        "google_cloud_project_id": None,
        "huggingface_api_key": None,
    }
    return load_settings(env_file=None).model_copy(update=blank | values)


def test_without_a_token_a_provider_is_missing_with_a_sentence() -> None:
    providers = LazyProviders(settings_with())
    assert list(providers) == ["local"] and "replicate" not in providers
    with pytest.raises(ProviderMissingError, match="Replicate is not set up here"):
        providers["replicate"]
    with pytest.raises(ProviderMissingError, match="Hugging Face is not set up here"):
        providers["huggingface"]


def test_a_server_of_ones_own_needs_no_token() -> None:
    own = "http://gpu.example:9000"
    settings = settings_with(replicate_base_url=own, gemini_base_url=own, huggingface_base_url=own)
    providers = LazyProviders(settings)
    assert set(providers) == {"local", "replicate", "gemini", "huggingface"}
    for name in providers:
        assert providers[name].name == name
    assert set(token_fingerprints(settings)) == set(provider_rates(settings)) == set(providers)
    # The dispatcher rings only for providers that are registered with a fingerprint.
    assert set(token_fingerprints(settings_with(replicate_base_url=own))) == {"local", "replicate"}


def test_a_key_wins_over_a_project() -> None:
    key = SecretStr("AIza" + "x" * 30)
    settings = settings_with(gemini_api_key=key, google_cloud_project_id="studio-1")
    assert not settings.uses_vertex
    assert list(LazyProviders(settings)) == ["gemini", "local"]


def test_the_simulator_is_used_where_its_address_is_set() -> None:
    url = "http://127.0.0.1:9999"
    assert simulated_providers(settings_with(gemini_base_url=url)) == frozenset()
    settings = settings_with(huggingface_base_url=url, simulator_url=url)
    assert simulated_providers(settings) == {"huggingface"}


def test_the_local_provider_is_always_configured() -> None:
    settings = settings_with()
    assert LazyProviders(settings)["local"].name == "local"
    assert provider_rates(settings)["local"] is None
    assert token_fingerprints(settings)["local"] == token_fingerprints(settings)["local"]
    assert "local" not in simulated_providers(settings)
