"""Gemini, by API key or through a project of Google Cloud (Vertex AI)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.core.settings import Settings
from services.providers.base import FailureClass
from services.providers.definition import (
    SYNCHRONOUS_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
)

_MODELS_PAGE = "ai.google.dev/gemini-api/docs/deprecations"
TYPICAL_SECONDS = 10.0


@dataclass(frozen=True)
class GeminiDefinition(ProviderDefinition):
    """Vertex AI replaces the key by a project, its location and its credentials."""

    def is_configured(self, settings: Settings) -> bool:
        """Return whether there is a project, a key or a server that needs none."""
        return settings.uses_vertex or super().is_configured(settings)

    def needs_simulator(self, settings: Settings) -> bool:
        """Return whether neither a project nor a key nor a server is configured."""
        return not settings.uses_vertex and super().needs_simulator(settings)

    def arguments(self, settings: Settings) -> dict[str, Any]:
        """Return what the client is made with; Google's own address follows from the location."""
        model = {"model": settings.gemini_image_model}
        if not settings.uses_vertex:
            return super().arguments(settings) | model
        return model | {
            "project": settings.google_cloud_project_id,
            "location": settings.google_cloud_location,
            "credentials_file": settings.google_application_credentials,
            "base_url": settings.gemini_base_url if self.has_own_server(settings) else None,
        }

    def identity(self, settings: Settings) -> bytes:
        """Return project, location and key file: each of them may be replaced by another."""
        if not settings.uses_vertex:
            return super().identity(settings)
        project = f"{settings.google_cloud_project_id}/{settings.google_cloud_location}/".encode()
        file = settings.google_application_credentials
        # A file that cannot be read is reported where the client is made.
        with suppress(OSError):
            project += file.read_bytes() if file else b""
        return project

    def access(self, settings: Settings, masked_token: str) -> str:
        """Name the project on Vertex AI, else the key."""
        if settings.uses_vertex:
            return f"GOOGLE_CLOUD_PROJECT_ID {settings.google_cloud_project_id}"
        return super().access(settings, masked_token)

    def access_fix(self, settings: Settings) -> str:
        """Say what to set when the provider refuses the access."""
        if settings.uses_vertex:
            return (
                "Give the service account of GOOGLE_APPLICATION_CREDENTIALS the role Vertex AI"
                " User in that project, and start again."
            )
        return super().access_fix(settings)


DEFINITION = GeminiDefinition(
    name="gemini",
    label="Gemini",
    client="services.providers.gemini.provider:make_provider",
    is_synchronous=True,
    token_field="gemini_api_key",
    base_url_field="gemini_base_url",
    model_fields={Purpose.MASCOT: "gemini_image_model"},
    token_page="https://aistudio.google.com/apikey",
    token_prefix="AIza",
    errors=(
        # A bad key, and a country or a project that is not allowed, are 400 here, not 401/403.
        ErrorRule(
            FailureClass.CONFIGURATION,
            (400,),
            "API_KEY_INVALID|API key not valid|API key expired|FAILED_PRECONDITION",
        ),
        # Google uses the status of a rate limit for it; waiting would never end it.
        ErrorRule(FailureClass.FUNDS, (429,), "prepayment credits are depleted"),
        ErrorRule(FailureClass.UNKNOWN, (422,)),
        *SYNCHRONOUS_ERRORS,
    ),
    models=(
        ModelFacts(
            "gemini-2.5-flash-image",
            "pictures from words and references",
            TYPICAL_SECONDS,
            usd=0.039,
            retires_on=date(2026, 10, 2),
            replacement="gemini-nano-banana-2.1",
            source=_MODELS_PAGE,
            checked_on=date(2026, 12, 1),
        ),
        ModelFacts(
            "gemini-3.1-flash-image",
            "pictures from words and references",
            TYPICAL_SECONDS,
            retires_on=date(2026, 10, 29),
            replacement="gemini-nano-banana-2.1",
            source=_MODELS_PAGE,
            checked_on=date(2026, 12, 1),
        ),
        ModelFacts(
            "gemini-nano-banana-2.1",
            "pictures from words and references",
            TYPICAL_SECONDS,
            # $30 for a million output tokens, 1K picture.
            usd=0.0336,
            source="ai.google.dev/gemini-api/docs/pricing",
            checked_on=date(2026, 12, 1),
        ),
        ModelFacts("*", "every other model", TYPICAL_SECONDS, usd=0.039),
    ),
)
