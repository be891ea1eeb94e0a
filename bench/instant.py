"""A provider that answers at once, so that what is left of a step is the pipeline's own cost."""

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count

from services.providers.base import (
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PredictionStatus,
    PreparedRequest,
    ProviderAccount,
)
from services.recipes.work import StoredOutput

KEPT = StoredOutput(
    sha256="0" * 64,
    storage_key="objects/kept.png",
    storage_uri="file:///objects/kept.png",
    thumbnail_key="thumbnails/kept.webp",
    content_type="image/png",
    byte_count=1,
    width=1024,
    height=1024,
    placeholder="data:image/webp;base64,",
)
"""What a picture is once it was fetched, looked at and stored."""


class InstantProvider:
    """Stands in for Replicate; every prediction is in `status`."""

    name = "replicate"

    def __init__(self) -> None:
        self.status = PredictionStatus.PROCESSING
        self._numbers = count(1)

    def capabilities(self, model: str) -> ModelCapabilities:
        """A model without limits."""
        return ModelCapabilities(model=model)

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """A payload of the usual size; nothing is uploaded."""
        given = {"prompt": request.prompt, "seed": request.seed, "subject": "https://example.org/"}
        return PreparedRequest(request.model, "1" * 64, {"version": "1" * 64, "input": given})

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """Another prediction, just begun."""
        number = f"instant{next(self._numbers)}"
        return Prediction(
            number, PredictionStatus.STARTING, web_url=f"https://example.org/{number}"
        )

    def get(self, prediction_id: str) -> Prediction:
        """The prediction as `status` says, with one output once it has succeeded."""
        has_ended = self.status is PredictionStatus.SUCCEEDED
        return Prediction(
            prediction_id,
            self.status,
            output_urls=("https://example.org/picture.png",) if has_ended else (),
            logs="  50%|#####     | 10/20 [00:05<00:05,  2.00it/s]\n" * 10,
            progress=0.5,
            started_at=datetime.now(UTC),
            predict_seconds=25.0 if has_ended else None,
        )

    def cancel(self, prediction_id: str) -> Prediction:
        """The same prediction, canceled."""
        return Prediction(prediction_id, PredictionStatus.CANCELED)

    def find(self, prepared: PreparedRequest, created_after: datetime) -> list[Prediction]:
        """Nothing: no answer ever gets lost."""
        return []

    def account(self) -> ProviderAccount:
        """Nobody's."""
        return ProviderAccount(self.name, "instant")

    def close(self) -> None:
        """Hold nothing."""


def kept_json() -> list[dict[str, object]]:
    """An attempt's outputs as they stand when nothing is left to fetch."""
    return [asdict(KEPT)]
