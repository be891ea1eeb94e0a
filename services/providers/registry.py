"""The providers that exist, and those that the settings configure.

Adding one: a definition in `DEFINITIONS` (docs/patterns.md lists the files).
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from datetime import date
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from services.core.errors import ProviderMissingError, SettingsError
from services.core.settings import Settings
from services.providers.base import FailureClass, Provider, ProviderError
from services.providers.cog.definition import DEFINITION as COG
from services.providers.definition import ConfiguredModel, ProviderDefinition, Purpose
from services.providers.gemini.definition import DEFINITION as GEMINI
from services.providers.huggingface.definition import DEFINITION as HUGGINGFACE
from services.providers.local.definition import DEFINITION as LOCAL
from services.providers.replicate.definition import DEFINITION as REPLICATE

logger = logging.getLogger("atelier.providers")

DEFINITIONS: Mapping[str, ProviderDefinition] = {
    definition.name: definition for definition in (REPLICATE, GEMINI, HUGGINGFACE, COG, LOCAL)
}
"""By name; the first one that serves a purpose is the default for it."""
REMOTE = tuple(it for it in DEFINITIONS.values() if it.token_field)
"""Those that call a server."""
SYNCHRONOUS = frozenset(it.name for it in DEFINITIONS.values() if it.is_synchronous)
IDEMPOTENT = frozenset(it.name for it in DEFINITIONS.values() if it.is_idempotent)


class LazyProviders(Mapping[str, Provider]):
    """The configured providers, each made once when it is first used: their libraries are large.

    Thread-safe. Raises ProviderMissingError for one that no setting configures, and SettingsError
    for one whose client cannot be made (ProviderError after `load`).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._definitions = {
            name: it for name, it in DEFINITIONS.items() if it.is_configured(settings)
        }
        self._made: dict[str, Provider] = {}
        self._problems: dict[str, str] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Provider:
        definition = self._definitions.get(name)
        if definition is None:
            raise ProviderMissingError(provider=provider_label(name))
        if problem := self._problems.get(name):
            raise ProviderError(
                FailureClass.CONFIGURATION, problem, reached=False, pauses_provider=True
            )
        with self._lock:
            if name not in self._made:
                self._made[name] = _built(definition, self._settings)
            return self._made[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the provider, or the default for one that is not configured."""
        return self[name] if name in self._definitions else default

    def __contains__(self, name: object) -> bool:
        return name in self._definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    def load(self) -> None:
        """Make all of them now, for a process that will use them from many threads.

        One that cannot be made is paused by its first use, and the others work.
        """
        for name in self:
            try:
                self[name]
            except SettingsError as error:
                logger.error("provider.not_made %s %s", name, error.sentence)
                self._problems[name] = error.sentence


def _built(definition: ProviderDefinition, settings: Settings) -> Provider:
    try:
        return definition.build(settings)
    except SettingsError:
        raise
    except Exception as error:
        # A provider's library may raise anything; its texts may quote a secret.
        logger.exception("provider.build_failed %s", definition.name)
        problem = f"The client of {definition.label} cannot be made ({type(error).__name__})."
        raise SettingsError(problem=f"{problem} The log has the details.") from error


def provider_label(name: str) -> str:
    """Return a provider's name for people; an unknown one as it is stored."""
    return DEFINITIONS[name].label if name in DEFINITIONS else name


def typical_seconds(provider: str, model: str) -> float | None:
    """Return what a model usually takes, for one without a history here."""
    definition = DEFINITIONS.get(provider)
    return definition.model(model).typical_seconds if definition else None


def provider_rates(settings: Settings) -> dict[str, float | None]:
    """Return creates a second by provider; None where the provider sets no rate."""
    return {name: it.creates_per_second(settings) for name, it in DEFINITIONS.items()}


def provider_call_rates(settings: Settings) -> dict[str, float]:
    """Return other calls a second by provider, where it limits them."""
    rates = {name: it.calls_per_second(settings) for name, it in DEFINITIONS.items()}
    return {name: rate for name, rate in rates.items() if rate is not None}


def provider_concurrency(settings: Settings) -> dict[str, int]:
    """Return how many creates a provider works on at once, where it refuses others."""
    counts = {name: it.concurrency(settings) for name, it in DEFINITIONS.items()}
    return {name: count for name, count in counts.items() if count is not None}


def token_fingerprints(settings: Settings) -> dict[str, str]:
    """Return the fingerprint of each configured provider's token."""
    return {
        name: token_fingerprint(it.identity(settings))
        for name, it in DEFINITIONS.items()
        if it.is_configured(settings)
    }


def token_fingerprint(identity: bytes) -> str:
    """Return a short hash: it shows a change, and no more."""
    return hashlib.sha256(identity).hexdigest()[:12]


SIMULATED_FINGERPRINTS = frozenset(
    token_fingerprint(definition.simulated_environment("")[definition.token_name].encode())
    for definition in REMOTE
    if definition.token_field
)
"""Of the tokens that the simulator is called with, in the rows of simulated attempts."""


def simulated_providers(settings: Settings) -> frozenset[str]:
    """Return the providers whose calls go to the simulator."""
    return frozenset(it.name for it in REMOTE if it.is_simulated(settings))


def simulated_environment(settings: Settings, url: str = "") -> dict[str, str]:
    """Return the environment that sends providers without a token to the simulator at `url`."""
    environment: dict[str, str] = {}
    for definition in REMOTE:
        if definition.needs_simulator(settings):
            environment |= definition.simulated_environment(url)
    return environment


def configured_models(settings: Settings) -> dict[str, tuple[ConfiguredModel, ...]]:
    """Return the models that settings name, by provider."""
    return {name: it.configured_models(settings) for name, it in DEFINITIONS.items()}


def retiring_models(settings: Settings, today: date) -> tuple[ConfiguredModel, ...]:
    """Return the configured models that their providers switch off within the notice."""
    return tuple(
        model
        for it in REMOTE
        if it.is_configured(settings) and not it.is_simulated(settings)
        for model in it.configured_models(settings)
        if model.facts.retirement(today)
    )


def models_for(settings: Settings, purpose: Purpose) -> dict[str, str]:
    """Return the configured model for a purpose by provider, the default first."""
    return {
        name: getattr(settings, it.model_fields[purpose])
        for name, it in DEFINITIONS.items()
        if purpose in it.model_fields and it.exists(settings)
    }


def default_model(settings: Settings, purpose: Purpose) -> tuple[str, str]:
    """Return provider and model that serve a purpose unless a person chooses others."""
    return next(iter(models_for(settings, purpose).items()))


def provider_prices() -> list[dict[str, Any]]:
    """Return the rows of provider_prices that a new database starts with."""
    return [
        {"provider": name, "model": model.id, "unit": model.unit, "usd": model.usd}
        for name, it in DEFINITIONS.items()
        for model in it.models
        if model.usd is not None
    ]


def output_hosts(settings: Settings) -> frozenset[str]:
    """Return every host that outputs may be downloaded from, by https and at a public address."""
    wildcards = {it for it in settings.output_host_list if it.startswith("*.")}
    return frozenset(wildcards).union(*(it.output_hosts for it in DEFINITIONS.values()))


def output_places(settings: Settings) -> frozenset[tuple[str, int]]:
    """Return host and port of each place that settings name, and that may be a private one.

    A server of one's own, which serves its outputs itself, and what OUTPUT_HOSTS names.
    """
    own = [it.base_url(settings) or "" for it in REMOTE if it.has_own_server(settings)]
    named = [it for it in settings.output_host_list if not it.startswith("*.")]
    addresses = [urlsplit(it if "://" in it else f"https://{it}") for it in (*own, *named)]
    return frozenset(
        (address.hostname, address.port or (80 if address.scheme == "http" else 443))
        for address in addresses
        if address.hostname
    )
