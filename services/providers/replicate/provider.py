"""Replicate as a `PredictionProvider` and a `TrainingProvider`: prepares, and creates once.

Never creates twice, never sleeps, and never lets a reply to a create get lost.
"""

import io
from typing import Any

from replicate.client import Client

from services.providers.base import (
    InputImage,
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PreparedRequest,
    ProviderAccount,
)
from services.providers.replicate.client import API_URL, ReplicateWire, Timeouts
from services.providers.replicate.errors import Call
from services.providers.replicate.lookup import ModelLookup
from services.providers.replicate.model_inputs import build_input, check
from services.providers.replicate.predictions import PREDICTIONS, ReplicateRuns, with_webhook
from services.providers.replicate.trainings import ReplicateTrainings
from services.providers.replies import as_text


class ReplicateProvider(ReplicateRuns):
    """Thread-safe; one per process. Time-outs are seconds; every call raises ProviderError."""

    name = "replicate"

    def __init__(
        self,
        *,
        token: str,
        base_url: str = API_URL,
        pose_model: str = "fofr/consistent-character",
        timeouts: Timeouts | None = None,
    ) -> None:
        """`pose_model` is `owner/name`, or `owner/name:version` to pin; raises SettingsError."""
        super().__init__(ReplicateWire(token, base_url, timeouts or Timeouts()), PREDICTIONS)
        self._lookup = ModelLookup(self._wire, pose_model)
        self._trainings = ReplicateTrainings(self._wire, self._lookup)

    @property
    def trainings(self) -> ReplicateTrainings:
        """The trainings of the same account."""
        return self._trainings

    def close(self) -> None:
        """Close the connections; calls still running fail."""
        self._wire.close()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What a model can do, without asking Replicate unless `prepare` has done so already."""
        return self._lookup.capabilities(model)

    def account(self) -> ProviderAccount:
        """Whose token this is (GET /v1/account)."""
        body = self._wire.read(Call.ASK, "/v1/account").body
        return ProviderAccount(
            provider=self.name,
            name=as_text(body.get("username")) or as_text(body.get("name")),
            kind=as_text(body.get("type")),
        )

    def current_version(self, model: str) -> str | None:
        """Ask for the pinned version, else for the latest; None where it runs by name alone."""
        return self._lookup.current_version(model)

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Pin the model's version and upload the pictures; safe to repeat after any error."""
        resolved = self._lookup.resolve(request.model)
        check(request, resolved.row)
        urls = [self._upload(image) for image in request.images]
        control_url = self._upload(request.control_image) if request.control_image else None
        target = {"version": resolved.version} if resolved.version else {"model": resolved.name}
        given = build_input(request, resolved.row.input, urls, control_url)
        return PreparedRequest(resolved.name, resolved.version, {**target, "input": given})

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """POST one prediction once; AMBIGUOUS if it may exist without our knowing its id.

        Replicate ends it by itself after the model's `deadline_seconds` (Cancel-After).
        """
        deadline = round(self.capabilities(prepared.model).deadline_seconds)
        return self._post(
            lambda client: _send(client, prepared, webhook_url), {"Cancel-After": f"{deadline}s"}
        )

    def _upload(self, image: InputImage) -> str:
        return self._wire.upload(io.BytesIO(image.content), image.name, image.content_type)


def _send(client: Client, prepared: PreparedRequest, webhook_url: str | None) -> object:
    """The one POST: by version, or by name for an official model."""
    given: dict[str, Any] = prepared.payload["input"]
    extras = with_webhook(webhook_url)
    if prepared.version:
        return client.predictions.create(version=prepared.version, input=given, **extras)
    return client.models.predictions.create(model=prepared.model, input=given, **extras)
