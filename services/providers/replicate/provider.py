"""Replicate as a `PredictionProvider` and a `TrainingProvider`: prepares once, creates once.

Never creates twice, never sleeps, and never loses a reply to a create.
"""

import io
import re
from dataclasses import replace
from typing import Any

from replicate.client import Client

from services.providers.base import (
    FailureClass,
    InputImage,
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PreparedRequest,
    ProviderAccount,
    ProviderError,
    TrainingRequest,
)
from services.providers.checks import refused
from services.providers.model_inputs import build_input, check
from services.providers.replicate.client import API_URL, ReplicateWire, Timeouts
from services.providers.replicate.definition import (
    FLUX_LORA,
    PUBLISHING_INPUTS,
    TRAINERS,
    trainer_facts,
)
from services.providers.replicate.errors import Call, lacks_destination, unreadable_error
from services.providers.replicate.lookup import ModelLookup
from services.providers.replicate.predictions import (
    PREDICTIONS,
    TRAININGS,
    ReplicateRuns,
    with_webhook,
)
from services.providers.replies import as_text

HARDWARE = "gpu-h100"
"""What runs a model that was trained here; a FLUX.1 LoRA is charged for its active time alone."""

_UNKNOWN_TRAINER = replace(TRAINERS[0].takes, options=())
_PICTURES = "input_images"
_ZIP = "application/zip"
_DESTINATION_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_MODEL_EXISTS, _NOT_FOUND = 409, 404


class ReplicateTrainings(ReplicateRuns):
    """Thread-safe; made by the provider. Every call raises ProviderError."""

    def __init__(self, wire: ReplicateWire, lookup: ModelLookup) -> None:
        super().__init__(wire, TRAININGS)
        self._lookup = lookup
        self._owner = ""

    def capabilities(self, trainer: str) -> ModelCapabilities:
        """Return what is known of a trainer; an unknown one has no parameters."""
        name, _ = self._lookup.split(trainer)
        facts = trainer_facts(name) or replace(TRAINERS[0], takes=_UNKNOWN_TRAINER)
        return facts.capabilities(name)

    def product(self, trainer: str) -> ModelCapabilities:
        """What the models of these trainers can do: they are FLUX.1 dev with a LoRA."""
        return replace(FLUX_LORA, model=self._lookup.split(trainer)[0])

    def prepare(self, request: TrainingRequest) -> PreparedRequest:
        """Pin the version, make the destination, send the zip; safe to repeat."""
        self._check(request)
        trainer, version = self._lookup.trainer(request.trainer)
        destination = f"{self._account_name()}/{request.destination_name}"
        self._make_model(destination)
        payload = {
            "trainer": trainer,
            "version": version,
            "destination": destination,
            "input": {**request.parameters, **self._source(trainer, request)},
        }
        return PreparedRequest(trainer, version, payload)

    def _source(self, trainer: str, request: TrainingRequest) -> dict[str, str]:
        """Upload the pictures, or name the weights that are published without a training."""
        if request.archive is not None:
            with request.archive.open("rb") as archive:
                return {_PICTURES: self._wire.upload(archive, request.archive.name, _ZIP)}
        if trainer not in PUBLISHING_INPUTS:
            raise refused(f"{trainer} publishes no weights without training them.")
        return {PUBLISHING_INPUTS[trainer]: request.weights_url or ""}

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """POST one training; AMBIGUOUS if it may exist without our knowing its id.

        A reply that its destination is missing created nothing: that is made, and it is sent again.
        """
        try:
            return self._post(lambda client: _train(client, prepared, webhook_url))
        except ProviderError as error:
            if error.status_code != _NOT_FOUND or not lacks_destination(error.detail):
                raise
        self._make_model(prepared.payload["destination"])
        return self._post(lambda client: _train(client, prepared, webhook_url))

    def _check(self, request: TrainingRequest) -> None:
        name, _ = self._lookup.split(request.trainer)
        facts = trainer_facts(name)
        if facts is None:
            raise ProviderError(
                FailureClass.CONFIGURATION,
                f"{as_text(name)[:100]} is no trainer that is known here.",
                reached=False,
            )
        unknown = set(request.parameters) - set(facts.takes.options)
        if unknown:
            raise refused(f"{name} has no parameter {', '.join(sorted(unknown))}.")
        if not _DESTINATION_NAME.fullmatch(request.destination_name):
            raise refused(f"{request.destination_name[:100]} is no name for a model.")

    def _account_name(self) -> str:
        """The token's account, read once; it owns what is trained."""
        if not self._owner:
            reply = self._wire.read(Call.DESTINATION, "/account")
            self._owner = as_text(reply.body.get("username"))
            if not self._owner:
                raise unreadable_error(Call.DESTINATION, reply, "the account's name")
        return self._owner

    def _make_model(self, destination: str) -> None:
        """Make the private model that gets the version; an existing one is used if it is private."""
        owner, _, name = destination.partition("/")
        try:
            self._wire.through_client(
                Call.DESTINATION,
                lambda client: client.models.create(
                    owner, name, visibility="private", hardware=HARDWARE
                ),
            )
        except ProviderError as error:
            if error.status_code != _MODEL_EXISTS:
                raise
            self._refuse_public(destination)

    def _refuse_public(self, destination: str) -> None:
        """Raise CONFIGURATION for a model that anybody could run: a likeness stays private."""
        reply = self._wire.read(Call.DESTINATION, f"/models/{destination}")
        if reply.body.get("visibility") == "public":
            raise ProviderError(
                FailureClass.CONFIGURATION,
                f"{destination} is public at Replicate, so that anybody could use what is trained"
                " into it. Make it private there, or delete it; then retry.",
                reached=False,
            )


