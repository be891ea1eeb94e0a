"""Where work in progress can be asked about: a provider's predictions, or its trainings."""

from collections.abc import Mapping

from services.core.states import Kind
from services.providers.base import (
    PredictionProvider,
    Predictions,
    Provider,
    TrainingProvider,
    Trainings,
)


def predictions_of(providers: Mapping[str, Provider], kind: Kind, name: str) -> Predictions | None:
    """Of this kind of work at this provider; None where the answer is the work itself."""
    if kind is Kind.TRAINING:
        return trainings_of(providers, name)
    provider = providers[name]
    return provider if isinstance(provider, PredictionProvider) else None


def trainings_of(providers: Mapping[str, Provider], name: str) -> Trainings:
    """The provider's trainings."""
    provider = providers[name]
    if not isinstance(provider, TrainingProvider):
        raise TypeError(f"{name} trains no models")
    return provider.trainings
