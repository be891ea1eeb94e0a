"""The models that are known beforehand, with what their schemas do not say.

Every default that differs from the model's own is written here, so that a payload is complete.
"""

from dataclasses import replace

from services.providers.base import ModelCapabilities
from services.providers.replicate.model_inputs import KnownModel, ModelInput, described

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

_WEBP = {"output_format": "webp", "output_quality": 90}
_CONSISTENT_CHARACTER = described(
    "fofr/consistent-character",
    ModelInput(
        images=("subject",),
        count="number_of_outputs",
        max_count=20,
        options={"negative_prompt": "negative_prompt"},
        fixed={"number_of_images_per_pose": 1, "randomise_poses": True, **_WEBP},
    ),
    needs_image=True,
    typical_seconds=40.0,
)
_SDXL = described(
    "stability-ai/sdxl",
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
    typical_seconds=10.0,
)
_FLUX_DEV = described(
    "black-forest-labs/flux-dev",
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
    typical_seconds=10.0,
)
_FLUX_KONTEXT_PRO = described(
    "black-forest-labs/flux-kontext-pro",
    ModelInput(
        images=("input_image",),
        ratio="aspect_ratio",
        fixed={"aspect_ratio": "match_input_image", "output_format": "png"},
        is_official=True,
    ),
    aspect_ratios=FLUX_RATIOS,
    typical_seconds=10.0,
)
_FLUX_DEPTH_DEV = described(
    "black-forest-labs/flux-depth-dev",
    ModelInput(
        control="control_image",
        needs_control=True,
        count="num_outputs",
        max_count=4,
        options={"steps": "num_inference_steps", "guidance": "guidance"},
        fixed=_WEBP,
        is_official=True,
    ),
    typical_seconds=10.0,
)
_RELIGHT = described(
    "zsxkib/ic-light-background",
    ModelInput(
        images=("subject_image", "background_image"),
        options={"steps": "steps", "guidance": "cfg"},
        fixed=_WEBP,
    ),
    needs_image=True,
    typical_seconds=34.0,
)
_BACKGROUND_REMOVER = described(
    "851-labs/background-remover",
    ModelInput(
        prompt=None,
        images=("image",),
        seed=None,
        fixed={"format": "png", "background_type": "rgba"},
    ),
    needs_image=True,
    typical_seconds=3.0,
)
_REMOVE_BG = described(
    "lucataco/remove-bg",
    ModelInput(prompt=None, images=("image",), seed=None),
    needs_image=True,
    typical_seconds=3.0,
)
_ROWS = (
    _CONSISTENT_CHARACTER,
    _SDXL,
    _FLUX_DEV,
    _FLUX_KONTEXT_PRO,
    _FLUX_DEPTH_DEV,
    _RELIGHT,
    _BACKGROUND_REMOVER,
    _REMOVE_BG,
)
_TABLE: dict[str, KnownModel] = {
    **{row.capabilities.model: row for row in _ROWS},
    # fofr's model was moved to sdxl-based; both names serve the same version (facts B1).
    "sdxl-based/consistent-character": _CONSISTENT_CHARACTER,
}

FLUX_LORA: ModelCapabilities = described(
    "flux-lora",
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
    typical_seconds=10.0,
).capabilities
"""What a FLUX.1 dev model with weights of one's own can do; its inputs are read off its schema."""


def known_model(name: str) -> KnownModel | None:
    """The table's row of `owner/name`."""
    row = _TABLE.get(name)
    return row and replace(row, capabilities=replace(row.capabilities, model=name))