def _train(client: Client, prepared: PreparedRequest, webhook_url: str | None) -> object:
    payload = prepared.payload
    return client.trainings.create(
        model=payload["trainer"],
        version=payload["version"],
        input=payload["input"],
        destination=payload["destination"],
        **with_webhook(webhook_url),
    )


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
        self._wire.close()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What a model can do, without a request: a row's, or what was read of it already."""
        return self._lookup.capabilities(model)

    def learn(self, model: str) -> None:
        """Ask what a model without a row takes, within seconds; the answer is cached."""
        self._lookup.learn(model)

    def account(self) -> ProviderAccount:
        """Whose token this is (GET /v1/account)."""
        body = self._wire.read(Call.ASK, "/account").body
        return ProviderAccount(
            provider=self.name,
            name=as_text(body.get("username")) or as_text(body.get("name")),
            kind=as_text(body.get("type")),
        )

    def current_version(self, model: str) -> str | None:
        """Read the pinned version, else the latest; None where it runs by name alone."""
        return self._lookup.current_version(model)

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Pin the model's version and upload the pictures; safe to repeat after any error."""
        resolved = self._lookup.resolve(request.model)
        check(request, resolved.row)
        row, control = resolved.row.input, request.control_image
        is_replaced = control is not None and row.control in row.images
        urls = [] if is_replaced else [self._upload(image) for image in request.images]
        control_url = self._upload(control) if control else None
        target = {"version": resolved.version} if resolved.version else {"model": resolved.name}
        given = build_input(request, row, urls, control_url)
        return PreparedRequest(resolved.name, resolved.version, {**target, "input": given})

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """POST one prediction once; AMBIGUOUS if it may exist without our knowing its id.

        Replicate ends it by itself after the model's `deadline_seconds` (Cancel-After).
        """
        deadline = round(self.capabilities(prepared.model).deadline_seconds)
        return self._post(
            lambda client: _predict(client, prepared, webhook_url), {"Cancel-After": f"{deadline}s"}
        )

    def _upload(self, image: InputImage) -> str:
        return self._wire.upload(io.BytesIO(image.content), image.name, image.content_type)


def _predict(client: Client, prepared: PreparedRequest, webhook_url: str | None) -> object:
    """The one POST: by version, or by name for an official model."""
    given: dict[str, Any] = prepared.payload["input"]
    extras = with_webhook(webhook_url)
    if prepared.version:
        return client.predictions.create(version=prepared.version, input=given, **extras)
    return client.models.predictions.create(model=prepared.model, input=given, **extras)
