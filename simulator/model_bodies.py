"""Checks what a caller sends to make or change a model or a deployment."""

from collections.abc import Mapping
from typing import Any

from simulator.problems import Problem, invalid_input
from simulator.replicate_reads import HARDWARE
from simulator.validation import Breach, body_breaches, breach

LINKS = ("github_url", "paper_url", "license_url", "cover_image_url")
_MODEL_NEEDS = ("owner", "name", "visibility", "hardware")
_MODEL_KEYS = frozenset({*_MODEL_NEEDS, "description", *LINKS})
_CHANGES = frozenset({"description", "readme", "weights_url", *LINKS[:3]})
_DEPLOYMENT_NEEDS = ("name", "model", "version", "hardware", "min_instances", "max_instances")
_RELEASE_KEYS = frozenset({"version", "hardware", "min_instances", "max_instances"})
_MOST_INSTANCES = {"min_instances": 5, "max_instances": 20}


def forbidden(detail: str) -> Problem:
    """Something that the caller may not do."""
    return Problem(403, {"title": "Forbidden", "detail": detail, "status": 403})


def name_taken(detail: str) -> Problem:
    """A name that is already in use."""
    return Problem(409, {"title": "Conflict", "detail": detail, "status": 409})


def checked_model(body: Any) -> dict[str, Any]:
    """The body of a model's create; raises a 422."""
    _raise_if_any(body_breaches(body, _MODEL_KEYS, _MODEL_NEEDS))
    breaches = _texts(body, body) + _hardware(body)
    if body["visibility"] not in ("public", "private"):
        choices = 'visibility must be one of the following: "public", "private"'
        breaches.append(breach("enum", "visibility", choices))
    _raise_if_any(breaches)
    return dict(body)


def checked_changes(body: Any) -> dict[str, Any]:
    """The body of a model's update; raises a 422."""
    _raise_if_any(body_breaches(body, _CHANGES, ()))
    _raise_if_any(_texts(body, body))
    return dict(body)


def checked_deployment(body: Any) -> dict[str, Any]:
    """The body of a deployment's create; raises a 422."""
    _raise_if_any(body_breaches(body, frozenset(_DEPLOYMENT_NEEDS), _DEPLOYMENT_NEEDS))
    _raise_if_any(_texts(body, ("name", "model", "version")) + _hardware(body) + _instances(body))
    return dict(body)


def checked_release(body: Any) -> dict[str, Any]:
    """The body of a deployment's update; raises a 422."""
    _raise_if_any(body_breaches(body, _RELEASE_KEYS, ()))
    _raise_if_any(_hardware(body) + _instances(body))
    return dict(body)


def _raise_if_any(breaches: list[Breach]) -> None:
    if breaches:
        raise invalid_input(breaches)


def _texts(body: Mapping[str, Any], keys: Any) -> list[Breach]:
    return [
        breach("invalid_type", key, f"{key} must be a string")
        for key in keys
        if not isinstance(body[key], str) and (key in _DEPLOYMENT_NEEDS or body[key] is not None)
    ]


def _hardware(body: Mapping[str, Any]) -> list[Breach]:
    if body.get("hardware", "cpu") in HARDWARE:
        return []
    choices = ", ".join(f'"{sku}"' for sku in HARDWARE)
    return [breach("enum", "hardware", f"hardware must be one of the following: {choices}")]


def _instances(body: Mapping[str, Any]) -> list[Breach]:
    breaches = []
    for key, most in _MOST_INSTANCES.items():
        value = body.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            breaches.append(breach("invalid_type", key, f"{key} must be an integer"))
        elif not 0 <= value <= most:
            kind = "number_lte" if value > most else "number_gte"
            breaches.append(breach(kind, key, f"{key} must be between 0 and {most}"))
    return breaches
