"""A provider that could train, for what happens before it is asked: it says what it can do."""

from datetime import datetime
from typing import NoReturn

from services.providers.base import (
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PreparedRequest,
    ProviderAccount,
    TrainingRequest,
)
from services.recipes.training.request import DEFAULTS

TRAINER = "ostris/flux-dev-lora-trainer"


class FakeTrainings:
    """Its parameters, and what its models can do; no start may ask for more."""

    def __init__(self, *parameters: str) -> None:
        self.parameters = parameters

    def capabilities(self, trainer: str) -> ModelCapabilities:
        return ModelCapabilities(
            trainer, takes_prompt=False, options=self.parameters, typical_seconds=1800.0
        )

    def product(self, trainer: str) -> ModelCapabilities:
        return ModelCapabilities(
            trainer,
            max_prompt_characters=500,
            aspect_ratios=("1:1", "3:4"),
            options=("lora_scale",),
            typical_seconds=10.0,
        )

    def prepare(self, request: TrainingRequest) -> PreparedRequest:
        return _not_called()

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        return _not_called()

    def get(self, prediction_id: str) -> Prediction:
        return _not_called()

    def cancel(self, prediction_id: str) -> Prediction:
        return _not_called()

    def find(self, prepared: PreparedRequest, created_after: datetime) -> list[Prediction]:
        return _not_called()


class FakeTrainer:
    """The provider around them."""

    name = "replicate"

    def __init__(self, *parameters: str) -> None:
        self.trainings = FakeTrainings(*(parameters or ("trigger_word", *DEFAULTS)))

    def capabilities(self, model: str) -> ModelCapabilities:
        return ModelCapabilities(model)

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        return _not_called()

    def account(self) -> ProviderAccount:
        return ProviderAccount(self.name, "tester")

    def close(self) -> None:
        return


def _not_called() -> NoReturn:
    raise AssertionError("a start asks no provider for work")
