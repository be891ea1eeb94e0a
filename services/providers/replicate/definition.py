"""Replicate: predictions and trainings that run in the background, and the models known beforehand.

Every default that differs from the model's own is written here, so that a payload is complete.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.core.settings import Settings
from services.core.states import PriceUnit
from services.providers.base import FailureClass, ModelCapabilities
from services.providers.definition import (
    MODEL_ERRORS,
    ErrorRule,
    ModelFacts,
    ProviderDefinition,
    Purpose,
)
from services.providers.model_inputs import (
    PICTURE_DEADLINE_SECONDS,
    KnownModel,
    ModelInput,
    described,
)

# US dollars for one second of active time: replicate.com/pricing.
T4_USD, L40S_USD, H100_USD = 0.000225, 0.000975, 0.001525
TRAINING_DEADLINE_SECONDS = 7200.0

FLUX_RATIOS = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
SDXL_SIZES: dict[str, tuple[int, int]] = {
    "1:1": (1024, 1024),
    "4:3": (1152, 896),
    "3:4": (896, 1152),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "16:9": (1344, 768),
    "9:16": (768, 1344),
}
"""Width and height in pixels that SDXL was trained on. With a picture given, SDXL ignores them
and answers in that picture's size."""
_CHECKED = date(2026, 11, 20)


def _facts(
    model: str,
    use: str,
    typical_seconds: float,
    usd: float | None = None,
    unit: PriceUnit = PriceUnit.PICTURE,
) -> ModelFacts:
    return ModelFacts(
        model, use, typical_seconds, usd, unit, source=f"replicate.com/{model}", checked_on=_CHECKED
    )


_WEBP = {"output_format": "webp", "output_quality": 90}
_CONSISTENT_CHARACTER = described(
    _facts(
        "fofr/consistent-character",
        "poses of one character from its picture",
        40.0,
        usd=L40S_USD,
        unit=PriceUnit.SECOND,
    ),
    ModelInput(
        images=("subject",),
        count="number_of_outputs",
        max_count=20,
        options={"negative_prompt": "negative_prompt"},
        fixed={"number_of_images_per_pose": 1, "randomise_poses": True, **_WEBP},
    ),
    needs_image=True,
)
_SDXL = described(
    _facts(
        "stability-ai/sdxl",
        "simulations from a photograph",
        10.0,
        usd=L40S_USD,
        unit=PriceUnit.SECOND,
    ),
    ModelInput(
        images=("image",),
        count="num_outputs",
        max_count=4,
        sizes=SDXL_SIZES,
        options={
            "strength": "prompt_strength",
            "steps": "num_inference_steps",
            "guidance": "guidance_scale",
            "negative_prompt": "negative_prompt",
        },
        fixed={"apply_watermark": False, "refine": "no_refiner"},
    ),
    aspect_ratios=tuple(SDXL_SIZES),
    image_max_side=1024,
    image_multiple=8,
)
_FLUX_DEV = described(
    _facts("black-forest-labs/flux-dev", "pictures from words", 10.0, usd=0.025),
    ModelInput(
        images=("image",),
        count="num_outputs",
        max_count=4,
        ratio="aspect_ratio",
        options={
            "strength": "prompt_strength",
            "steps": "num_inference_steps",
            "guidance": "guidance",
        },
        fixed=_WEBP,
        is_official=True,
    ),
    aspect_ratios=FLUX_RATIOS,
)
_FLUX_KONTEXT_PRO = described(
    _facts("black-forest-labs/flux-kontext-pro", "another background", 10.0, usd=0.04),
    ModelInput(
        images=("input_image",),
        ratio="aspect_ratio",
        fixed={"aspect_ratio": "match_input_image", "output_format": "png"},
        is_official=True,
    ),
    aspect_ratios=FLUX_RATIOS,
)
_CONTROLNET_POSE = described(
    _facts("jagilley/controlnet-pose", "poses after a skeleton", 15.0),
    # Its one picture is what the pose is taken from.
    ModelInput(
        images=("image",),
        control="image",
        options={"steps": "ddim_steps", "guidance": "scale", "negative_prompt": "n_prompt"},
        fixed={"num_samples": "1", "image_resolution": "768"},
    ),
    needs_image=True,
)
_RELIGHT = described(
    _facts("zsxkib/ic-light-background", "another background and its light", 34.0),
    ModelInput(
        images=("subject_image", "background_image"),
        options={"steps": "steps", "guidance": "cfg"},
        fixed=_WEBP,
    ),
    needs_image=True,
)
_BACKGROUND_REMOVER = described(
    _facts(
        "851-labs/background-remover",
        "cuts out the subject",
        3.0,
        usd=T4_USD,
        unit=PriceUnit.SECOND,
    ),
    ModelInput(
        prompt=None,
        images=("image",),
        seed=None,
        fixed={"format": "png", "background_type": "rgba"},
    ),
    needs_image=True,
)
_REMOVE_BG = described(
    _facts("lucataco/remove-bg", "cuts out the subject", 3.0),
    ModelInput(prompt=None, images=("image",), seed=None),
    needs_image=True,
)
_ROWS = (
    _CONSISTENT_CHARACTER,
    # fofr's model was moved to sdxl-based; both names serve the same version.
    replace(
        _CONSISTENT_CHARACTER,
        facts=replace(_CONSISTENT_CHARACTER.facts, id="sdxl-based/consistent-character"),
    ),
    _SDXL,
    _FLUX_DEV,
    _FLUX_KONTEXT_PRO,
    _CONTROLNET_POSE,
    _RELIGHT,
    _BACKGROUND_REMOVER,
    _REMOVE_BG,
)
_TABLE = {row.facts.id: row for row in _ROWS}


