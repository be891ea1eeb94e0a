"""Hugging Face's inference API (hf-inference): pictures from words alone."""

from services.providers.base import FailureClass, ModelCapabilities
from services.providers.definition import (
    SYNCHRONOUS_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
)

_TYPICAL_SECONDS = 12.0
SIZES = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1152),
    "4:3": (1152, 864),
    "4:5": (896, 1120),
    "5:4": (1120, 896),
    "9:16": (720, 1280),
    "16:9": (1280, 720),
    "21:9": (1568, 672),
}
"""Width and height in pixels: about a megapixel, in multiples of 16, as these models require."""
OPTIONS = {"steps": ("num_inference_steps", 1, 100), "guidance": ("guidance_scale", 0, 30)}
"""Their name of each option of ours, and the numbers that make sense."""
_TAKES = ModelCapabilities(
    "*",
    # FLUX reads 512 tokens of it and ignores the rest.
    max_prompt_characters=2_000,
    max_images=0,
    aspect_ratios=tuple(SIZES),
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
