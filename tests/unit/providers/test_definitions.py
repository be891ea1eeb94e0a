"""What each provider's description promises, and what follows from it."""

from datetime import date, timedelta

import pytest

from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.providers.base import FailureClass
from services.providers.definition import (
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
    classify,
)
from services.providers.registry import (
    DEFINITIONS,
    REMOTE,
    default_model,
    provider_prices,
    retiring_models,
)


@pytest.fixture
def settings() -> Settings:
    return load_settings(env_file=None)


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=lambda it: it.name)
def test_a_definition_names_fields_of_the_settings(definition: ProviderDefinition) -> None:
    named = {
        *definition.model_fields.values(),
        definition.token_field,
        definition.base_url_field,
        definition.creates_per_minute_field,
        definition.calls_per_minute_field,
    } - {None}
    assert named <= set(Settings.model_fields)
    assert definition.model("no-such-model") is not None, "no row for other models"


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=lambda it: it.name)
def test_every_model_has_a_use_a_duration_and_its_own_row(definition: ProviderDefinition) -> None:
    ids = [model.id for model in definition.models]
    assert len(ids) == len(set(ids))
    assert all(model.use and model.typical_seconds > 0 for model in definition.models)
    assert all(model.replacement for model in definition.models if model.retires_on)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_a_known_default_model(purpose: Purpose, settings: Settings) -> None:
    provider, model = default_model(settings, purpose)
    facts = DEFINITIONS[provider].model(model)
    assert facts is not None and facts.id == model


def test_every_remote_provider_can_be_simulated(settings: Settings) -> None:
    for definition in REMOTE:
        environment = definition.simulated_environment("http://127.0.0.1:9")
        assert environment[definition.token_name].startswith(definition.token_prefix)
        assert "http://127.0.0.1:9" in environment.values()


def test_each_provider_has_a_price_for_its_other_models() -> None:
    assert {row["provider"] for row in provider_prices() if row["model"] == "*"} == set(DEFINITIONS)


def test_the_first_matching_error_rule_decides() -> None:
    rules = (
        ErrorRule(FailureClass.FUNDS, (429,), "no credit"),
        ErrorRule(FailureClass.THROTTLED, (429,)),
    )
    assert classify(rules, 429, "No credit left") is FailureClass.FUNDS
    assert classify(rules, 429, "slow down") is FailureClass.THROTTLED
    assert classify(rules, 418, "") is FailureClass.UNKNOWN


TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "was switched off by its provider on 30 November 2026."),
        (0, "was switched off by its provider on 1 December 2026."),
        (30, "is switched off by its provider on 31 December 2026."),
        (31, None),
    ],
)
def test_a_model_is_reported_before_and_after_its_retirement(days: int, words: str | None) -> None:
    facts = ModelFacts("old", "x", 1.0, retires_on=TODAY + timedelta(days=days), replacement="new")
    assert facts.retirement(TODAY) == (words and f"old {words}")


def test_the_defaults_do_not_retire_soon(settings: Settings) -> None:
    models = [it for definition in REMOTE for it in definition.configured_models(settings)]
    assert len(models) == 7
    assert [it.model for it in models if it.facts.retirement(TODAY)] == []


def test_a_configured_model_is_reported_with_the_settings_that_name_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-a-key-for-tests-0123456789abcdef")
    monkeypatch.setenv("GEMINI_IMAGE_MODEL", "gemini-2.5-flash-image")
    (found,) = retiring_models(load_settings(env_file=None), TODAY)
    assert (found.model, found.settings) == ("gemini-2.5-flash-image", ("GEMINI_IMAGE_MODEL",))
    assert found.facts.replacement == "gemini-nano-banana-2.1"


def test_a_version_has_its_model_s_row() -> None:
    facts = DEFINITIONS["replicate"].model("stability-ai/sdxl:abc")
    assert facts.id == "stability-ai/sdxl"
    can = DEFINITIONS["gemini"].capabilities("gemini-nano-banana-2.1")
    assert (len(can.aspect_ratios), can.max_images) == (14, 3)
