"""Atelier itself as a provider: crops pictures for channels and calls nobody."""

from services.providers.base import LOCAL, LOCAL_EXPORT
from services.providers.definition import ModelFacts, ProviderDefinition

DEFINITION = ProviderDefinition(
    name=LOCAL,
    label="Atelier",
    client="services.providers.local.provider:LocalProvider",
    is_synchronous=True,
    models=(
        ModelFacts(LOCAL_EXPORT, "crops a picture for a channel", 1.0),
        ModelFacts("*", "every other model", 1.0, usd=0.0),
    ),
)
