"""The description of a provider: label, settings, models, error table, limits and check-up.

A definition imports no large library; the client is imported when `build` is first called.
"""

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, cast

from pydantic import SecretStr

from services.core.settings import Settings
from services.core.settings_fields import names
from services.core.states import PriceUnit
from services.providers.base import FailureClass, ModelCapabilities, Provider

RETIREMENT_NOTICE = timedelta(days=30)
"""How long before its retirement people are warned about a model."""
NO_TOKEN = "no-token-needed"
_SIMULATED = "simulated0simulated0simulated0simulat"
"""The simulator accepts it, and nobody else does."""


class Purpose(StrEnum):
    """What a model is configured for."""

    MASCOT = "mascot"
    POSE = "pose"
    SIMULATION = "simulation"
    TRAINING = "training"
    CUTOUT = "cutout"
    BACKGROUND = "background"


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model; a fact is as good as its source and its date."""

    id: str
    """`*`: the provider's models without a row of their own."""
    use: str
    typical_seconds: float
    usd: float | None = None
    """Price of one `unit` in US dollars; None: that of `*`."""
    unit: PriceUnit = PriceUnit.PICTURE
    retires_on: date | None = None
    replacement: str | None = None
    source: str = ""
    checked_on: date = date(2026, 11, 20)
    takes: ModelCapabilities = field(default_factory=partial(ModelCapabilities, "*"))
    """What it can be given; `capabilities` completes it."""

    def capabilities(self, model: str) -> ModelCapabilities:
        """Return what the model of this name can do."""
        return replace(self.takes, model=model, typical_seconds=self.typical_seconds)

    def retirement(self, today: date) -> str | None:
        """Say that its provider has switched it off, or will within the notice; else None."""
        if self.retires_on is None or self.retires_on - today > RETIREMENT_NOTICE:
            return None
        verb = "was switched off" if self.retires_on <= today else "is switched off"
        return f"{self.id} {verb} by its provider on {self.retires_on:%-d %B %Y}."


@dataclass(frozen=True)
class ConfiguredModel:
    """A model that settings name, and what is known of it."""

    provider: str
    model: str
    settings: tuple[str, ...]
    """Environment names of the settings that name it."""
    facts: ModelFacts


@dataclass(frozen=True)
class ErrorRule:
    """One row of a provider's error table: the first one that matches decides."""

    failure: FailureClass
    statuses: Sequence[int] = ()
    """HTTP statuses; empty: any."""
    text: str = ""
    """A regular expression that the error's text must contain, in either case."""


SYNCHRONOUS_ERRORS = (
    ErrorRule(FailureClass.CONFIGURATION, (*range(300, 400), 401, 403, 405)),
    ErrorRule(FailureClass.MODEL_RETIRED, (404, 410)),
    ErrorRule(FailureClass.FUNDS, (402,)),
    ErrorRule(FailureClass.BAD_INPUT, (400, 413, 422)),
    ErrorRule(FailureClass.THROTTLED, (429,)),
    ErrorRule(FailureClass.TRANSIENT, (408, 499, *range(500, 600))),
)
"""The last rows of a provider that answers a create with the picture itself."""

MODEL_ERRORS = (
    ErrorRule(
        FailureClass.CONTENT_REFUSED,
        text=r"nsfw|flagged as sensitive|\bE005\b|content (?:policy|moderation|filter)|safety (?:system|filter|checker)"
        r"|(?:flagged|blocked|rejected|refused) (?:as|by|for|due to) \w* ?(?:unsafe|safety|moderation|polic)|prohibited content",
    ),
    ErrorRule(FailureClass.TOO_BIG, text=r"out of memory|\bOOM\b|\bE1001\b"),
)
"""By the `error` of a failed prediction, in the words of models that Cog runs."""


def classify(rules: Sequence[ErrorRule], status: int | None, text: str) -> FailureClass:
    """Return the class of the first matching row; UNKNOWN where none matches."""
    for rule in rules:
        if rule.statuses and status not in rule.statuses:
            continue
        if re.search(rule.text, text, re.IGNORECASE):
            return rule.failure
    return FailureClass.UNKNOWN


