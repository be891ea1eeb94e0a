"""What each model calls its inputs, and what it can do: a table, and a reading of its schema.

Every default that differs from the model's own is written here, so that a payload is complete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    PictureRequest,
    ProviderError,
)
from services.providers.replies import as_object

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


@dataclass(frozen=True)
class ModelInput:
    """A model's names for what a `PictureRequest` holds; None where it has no such input."""

    image: str | None = None
    image_is_list: bool = False
    seed: str | None = "seed"
    count: str | None = None
    max_count: int = 1
    ratio: str | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    is_official: bool = False
    """Official models are run by name; others need a version."""


@dataclass(frozen=True)
class KnownModel:
    """One row of the table."""

    capabilities: ModelCapabilities
    input: ModelInput


_CONSISTENT_CHARACTER = KnownModel(
    ModelCapabilities(
        model="fofr/consistent-character",
        needs_image=True,
        typical_seconds=40.0,
    ),
    ModelInput(
        image="subject",
        count="number_of_outputs",
        max_count=20,
        fixed={
            "number_of_images_per_pose": 1,
            "randomise_poses": True,
            "output_format": "webp",
            "output_quality": 90,
        },
    ),
)
_SDXL = KnownModel(
    ModelCapabilities(
        model="stability-ai/sdxl",
        aspect_ratios=tuple(SDXL_SIZES),
        typical_seconds=10.0,
    ),
    ModelInput(image="image", count="num_outputs", max_count=4, sizes=SDXL_SIZES),
)
_FLUX_DEV = KnownModel(
    ModelCapabilities(
        model="black-forest-labs/flux-dev",
        aspect_ratios=FLUX_RATIOS,
        typical_seconds=10.0,
    ),
    ModelInput(
        image="image",
        count="num_outputs",
        max_count=4,
        ratio="aspect_ratio",
        fixed={"output_format": "webp", "output_quality": 90},
        is_official=True,
    ),
)
_TABLE: dict[str, KnownModel] = {
    # fofr's model was moved to sdxl-based; both names serve the same version (facts B1).
    "fofr/consistent-character": _CONSISTENT_CHARACTER,
    "sdxl-based/consistent-character": _CONSISTENT_CHARACTER,
    "stability-ai/sdxl": _SDXL,
    "black-forest-labs/flux-dev": _FLUX_DEV,
}

_IMAGE_KEYS = (
    "subject",
    "image",
    "input_image",
    "image_input",
    "input_images",
    "images",
    "subject_image",
    "reference_image",
    "init_image",
    "main_face_image",
    "face_image",
)
_COUNT_KEYS = ("num_outputs", "number_of_outputs", "num_images", "number_of_images")
_MOST_IMAGES = 10


def known_model(name: str) -> KnownModel | None:
    """The table's row of `owner/name`."""
    row = _TABLE.get(name)
    return row and replace(row, capabilities=replace(row.capabilities, model=name))


def model_from_schema(name: str, schema: Any, *, is_official: bool) -> KnownModel:
    """Read a model's OpenAPI schema; raises ProviderError (BAD_INPUT) if it takes no prompt."""
    components = as_object(as_object(as_object(schema).get("components")).get("schemas"))
    given = as_object(components.get("Input"))
    properties = {
        key: _resolved(value, components)
        for key, value in as_object(given.get("properties")).items()
    }
    if "prompt" not in properties:
        raise refused(f"{name} takes no prompt, so it cannot make these pictures.")
    required = given.get("required")
    needed = set(required) if isinstance(required, list) else set()
    row = _mapped(name, properties, needed, is_official=is_official)
    filled = {"prompt", row.input.image, row.input.seed, row.input.count, row.input.ratio}
    if needed - filled:
        raise refused(f"{name} needs inputs unknown here: {', '.join(sorted(needed - filled))}.")
    return row


def _mapped(
    name: str, properties: Mapping[str, Any], needed: set[str], *, is_official: bool
) -> KnownModel:
    image = _first(_IMAGE_KEYS, properties)
    is_list = bool(image) and properties[image or ""].get("type") == "array"
    ratio = _first(("aspect_ratio",), properties)
    allowed = as_object(properties.get("aspect_ratio")).get("enum")
    count = _first(_COUNT_KEYS, properties)
    maximum = properties[count].get("maximum") if count else 1
    seed = _first(("seed",), properties)
    return KnownModel(
        ModelCapabilities(
            model=name,
            max_images=(_MOST_IMAGES if is_list else 1) if image else 0,
            needs_image=image in needed,
            takes_seed=seed is not None,
            aspect_ratios=tuple(map(str, allowed)) if isinstance(allowed, list) else (),
        ),
        ModelInput(
            image=image,
            image_is_list=is_list,
            seed=seed,
            count=count,
            max_count=maximum if isinstance(maximum, int) else 1,
            ratio=ratio,
            is_official=is_official,
        ),
    )


def check(request: PictureRequest, row: KnownModel) -> None:
    """Refuse what the model cannot do, so that nothing is dropped silently; raises BAD_INPUT."""
    can, model = row.capabilities, row.capabilities.model
    if can.needs_image and not request.images:
        raise refused(f"{model} needs a picture.")
    if len(request.images) > can.max_images:
        raise refused(f"{model} takes {can.max_images} pictures, not {len(request.images)}.")
    if request.control_image:
        raise refused(f"{model} takes no control image.")
    if not 1 <= request.output_count <= row.input.max_count:
        raise refused(f"{model} makes 1 to {row.input.max_count} pictures at a time.")
    if len(request.prompt) > can.max_prompt_characters:
        raise refused(f"The prompt is longer than {can.max_prompt_characters} characters.")
    if request.aspect_ratio and request.aspect_ratio not in can.aspect_ratios:
        raise refused(f"{model} has no aspect ratio {request.aspect_ratio}.")


def build_input(request: PictureRequest, row: ModelInput, urls: Sequence[str]) -> dict[str, Any]:
    """The model's input; `urls` are the uploaded pictures in the request's order."""
    filled: dict[str, Any] = {"prompt": request.prompt, **row.fixed}
    if row.image and urls:
        filled[row.image] = list(urls) if row.image_is_list else urls[0]
    if row.seed:
        filled[row.seed] = request.seed
    if row.count:
        filled[row.count] = request.output_count
    if request.aspect_ratio and row.ratio:
        filled[row.ratio] = request.aspect_ratio
    if request.aspect_ratio and request.aspect_ratio in row.sizes:
        filled["width"], filled["height"] = row.sizes[request.aspect_ratio]
    return filled


def refused(problem: str) -> ProviderError:
    """A request that a model cannot take; nothing was sent."""
    return ProviderError(FailureClass.BAD_INPUT, problem, reached=False)


def _first(keys: Sequence[str], properties: Mapping[str, Any]) -> str | None:
    return next((key for key in keys if key in properties), None)


def _resolved(value: Any, components: Mapping[str, Any]) -> dict[str, Any]:
    """A property with the enum that cog puts behind `allOf: [{$ref}]`."""
    found = dict(as_object(value))
    parts = found.get("allOf")
    for part in parts if isinstance(parts, list) else []:
        name = str(as_object(part).get("$ref", "")).rpartition("/")[2]
        found = {**as_object(components.get(name)), **found}
    return found
