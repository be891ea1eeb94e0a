"""What a model calls its inputs: read off its schema, checked against a request, filled with it.

A model is described by a row of its provider's definition, which wins, or by its OpenAPI schema.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.providers.base import ModelCapabilities, PictureRequest
from services.providers.checks import refused, request_problems
from services.providers.definition import ModelFacts
from services.providers.replies import as_number, as_object

PICTURE_DEADLINE_SECONDS = 600.0
"""A picture's prediction is ended after this long, queue and cold start included."""
UNKNOWN_MODEL_SECONDS = 30.0
MEGAPIXEL_SIZES = {
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
"""Width and height in pixels of each ratio: about a megapixel, in multiples of 16."""

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
_CONTROL_KEYS = ("control_image", "controlnet_image", "pose_image", "openpose_image")
_CONTROL_FILES = ("pose", "skeleton", "openpose", "control")
"""Names that may also mean words: they take a skeleton where they take a file."""
_OTHER_CONTROLS = re.compile(
    r"depth|canny|edge|scribble|hed|mlsd|lineart|normal|seg", re.IGNORECASE
)
_OF_POSES = re.compile(r"controlnet.*pose|openpose", re.IGNORECASE)
_COUNT_KEYS = ("num_outputs", "number_of_outputs", "num_images", "number_of_images")
_OPTION_KEYS = {
    "strength": ("prompt_strength", "strength"),
    "steps": ("num_inference_steps", "steps", "ddim_steps"),
    "guidance": ("guidance_scale", "guidance", "cfg", "scale"),
    "lora_scale": ("lora_scale",),
    "negative_prompt": ("negative_prompt", "n_prompt"),
}
"""Our word for an option, and what models call it."""
_CUSTOM_RATIO = "custom"
"""A ratio that means width and height, which a `PictureRequest` does not name."""
_MAX_IMAGES = 10


@dataclass(frozen=True)
class ModelInput:
    """A model's names for what a `PictureRequest` holds; None where it has no such input."""

    prompt: str | None = "prompt"
    images: tuple[str, ...] = ()
    """One name for each picture, in the request's order."""
    image_is_list: bool = False
    """Whether the only name takes all pictures as a list."""
    control: str | None = None
    needs_control: bool = False
    seed: str | None = "seed"
    count: str | None = None
    max_count: int = 1
    ratio: str | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Width and height for each ratio; with a picture given, that picture's size wins."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The model's name of each option of `PictureRequest.options` that it has."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    is_official: bool = False
    """Official models are run by name; others need a version."""


@dataclass(frozen=True)
class KnownModel:
    """A model, as far as it is known."""

    facts: ModelFacts
    input: ModelInput

    @property
    def capabilities(self) -> ModelCapabilities:
        """What it can do."""
        return self.facts.capabilities(self.facts.id)


def described(facts: ModelFacts, given: ModelInput, **more: Any) -> KnownModel:
    """Return a model with the capabilities that follow from its inputs, and those in `more`."""
    takes = ModelCapabilities(
        facts.id,
        takes_prompt=given.prompt is not None,
        max_images=_MAX_IMAGES if given.image_is_list else len(given.images),
        takes_control_image=given.control is not None,
        options=tuple(given.options),
        deadline_seconds=PICTURE_DEADLINE_SECONDS,
        **more,
    )
    return KnownModel(replace(facts, takes=takes), given)


def model_from_schema(name: str, schema: Any, *, is_official: bool = False) -> KnownModel:
    """Read a model's OpenAPI schema; raises ProviderError (BAD_INPUT) for one of no use here."""
    components = as_object(as_object(as_object(schema).get("components")).get("schemas"))
    given = as_object(components.get("Input"))
    properties = {
        key: _resolved(value, components)
        for key, value in as_object(given.get("properties")).items()
    }
    required = given.get("required")
    needed = set(required) if isinstance(required, list) else set()
    row = _mapped(name, properties, needed, is_official=is_official)
    if row.input.prompt is None and not row.input.images:
        raise refused(f"{name} takes neither a prompt nor a picture.")
    unknown = needed - _filled(row.input)
    if unknown:
        raise refused(f"{name} needs inputs unknown here: {', '.join(sorted(unknown))}.")
    return row


def _mapped(
    name: str, properties: Mapping[str, Any], needed: set[str], *, is_official: bool
) -> KnownModel:
    image = _first(_IMAGE_KEYS, properties)
    control = _control_key(name, image, properties)
    count = _first(_COUNT_KEYS, properties)
    ratios, sizes = _ratios(properties.get("aspect_ratio")), _sizes(properties)
    maximum = properties[count].get("maximum") if count else 1
    found = {word: _first(keys, properties) for word, keys in _OPTION_KEYS.items()}
    given = ModelInput(
        prompt=_first(("prompt",), properties),
        images=(image,) if image else (),
        image_is_list=bool(image) and properties[image or ""].get("type") == "array",
        control=control,
        needs_control=control in needed,
        seed=_first(("seed",), properties),
        count=count,
        max_count=maximum if isinstance(maximum, int) else 1,
        ratio=_first(("aspect_ratio",), properties),
        sizes=sizes,
        options={word: key for word, key in found.items() if key},
        is_official=is_official,
    )
    # Schemas call a picture optional without which the model has nothing to work on.
    needs_image = image in needed or (given.prompt is None and image is not None)
    facts = ModelFacts(name, "read off its schema", UNKNOWN_MODEL_SECONDS)
    return described(facts, given, needs_image=needs_image, aspect_ratios=ratios or tuple(sizes))


def _control_key(name: str, image: str | None, properties: Mapping[str, Any]) -> str | None:
    """Return the input that takes a skeleton: none of a model that draws after depth or edges.

    A model of poses with one picture takes the pose from that picture.
    """
    if _OTHER_CONTROLS.search(name):
        return None
    files = {key: it for key, it in properties.items() if it.get("format") == "uri"}
    named = _first(_CONTROL_KEYS, properties) or _first(_CONTROL_FILES, files)
    return named or (image if _OF_POSES.search(name) else None)


def _ratios(ratio: Any) -> tuple[str, ...]:
    allowed = as_object(ratio).get("enum")
    words = map(str, allowed) if isinstance(allowed, list) else ()
    return tuple(word for word in words if word != _CUSTOM_RATIO)


def _sizes(properties: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return the sizes that a model with a width and a height, and no ratio, may be given."""
    width, height = (as_object(properties.get(key)) for key in ("width", "height"))
    if not width or not height or "aspect_ratio" in properties:
        return {}
    return {
        ratio: size
        for ratio, size in MEGAPIXEL_SIZES.items()
        if _is_within(size[0], width) and _is_within(size[1], height)
    }


def _is_within(pixels: int, side: Mapping[str, Any]) -> bool:
    """Whether a side's schema, by bounds or by choices, permits so many pixels."""
    choices = side.get("enum")
    if isinstance(choices, list):
        return pixels in choices
    least, most = as_number(side.get("minimum")), as_number(side.get("maximum"))
    return (least or 0) <= pixels <= (most or pixels)


def _filled(given: ModelInput) -> set[str | None]:
    """What every request fills, of all that a schema may ask for."""
    names = (given.prompt, given.control, given.seed, given.count, given.ratio)
    return {*names, *given.images}


def check(request: PictureRequest, row: KnownModel) -> None:
    """Refuse what the model cannot do, so that nothing is dropped silently; raises BAD_INPUT.

    The prompt alone is left out where a model takes none.
    """
    for problem in request_problems(request, row.capabilities, row.input.max_count):
        raise refused(problem)
    if row.input.needs_control and not request.control_image:
        raise refused(f"{row.capabilities.model} needs a control image.")


def build_input(
    request: PictureRequest,
    row: ModelInput,
    urls: Sequence[str],
    control_url: str | None = None,
) -> dict[str, Any]:
    """The model's input; `urls` are the uploaded pictures in the request's order."""
    filled = {**row.fixed, **_pictures(row, urls, control_url)}
    if row.prompt:
        filled[row.prompt] = request.prompt
    if row.seed:
        filled[row.seed] = request.seed
    if row.count:
        filled[row.count] = request.output_count
    if request.aspect_ratio and row.ratio:
        filled[row.ratio] = request.aspect_ratio
    if request.aspect_ratio and request.aspect_ratio in row.sizes and not urls:
        filled["width"], filled["height"] = row.sizes[request.aspect_ratio]
    for word, value in request.options.items():
        filled[row.options[word]] = value
    return filled


def _pictures(row: ModelInput, urls: Sequence[str], control_url: str | None) -> dict[str, Any]:
    pictures: dict[str, Any] = dict(zip(row.images, urls, strict=False))
    if row.image_is_list and urls:
        pictures = {row.images[0]: list(urls)}
    if row.control and control_url:
        pictures[row.control] = control_url
    return pictures


def _first(keys: Sequence[str], properties: Mapping[str, Any]) -> str | None:
    return next((key for key in keys if key in properties), None)


def _resolved(value: Any, components: Mapping[str, Any]) -> dict[str, Any]:
    """A property with the enum that cog puts behind `allOf: [{$ref}]`."""
    found = dict(as_object(value))
    references = found.get("allOf")
    for reference in references if isinstance(references, list) else []:
        name = str(as_object(reference).get("$ref", "")).rpartition("/")[2]
        found = {**as_object(components.get(name)), **found}
    return found
