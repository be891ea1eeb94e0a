"""Replicate: predictions and trainings that run in the background."""

from dataclasses import dataclass
from typing import Any

from services.core.settings import Settings
from services.providers.base import FailureClass
from services.providers.definition import ErrorRule, ProviderDefinition, Purpose
from services.providers.replicate.models import MODELS

PREDICTION_PAGE = "https://replicate.com/p/{id}"
PREDICTION_ERRORS = (
    ErrorRule(FailureClass.CONTENT_REFUSED, text=r"nsfw|flagged as sensitive|\bE005\b"),
    ErrorRule(FailureClass.TOO_BIG, text=r"out of memory|\bOOM\b|\bE1001\b"),
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
    prediction_page=PREDICTION_PAGE,
    token_prefix="r8_",
    errors=PREDICTION_ERRORS,
    models=MODELS,
)
