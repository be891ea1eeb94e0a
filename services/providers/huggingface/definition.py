"""Hugging Face's inference providers: pictures from words alone."""

from services.providers.base import FailureClass, ModelCapabilities
from services.providers.definition import (
    SYNCHRONOUS_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
)
from services.providers.model_inputs import MEGAPIXEL_SIZES

_TYPICAL_SECONDS = 12.0
OPTIONS = {"steps": ("num_inference_steps", 1, 100), "guidance": ("guidance_scale", 0, 30)}
"""Their name of each option of ours, and the numbers that make sense."""
_TAKES = ModelCapabilities(
    "*",
    # FLUX reads 512 tokens of it and ignores the rest.
    max_prompt_characters=2_000,
    max_images=0,
    aspect_ratios=tuple(MEGAPIXEL_SIZES),
    options=tuple(OPTIONS),
)

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
        ModelFacts(
            "black-forest-labs/FLUX.1-dev", "pictures from words", _TYPICAL_SECONDS, takes=_TAKES
        ),
        ModelFacts(
            "*",
            "every other model",
            _TYPICAL_SECONDS,
            usd=0.03,
            takes=_TAKES,
            source="huggingface.co/docs/inference-providers/pricing",
        ),
    ),
)
