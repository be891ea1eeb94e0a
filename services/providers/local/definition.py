"""Atelier itself as a provider: crops pictures for channels and calls nobody."""

from services.providers.base import LOCAL, LOCAL_EXPORT, ModelCapabilities
from services.providers.definition import ModelFacts, ProviderDefinition

_TAKES = ModelCapabilities(
    "*",
    takes_prompt=False,
    max_prompt_characters=0,
    needs_image=True,
    options=("preset", "focus"),
    deadline_seconds=120.0,
)
DEFINITION = ProviderDefinition(
    name=LOCAL,
    label="Atelier",
    client="services.providers.local.provider:LocalProvider",
    is_synchronous=True,
    models=(
        ModelFacts(LOCAL_EXPORT, "crops a picture for a channel", 1.0, takes=_TAKES),
        ModelFacts("*", "every other model", 1.0, usd=0.0, takes=_TAKES),
    ),
)