def _trainer(facts: ModelFacts, *parameters: str) -> ModelFacts:
    """Without parameters that write to other services: their keys would be in the payload."""
    takes = ModelCapabilities(
        facts.id,
        takes_prompt=False,
        max_images=0,
        options=parameters,
        deadline_seconds=TRAINING_DEADLINE_SECONDS,
    )
    return replace(facts, takes=takes)


TRAINERS = (
    _trainer(
        _facts(
            "ostris/flux-dev-lora-trainer",
            "trains a FLUX.1 dev LoRA",
            1800.0,
            usd=H100_USD,
            unit=PriceUnit.SECOND,
        ),
        "trigger_word",
        "autocaption",
        "autocaption_prefix",
        "autocaption_suffix",
        "steps",
        "learning_rate",
        "batch_size",
        "resolution",
        "lora_rank",
        "caption_dropout_rate",
        "optimizer",
        "cache_latents_to_disk",
        "layers_to_optimize_regex",
        "gradient_checkpointing",
    ),
    _trainer(
        _facts("replicate/fast-flux-trainer", "trains a FLUX.1 dev LoRA on 8 GPUs", 130.0),
        "trigger_word",
        "lora_type",
        "training_steps",
    ),
)
PUBLISHING_INPUTS = {"ostris/flux-dev-lora-trainer": "skip_training_and_use_pretrained_hf_lora_url"}
"""By trainer: the input that takes the address of weights to publish without a training."""
MODELS = (
    *(row.facts for row in _ROWS),
    *TRAINERS,
    replace(
        _facts("*", "every other model", 30.0, usd=L40S_USD, unit=PriceUnit.SECOND),
        takes=ModelCapabilities("*", deadline_seconds=PICTURE_DEADLINE_SECONDS),
    ),
)

FLUX_LORA: ModelCapabilities = described(
    _facts("flux-lora", "pictures of a trained subject", 10.0),
    ModelInput(
        images=("image",),
        options={
            "strength": "prompt_strength",
            "steps": "num_inference_steps",
            "guidance": "guidance_scale",
            "lora_scale": "lora_scale",
        },
    ),
    aspect_ratios=FLUX_RATIOS,
).capabilities
"""What a FLUX.1 dev model with weights of one's own can do; its inputs are read off its schema."""


def known_model(name: str) -> KnownModel | None:
    """Return the table's row of `owner/name`, or None."""
    return _TABLE.get(name)


def trainer_facts(name: str) -> ModelFacts | None:
    """Return what is known of a trainer, or None."""
    return next((facts for facts in TRAINERS if facts.id == name), None)


PREDICTION_PAGE = "https://replicate.com/p/{id}"
PREDICTION_ERRORS = (
    *MODEL_ERRORS,
    ErrorRule(
        FailureClass.BAD_INPUT,
        text=r"must be a zip file|input_images must be provided|^the regex .* didn't match"
        r"|^failed to compile regex",
    ),
    ErrorRule(FailureClass.CONFIGURATION, text=r"\bE4875\b"),
    ErrorRule(
        FailureClass.PLATFORM,
        text=r"code: PA\b|^director:|\bE(?:1000|6716|8367|8765|9243|9825|9828)\b",
    ),
)
"""By the `error` of a failed prediction; statuses depend on the call, see `errors.py`."""


@dataclass(frozen=True)
class ReplicateDefinition(ProviderDefinition):
    """Its client needs to know which version the setting of the pose model pins."""

    def arguments(self, settings: Settings) -> dict[str, Any]:
        """Return what the client is made with."""
        return super().arguments(settings) | {"pose_model": settings.replicate_pose_model}


DEFINITION = ReplicateDefinition(
    name="replicate",
    label="Replicate",
    client="services.providers.replicate.provider:ReplicateProvider",
    is_synchronous=False,
    token_field="replicate_api_token",
    base_url_field="replicate_base_url",
    model_fields={
        Purpose.POSE: "replicate_pose_model",
        Purpose.SIMULATION: "replicate_simulation_model",
        Purpose.TRAINING: "replicate_trainer_model",
        Purpose.CUTOUT: "replicate_cutout_model",
        Purpose.BACKGROUND: "replicate_background_model",
    },
    creates_per_minute_field="replicate_creates_per_minute",
    calls_per_minute_field="replicate_calls_per_minute",
    output_hosts=frozenset({"replicate.delivery", "*.replicate.delivery"}),
    token_page="https://replicate.com/account/api-tokens",
    token_prefix="r8_",
    errors=PREDICTION_ERRORS,
    models=MODELS,
)