@dataclass(frozen=True)
class ProviderDefinition:
    """One provider; names of settings are fields of `Settings`."""

    name: str
    label: str
    client: str
    """`module:callable` that makes the client from `arguments`."""
    is_synchronous: bool
    """Whether a create answers with the pictures themselves."""
    models: tuple[ModelFacts, ...]
    errors: tuple[ErrorRule, ...] = ()
    token_field: str | None = None
    """None for a provider that calls nobody."""
    base_url_field: str | None = None
    model_fields: Mapping[Purpose, str] = field(default_factory=dict)
    """Setting of the model for each purpose."""
    creates_per_minute_field: str | None = None
    calls_per_minute_field: str | None = None
    concurrency_field: str | None = None
    """Setting of how many creates its server works on at once, where it refuses others."""
    output_hosts: frozenset[str] = frozenset()
    """Hosts that outputs are downloaded from; `*.` means any subdomain."""
    token_page: str = ""
    """Where a person gets a token."""
    token_prefix: str = ""
    is_idempotent: bool = False
    """Whether a synchronous create that is sent again under its attempt's id starts nothing new."""
    is_optional: bool = False
    """Whether it is used only where somebody chooses it."""

    def token(self, settings: Settings) -> str | None:
        """Return the token; a server of one's own needs none, but the clients want some text."""
        secret: SecretStr | None = getattr(settings, self.token_field or "", None)
        if secret:
            return secret.get_secret_value()
        return NO_TOKEN if self.has_own_server(settings) else None

    def base_url(self, settings: Settings) -> str | None:
        """Return the address that is called; None for a provider that calls nobody."""
        return getattr(settings, self.base_url_field) if self.base_url_field else None

    def exists(self, settings: Settings) -> bool:
        """Return whether there is a server to call: one without a vendor exists once it is set."""
        return self.base_url_field is None or self.base_url(settings) is not None

    def has_own_server(self, settings: Settings) -> bool:
        """Return whether another server than the vendor's is configured."""
        field_name = self.base_url_field
        if field_name is None:
            return False
        url = str(getattr(settings, field_name)).removesuffix("/v1")
        return url != str(Settings.model_fields[field_name].default)

    def is_configured(self, settings: Settings) -> bool:
        """Return whether it can be called: there is a token, or no token is needed."""
        has_access = self.token_field is None or self.token(settings) is not None
        return has_access and self.exists(settings)

    def arguments(self, settings: Settings) -> dict[str, Any]:
        """Return what the client is made with."""
        if self.token_field is None:
            return {}
        return {"token": self.token(settings), "base_url": self.base_url(settings)}

    def build(self, settings: Settings) -> Provider:
        """Import the client and make it; raises SettingsError."""
        module, _, name = self.client.partition(":")
        factory = getattr(importlib.import_module(module), name)
        return cast(Provider, factory(**self.arguments(settings)))

    def identity(self, settings: Settings) -> bytes:
        """Return what a token's fingerprint is made of."""
        return (self.token(settings) or self.name).encode()

    def creates_per_second(self, settings: Settings) -> float | None:
        """Return the rate limit of creates; None where the provider sets none."""
        return _per_second(settings, self.creates_per_minute_field)

    def calls_per_second(self, settings: Settings) -> float | None:
        """Return the rate limit of other calls; None where the provider sets none."""
        return _per_second(settings, self.calls_per_minute_field)

    def concurrency(self, settings: Settings) -> int | None:
        """Return how many creates it works on at once; None where it takes any number."""
        return getattr(settings, self.concurrency_field) if self.concurrency_field else None

    def is_simulated(self, settings: Settings) -> bool:
        """Return whether the simulator answers in its place."""
        url = settings.simulator_url
        return url is not None and self.base_url(settings) == url

    def needs_simulator(self, settings: Settings) -> bool:
        """Return whether `./run` must start the simulator for it: no token, no own server."""
        is_missing = self.exists(settings) and self.token(settings) is None
        return bool(self.token_field) and is_missing

    def simulated_environment(self, url: str) -> dict[str, str]:
        """Return the environment that sends this provider's calls to the simulator."""
        return {
            self.token_name: self.token_prefix + _SIMULATED,
            environment_name(self.base_url_field or ""): url,
        }

    @property
    def token_name(self) -> str:
        """The environment name of the token."""
        return environment_name(self.token_field or "")

    def access(self, settings: Settings, masked_token: str) -> str:
        """Name the setting that gives access, for the check-up."""
        return f"{self.token_name} {masked_token}"

    def access_fix(self, settings: Settings) -> str:
        """Return what to set when the provider refuses the access."""
        return f"Set {self.token_name} to a valid one from {self.token_page} and start again."

    def configured_models(self, settings: Settings) -> tuple[ConfiguredModel, ...]:
        """Return each model that a setting names, once; none of a server that is not set."""
        fields: dict[str, list[str]] = {}
        for name in self.model_fields.values() if self.exists(settings) else ():
            fields.setdefault(getattr(settings, name), []).append(environment_name(name))
        return tuple(
            ConfiguredModel(self.name, model, tuple(names), self.model(model))
            for model, names in fields.items()
        )

    def capabilities(self, model: str) -> ModelCapabilities:
        """Return what a model can do by the catalogue."""
        return self.model(model).capabilities(model)

    def model(self, model_id: str) -> ModelFacts:
        """Return what is known of `owner/name`, with or without a version, else of other models."""
        rows = {row.id: row for row in self.models}
        return rows.get(model_id.partition(":")[0]) or rows["*"]


def environment_name(setting_field: str) -> str:
    """Return a setting's preferred name in the environment."""
    return names(Settings.model_fields[setting_field])[0]


def _per_second(settings: Settings, setting_field: str | None) -> float | None:
    return getattr(settings, setting_field) / 60 if setting_field else None
