"""Checks a create's body and a model's input as Replicate does, and names every breach."""

from typing import Any
from urllib.parse import urlsplit

from simulator.replicate.models.input_schemas import ModelInput, Property

Breach = dict[str, str]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def breach(kind: str, field: str, description: str) -> Breach:
    """One thing that is wrong, as `invalid_fields` names it."""
    return {"type": kind, "field": field, "description": description}


def body_breaches(body: Any, allowed: frozenset[str], required: tuple[str, ...]) -> list[Breach]:
    """What is wrong with the top level of a create's body."""
    if not isinstance(body, dict):
        return [breach("invalid_type", "", "The body must be a JSON object")]
    unknown = [key for key in body if key not in allowed]
    breaches = [
        breach("additional_property_not_allowed", "", f"Additional property {key} is not allowed")
        for key in unknown
    ]
    breaches += [
        breach("required", "", f"{key} is required") for key in required if key not in body
    ]
    if "input" in body and not isinstance(body["input"], dict):
        breaches.append(breach("invalid_type", "input", "input must be an object"))
    return breaches


def input_breaches(values: dict[str, Any], schema: ModelInput) -> list[Breach]:
    """What is wrong with a model's input; keys that the model does not know are ignored, as there."""
    breaches = [
        breach("required", "input", f"{key} is required")
        for key in schema.required
        if key not in values
    ]
    for key, value in values.items():
        if key in schema.properties and value is not None:
            breaches += _value_breaches(key, value, schema.properties[key])
    return breaches


def _value_breaches(key: str, value: Any, schema: Property) -> list[Breach]:
    field = f"input.{key}"
    expected = schema["type"]
    is_flag_for_number = isinstance(value, bool) and expected != "boolean"
    if is_flag_for_number or not isinstance(value, _TYPES[expected]):
        return [
            breach(
                "invalid_type",
                field,
                f"Invalid type. Expected: {expected}, given: {_type_name(value)}",
            )
        ]
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(f'"{choice}"' for choice in schema["enum"])
        return [breach("enum", field, f"{key} must be one of the following: {choices}")]
    if "minimum" in schema and value < schema["minimum"]:
        return [
            breach("number_gte", field, f"Must be greater than or equal to {schema['minimum']}")
        ]
    if "maximum" in schema and value > schema["maximum"]:
        return [breach("number_lte", field, f"Must be less than or equal to {schema['maximum']}")]
    if schema.get("format") == "uri" and urlsplit(str(value)).scheme not in (
        "http",
        "https",
        "data",
    ):
        return [breach("format", field, "Does not match format 'uri'")]
    return []


def _type_name(value: Any) -> str:
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return names.get(type(value), "null")
