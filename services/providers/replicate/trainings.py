"""Replicate's trainings: a zip of pictures goes in, a version of a model of ours comes out.

Replicate lists no trainings by time and stops none by itself, so the caller's deadline counts.
"""

import re
from dataclasses import replace

from replicate.client import Client

from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    Prediction,
    PreparedRequest,
    ProviderError,
    TrainingRequest,
)
from services.providers.checks import refused
from services.providers.replicate.client import ReplicateWire
from services.providers.replicate.errors import Call, unreadable_error
from services.providers.replicate.lookup import ModelLookup
from services.providers.replicate.models import FLUX_LORA, TRAINER_PARAMETERS, trainer_capabilities
from services.providers.replicate.predictions import TRAININGS, ReplicateRuns, with_webhook
from services.providers.replies import as_text

HARDWARE = "gpu-h100"
"""What runs a model that was trained here; a FLUX.1 LoRA is charged for its active time alone."""

_PICTURES = "input_images"
_ZIP = "application/zip"
_DESTINATION_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_TAKEN = 409


class ReplicateTrainings(ReplicateRuns):
    """Thread-safe; made by the provider. Every call raises ProviderError."""

    def __init__(self, wire: ReplicateWire, lookup: ModelLookup) -> None:
        super().__init__(wire, TRAININGS)
        self._lookup = lookup
        self._owner = ""

    def capabilities(self, trainer: str) -> ModelCapabilities:
        """What is known of a trainer; one that is not known here has no parameters."""
        name, _ = self._lookup.split(trainer)
        return trainer_capabilities(name)

    def product(self, trainer: str) -> ModelCapabilities:
        """What the models of these trainers can do: they are FLUX.1 dev with a LoRA."""
        return replace(FLUX_LORA, model=self._lookup.split(trainer)[0])

    def prepare(self, request: TrainingRequest) -> PreparedRequest:
        """Pin the version, make the destination, send the zip; safe to repeat."""
        self._check(request)
        trainer, version = self._lookup.trainer(request.trainer)
        destination = f"{self._account_name()}/{request.destination_name}"
        self._make(destination)
        with request.archive.open("rb") as archive:
            url = self._wire.upload(archive, request.archive.name, _ZIP)
        payload = {
            "trainer": trainer,
            "version": version,
            "destination": destination,
            "input": {**request.parameters, _PICTURES: url},
        }
        return PreparedRequest(trainer, version, payload)

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """POST one training once; AMBIGUOUS if it may exist without our knowing its id."""
        return self._post(lambda client: _send(client, prepared, webhook_url))

    def _check(self, request: TrainingRequest) -> None:
        name, _ = self._lookup.split(request.trainer)
        if name not in TRAINER_PARAMETERS:
            raise ProviderError(
                FailureClass.CONFIGURATION,
                f"{as_text(name)[:100]} is no trainer that is known here.",
                reached=False,
            )
        unknown = set(request.parameters) - set(TRAINER_PARAMETERS[name])
        if unknown:
            raise refused(f"{name} has no parameter {', '.join(sorted(unknown))}.")
        if not _DESTINATION_NAME.fullmatch(request.destination_name):
            raise refused(f"{request.destination_name[:100]} is no name for a model.")

    def _account_name(self) -> str:
        """The token's account, asked once; it owns what is trained."""
        if not self._owner:
            reply = self._wire.read(Call.DESTINATION, "/v1/account")
            self._owner = as_text(reply.body.get("username"))
            if not self._owner:
                raise unreadable_error(Call.DESTINATION, reply, "the account's name")
        return self._owner

    def _make(self, destination: str) -> None:
        """Make the private model that gets the version; one that is there already stays."""
        owner, _, name = destination.partition("/")
        try:
            self._wire.through_client(
                Call.DESTINATION,
                lambda client: client.models.create(
                    owner, name, visibility="private", hardware=HARDWARE
                ),
            )
        except ProviderError as error:
            if error.status_code != _TAKEN:
                raise


def _send(client: Client, prepared: PreparedRequest, webhook_url: str | None) -> object:
    payload = prepared.payload
    return client.trainings.create(
        model=payload["trainer"],
        version=payload["version"],
        input=payload["input"],
        destination=payload["destination"],
        **with_webhook(webhook_url),
    )
