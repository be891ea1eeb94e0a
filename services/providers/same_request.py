"""Whether a prediction is of the same model as a request; providers may hide the version they ran."""

import re

from services.providers.base import Prediction

_HIDDEN_VERSION = re.compile(r"hidden|dp-\w+")


def is_same_model(found: Prediction, model: str, version: str | None) -> bool:
    """By version where one was asked for and is told, else by the model's name."""
    if version and not _HIDDEN_VERSION.fullmatch(found.version or ""):
        return found.version == version
    return found.model == model
