"""Hugging Face's inference API (hf-inference): pictures from words alone."""

from services.providers.base import FailureClass
from services.providers.definition import (
    SYNCHRONOUS_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
)

TYPICAL_SECONDS = 12.0

DEFINITION = ProviderDefinition(
    name="huggingface",
    label="Hugging Face",
    client="services.providers.huggingface.provider:HuggingFaceProvider",
    is_synchronous=True,
    is_optional=True,
    token_field="huggingface_api_key",
    base_url_field="huggingface_base_url",
    model_fields={Purpose.POSE: "huggingface_pose_model"},
    token_page="https://huggingface.co/settings/tokens",
    token_prefix="hf_",
    errors=(
        # The router answers 400 for a model that another inference provider serves.
        ErrorRule(FailureClass.CONFIGURATION, (400, 422), "supported by provider"),
        ErrorRule(FailureClass.TOO_BIG, range(500, 600), "out of memory"),
        *SYNCHRONOUS_ERRORS,
    ),
    models=(
        ModelFacts("black-forest-labs/FLUX.1-dev", "pictures from words", TYPICAL_SECONDS),
        ModelFacts(
            "*",
            "every other model",
            TYPICAL_SECONDS,
            usd=0.03,
            source="huggingface.co/docs/inference-providers/pricing",
        ),
    ),
)
