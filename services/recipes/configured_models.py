"""The provider and model that the settings configure for each kind of work."""

from collections.abc import Mapping

from services.core.settings import Settings
from services.providers.definition import Purpose
from services.providers.registry import default_model, models_for
from services.recipes.edits.slots import EditModels
from services.recipes.poses.models import DEFAULT


def edit_models(settings: Settings) -> EditModels:
    """Return the models that change backgrounds; one provider has both."""
    provider, cutout = default_model(settings, Purpose.CUTOUT)
    return EditModels(provider, cutout, models_for(settings, Purpose.BACKGROUND)[provider])


def pose_models(settings: Settings) -> Mapping[str, tuple[str, str]]:
    """Return provider and model of each choice on the poses page, the default first."""
    default, *others = models_for(settings, Purpose.POSE).items()
    return {DEFAULT: default} | {provider: (provider, model) for provider, model in others}


def test_picture_models(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return provider and model of each test picture; the first needs words alone."""
    purposes = (Purpose.MASCOT, Purpose.SIMULATION, Purpose.POSE)
    return tuple(pair for it in purposes for pair in models_for(settings, it).items())
