"""How a model's inputs are described, and the words to describe them with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Property = dict[str, Any]

WEBP_FIRST = ["webp", "jpg", "png"]
URI: Property = {"type": "string", "format": "uri"}


class OutputShape(StrEnum):
    """What a model's output looks like in JSON."""

    LIST = "list"
    ONE = "one address"
    MASKS = "a combined mask and its parts"


@dataclass(frozen=True)
class ModelInput:
    """A model's input: its properties, which must be given, and what comes out."""

    properties: dict[str, Property]
    required: tuple[str, ...] = ()
    shape: OutputShape = OutputShape.LIST

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
        if self.shape is OutputShape.ONE:
            return {"title": "Output", **address}
        output: Property = {"type": "array", "items": address, "title": "Output"}
        if self.shape is OutputShape.MASKS:
            parts = {"combined_mask": address, "individual_masks": output}
            return {"type": "object", "title": "Output", "properties": parts}
        return {**output, "x-cog-array-type": "iterator"} if grows else output


def text(default: str | None = None) -> Property:
    """Words; without a default the input may be left out."""
    return {"type": "string"} if default is None else {"type": "string", "default": default}


def integer(
    default: int | None = None, low: int | None = None, high: int | None = None
) -> Property:
    """An integer between `low` and `high`."""
    return _bounded({"type": "integer"}, default, low, high)


def number(
    default: float | None = None, low: float | None = None, high: float | None = None
) -> Property:
    """A number between `low` and `high`."""
    return _bounded({"type": "number"}, default, low, high)


def _bounded(
    schema: Property, default: float | None, low: float | None, high: float | None
) -> Property:
    limits = {"default": default, "minimum": low, "maximum": high}
    return schema | {key: value for key, value in limits.items() if value is not None}


def choice(values: list[str], default: str) -> Property:
    """One of a few words."""
    return {"type": "string", "enum": values, "default": default}


def flag(default: bool) -> Property:
    """Yes or no."""
    return {"type": "boolean", "default": default}
