"""The providers that the settings ask for: with what token, at what address, at what rate."""

import hashlib
import importlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import SecretStr

from services.core.settings import Settings
from services.providers.base import LOCAL, Provider
from services.providers.lazy import LazyProviders

NO_TOKEN = "no-token-needed"


def build_providers(settings: Settings) -> LazyProviders:
    """Every provider with a token or a server of one's own, which may need none; and this desk."""
    builders: dict[str, Callable[[], Provider]] = {
        LOCAL: _builder("services.providers.local.provider", "LocalProvider")
    }
    if replicate_token := _token(settings, settings.replicate_api_token, "replicate_base_url"):
        builders["replicate"] = _builder(
            "services.providers.replicate.provider",
            "ReplicateProvider",
            token=replicate_token,
            base_url=settings.replicate_base_url,
            pose_model=settings.replicate_pose_model,
        )
    if settings.uses_vertex:
        builders["gemini"] = _builder(
            "services.providers.gemini.provider",
            "on_vertex",
            project=settings.google_cloud_project_id,
            location=settings.google_cloud_location,
            credentials_file=settings.google_application_credentials,
            # Google's own address follows from the location.
            base_url=settings.gemini_base_url if _is_own(settings, "gemini_base_url") else None,
            model=settings.gemini_image_model,
        )
    elif gemini_key := _token(settings, settings.gemini_api_key, "gemini_base_url"):
        builders["gemini"] = _builder(
            "services.providers.gemini.provider",
            "GeminiProvider",
            api_key=gemini_key,
            base_url=settings.gemini_base_url,
            model=settings.gemini_image_model,
        )
    if hub_token := _token(settings, settings.huggingface_api_key, "huggingface_base_url"):
        builders["huggingface"] = _builder(
            "services.providers.huggingface.provider",
            "HuggingFaceProvider",
            token=hub_token,
            base_url=settings.huggingface_base_url,
        )
    return LazyProviders(builders)


def _token(settings: Settings, token: SecretStr | None, address_field: str) -> str | None:
    """The token; for a server of one's own any will do, since the clients refuse to have none."""
    if token:
        return token.get_secret_value()
    return NO_TOKEN if _is_own(settings, address_field) else None


def _is_own(settings: Settings, address_field: str) -> bool:
    """Whether an address is not the vendor's."""
    default = Settings.model_fields[address_field].default
    return bool(getattr(settings, address_field) != default)


def _builder(module: str, name: str, **arguments: Any) -> Callable[[], Provider]:
    """A provider's module is imported when it is built: it brings a large library along."""

    def build() -> Provider:
        provider: Provider = getattr(importlib.import_module(module), name)(**arguments)
        return provider

    return build


def provider_rates(settings: Settings) -> Mapping[str, float | None]:
    """Creates a second by provider; None where the provider sets no rate."""
    replicate_rate = settings.replicate_creates_per_minute / 60
    return {"replicate": replicate_rate, "gemini": None, "huggingface": None, LOCAL: None}


def token_fingerprints(settings: Settings) -> Mapping[str, str]:
    """A short hash of each provider's token: enough to notice another one, useless otherwise."""
    tokens = {
        "replicate": _token(settings, settings.replicate_api_token, "replicate_base_url"),
        "gemini": _token(settings, settings.gemini_api_key, "gemini_base_url"),
        "huggingface": _token(settings, settings.huggingface_api_key, "huggingface_base_url"),
    }
    known = {name: token.encode() for name, token in tokens.items() if token}
    if settings.uses_vertex:
        known["gemini"] = _vertex_identity(settings)
    # Nothing is rung for a provider that is not registered, and this desk has no token.
    known[LOCAL] = LOCAL.encode()
    return {name: hashlib.sha256(text).hexdigest()[:12] for name, text in known.items()}


def _vertex_identity(settings: Settings) -> bytes:
    """The project and its key file: either may be replaced by another."""
    identity = f"{settings.google_cloud_project_id}/{settings.google_cloud_location}/".encode()
    file = settings.google_application_credentials
    # A file that cannot be read is told where the provider is built.
    with suppress(OSError):
        identity += file.read_bytes() if file else b""
    return identity


def simulated_providers(settings: Settings) -> frozenset[str]:
    """The providers that the simulator stands in for."""
    url = settings.simulator_url
    names = ("replicate", "gemini", "huggingface")
    return frozenset(name for name in names if url and getattr(settings, f"{name}_base_url") == url)
