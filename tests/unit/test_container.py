"""Which providers a set of settings gives."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.core.errors import ProviderMissingError, SettingsError
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.providers.base import FailureClass, ProviderError
from services.providers.definition import ProviderDefinition, Purpose
from services.providers.registry import (
    LazyProviders,
    configured_models,
    models_for,
    provider_rates,
    simulated_environment,
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
        "cog_base_url": None,
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
    settings = settings_with(
        replicate_base_url=own, gemini_base_url=own, huggingface_base_url=own, cog_base_url=own
    )
    providers = LazyProviders(settings)
    assert set(providers) == {"local", "replicate", "gemini", "huggingface", "cog"}
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


def test_a_provider_without_a_vendor_exists_only_where_its_server_is_set() -> None:
    token, url = SecretStr("a-bearer-token"), "http://gpu.example:5000"
    unset = settings_with(cog_api_token=token)
    assert "cog" not in LazyProviders(unset)
    assert "cog" not in models_for(unset, Purpose.POSE)
    assert configured_models(unset)["cog"] == ()
    assert "COG_BASE_URL" not in simulated_environment(unset, "http://127.0.0.1:9999")
    settings = settings_with(cog_base_url=url)
    assert models_for(settings, Purpose.POSE)["cog"] == "own/poses"
    assert next(iter(models_for(settings, Purpose.POSE))) == "replicate"


def test_a_provider_without_a_vendor_is_simulated_where_that_is_asked_for() -> None:
    simulator = "http://127.0.0.1:9999"
    asked = settings_with(cog_simulated=True)
    assert simulated_environment(asked, simulator)["COG_BASE_URL"] == simulator
    has_server = settings_with(cog_simulated=True, cog_base_url="http://gpu.example:5000")
    assert "COG_BASE_URL" not in simulated_environment(has_server, simulator)


def test_another_server_is_another_fingerprint() -> None:
    first, second = (
        token_fingerprints(settings_with(cog_base_url=f"http://gpu{number}.example:5000"))["cog"]
        for number in (1, 2)
    )
    assert first != second


def test_a_provider_that_cannot_be_made_leaves_the_others_working(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "key.json"
    broken.write_text('{"type": "service_account", "private_key": "hunter2"}')
    settings = settings_with(
        google_cloud_project_id="studio-1",
        google_application_credentials=broken,
        replicate_api_token=SecretStr("r8_" + "x" * 37),
    )
    with pytest.raises(SettingsError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        LazyProviders(settings)["gemini"]
    providers = LazyProviders(settings)
    providers.load()
    assert providers["replicate"].name == "replicate"
    with pytest.raises(ProviderError, match="GOOGLE_APPLICATION_CREDENTIALS") as refused:
        providers["gemini"]
    error = refused.value
    assert (error.failure, error.reached) == (FailureClass.CONFIGURATION, False)
    assert error.pauses_provider
    assert "provider.not_made gemini" in caplog.text and "hunter2" not in caplog.text


def test_a_library_that_fails_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: ProviderDefinition, settings: Settings) -> None:
        raise RuntimeError("r8_secret_of_the_library")

    monkeypatch.setattr(ProviderDefinition, "build", fail)
    settings = settings_with(replicate_api_token=SecretStr("r8_" + "x" * 37))
    with pytest.raises(SettingsError, match=r"cannot be made \(RuntimeError\)") as refused:
        LazyProviders(settings)["replicate"]
    assert "r8_secret" not in refused.value.sentence
