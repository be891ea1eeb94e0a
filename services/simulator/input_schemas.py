"""The inputs of each simulated model, as their `predict` functions declare them."""

from dataclasses import dataclass
from typing import Any

Property = dict[str, Any]

_WEBP_FIRST = ["webp", "jpg", "png"]


@dataclass(frozen=True)
class ModelInput:
    """A model's input: its properties, which must be given, and what comes out."""

    properties: dict[str, Property]
    required: tuple[str, ...] = ()
    is_list: bool = True
    """Whether the output is a list of addresses; otherwise it is one."""

    def defaults(self) -> dict[str, Any]:
        """The value of every input that has a default."""
        return {
            key: schema["default"] for key, schema in self.properties.items() if "default" in schema
        }

    def openapi(self, grows: bool) -> dict[str, Any]:
        """The OpenAPI document that a version carries."""
        ordered = {
            key: {**schema, "x-order": at}
            for at, (key, schema) in enumerate(self.properties.items())
        }
        inputs: Property = {"type": "object", "title": "Input", "properties": ordered}
        if self.required:
            inputs["required"] = list(self.required)
        return {
            "openapi": "3.0.2",
            "info": {"title": "Cog", "version": "0.1.0"},
            "paths": {},
            "components": {"schemas": {"Input": inputs, "Output": self._output(grows)}},
        }

    def _output(self, grows: bool) -> Property:
        address: Property = {"type": "string", "format": "uri"}
        if not self.is_list:
            return {"title": "Output", **address}
        output: Property = {"type": "array", "items": address, "title": "Output"}
        return {**output, "x-cog-array-type": "iterator"} if grows else output


def _text(default: str | None = None) -> Property:
    return {"type": "string"} if default is None else {"type": "string", "default": default}


def _whole(default: int | None = None, low: int | None = None, high: int | None = None) -> Property:
    return _bounded({"type": "integer"}, default, low, high)


def _number(
    default: float | None = None, low: float | None = None, high: float | None = None
) -> Property:
    return _bounded({"type": "number"}, default, low, high)


def _bounded(
    schema: Property, default: float | None, low: float | None, high: float | None
) -> Property:
    limits = {"default": default, "minimum": low, "maximum": high}
    return schema | {key: value for key, value in limits.items() if value is not None}


def _choice(values: list[str], default: str) -> Property:
    return {"type": "string", "enum": values, "default": default}


def _flag(default: bool) -> Property:
    return {"type": "boolean", "default": default}


_URI: Property = {"type": "string", "format": "uri"}

CONSISTENT_CHARACTER = ModelInput(
    {
        "prompt": _text("A headshot photo"),
        "negative_prompt": _text(""),
        "subject": _URI,
        "number_of_outputs": _whole(3, 1, 20),
        "number_of_images_per_pose": _whole(1, 1, 4),
        "randomise_poses": _flag(True),
        "output_format": _choice(_WEBP_FIRST, "webp"),
        "output_quality": _whole(80, 0, 100),
        "seed": _whole(),
        "disable_safety_checker": _flag(False),
    }
)

SDXL = ModelInput(
    {
        "prompt": _text("An astronaut riding a rainbow unicorn"),
        "negative_prompt": _text(""),
        "image": _URI,
        "mask": _URI,
        "width": _whole(1024),
        "height": _whole(1024),
        "num_outputs": _whole(1, 1, 4),
        "scheduler": _choice(
            [
                "DDIM",
                "DPMSolverMultistep",
                "HeunDiscrete",
                "KarrasDPM",
                "K_EULER_ANCESTRAL",
                "K_EULER",
                "PNDM",
            ],
            "K_EULER",
        ),
        "num_inference_steps": _whole(50, 1, 500),
        "guidance_scale": _number(7.5, 1, 50),
        "prompt_strength": _number(0.8, 0, 1),
        "seed": _whole(),
        "refine": _choice(
            ["no_refiner", "expert_ensemble_refiner", "base_image_refiner"], "no_refiner"
        ),
        "high_noise_frac": _number(0.8, 0, 1),
        "refine_steps": _whole(),
        "apply_watermark": _flag(True),
        "lora_scale": _number(0.6, 0, 1),
        "replicate_weights": _text(),
        "disable_safety_checker": _flag(False),
    }
)

ASPECT_RATIOS = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21"]

FLUX_DEV = ModelInput(
    {
        "prompt": _text(),
        "image": _URI,
        "go_fast": _flag(True),
        "guidance": _number(3, 0, 10),
        "megapixels": _choice(["1", "0.25"], "1"),
        "num_outputs": _whole(1, 1, 4),
        "aspect_ratio": _choice(ASPECT_RATIOS, "1:1"),
        "output_format": _choice(_WEBP_FIRST, "webp"),
        "output_quality": _whole(80, 0, 100),
        "prompt_strength": _number(0.8, 0, 1),
        "num_inference_steps": _whole(28, 1, 50),
        "seed": _whole(),
        "disable_safety_checker": _flag(False),
    },
    required=("prompt",),
)

BACKGROUND_REMOVER = ModelInput(
    {
        "image": _URI,
        "format": _choice(["png", "jpg"], "png"),
        "background_type": _text("rgba"),
        "threshold": _number(0, 0, 1),
        "reverse": _flag(False),
    },
    required=("image",),
    is_list=False,
)
