"""The interface between the pipeline and a provider, and the classes of its failures.

Implementations live beside this file and are chosen by `services.providers.registry` alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from services.core.redaction import redact

LOCAL = "local"
"""Atelier itself: no token, no server to call."""
LOCAL_EXPORT = "local/export"
_HIDDEN_VERSION = re.compile(r"hidden|dp-\w+")
"""What Replicate shows in place of some versions."""


class FailureClass(StrEnum):
    """Why a call or a prediction failed; `POLICY` holds what follows from each."""

    BAD_INPUT = "bad_input"
    CONTENT_REFUSED = "content_refused"
    CONFIGURATION = "configuration"
    MODEL_RETIRED = "model_retired"
    FUNDS = "funds"
    LOST = "lost"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    AMBIGUOUS = "ambiguous"
    PLATFORM = "platform"
    TOO_BIG = "too_big"
    DEADLINE = "deadline"
    CANCELED = "canceled"
    TIMED_OUT = "timed_out"
    UNPUBLISHED = "unpublished"
    EMPTY = "empty"
    BLANK = "blank"
    BAD_OUTPUT = "bad_output"
    NOT_FETCHED = "not_fetched"
    WINDOW_MISSED = "window_missed"
    UNANSWERED = "unanswered"
    WAITED_TOO_LONG = "waited_too_long"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Policy:
    """What the pipeline does after a failure of one class."""

    attempts: int
    """How many attempts that may have reached the provider are made in all (1 = no retry)."""
    pauses_provider: bool = False


POLICY: dict[FailureClass, Policy] = dict.fromkeys(FailureClass, Policy(1)) | {
    FailureClass.FUNDS: Policy(1, pauses_provider=True),
    FailureClass.THROTTLED: Policy(3),
    FailureClass.TRANSIENT: Policy(3),
    FailureClass.PLATFORM: Policy(2),
}
"""Every other class is final: a retry would fail the same way, or cost a second time."""


class ProviderError(Exception):
    """A call to a provider failed.

    `reached` is False only when nothing can have been created or charged: no byte arrived
    (refused connection, DNS), or the call creates nothing that costs (all of `prepare`).
    `detail` is short, one line, and redacted.
    """

    def __init__(
        self,
        failure: FailureClass,
        detail: str,
        *,
        reached: bool = True,
        retry_after_seconds: float | None = None,
        pauses_provider: bool = False,
        status_code: int | None = None,
        creates_per_minute: float | None = None,
    ) -> None:
        self.failure = failure
        self.detail = redact(detail)
        super().__init__(self.detail)
        self.reached = reached
        self.retry_after_seconds = retry_after_seconds
        self.pauses_provider = pauses_provider
        """True for 401/403/402: every other call of this provider would fail the same way."""
        self.status_code = status_code
        self.creates_per_minute = creates_per_minute
        """The account's limit, where a throttled reply names it."""


class PredictionStatus(StrEnum):
    """A prediction's status, the provider's own words folded into five."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True)
class ModelCapabilities:
    """What a model can do; the recipes refuse what it cannot, before any charge."""

    model: str
    takes_prompt: bool = True
    max_prompt_characters: int = 20_000
    max_images: int = 1
    """How many subject pictures it takes."""
    needs_image: bool = False
    takes_control_image: bool = False
    """Whether it is shown a pose's skeleton; if not, the pose reaches it in words alone."""
    aspect_ratios: tuple[str, ...] = ()
    """Empty: the model decides."""
    options: tuple[str, ...] = ()
    """Which of `PictureRequest.options` it understands."""
    image_max_side: int | None = None
    """The longest side in pixels of a picture that it is given; a larger one is shrunk to it."""
    image_multiple: int = 1
    """Both sides of a picture that it is given must be multiples of this."""
    typical_seconds: float = 30.0
    deadline_seconds: float = 1800.0


@dataclass(frozen=True)
class InputImage:
    """A picture given to a provider."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class PictureRequest:
    """One picture asked for, in terms that every provider understands."""

    model: str
    prompt: str
    seed: int
    images: tuple[InputImage, ...] = ()
    aspect_ratio: str | None = None
    output_count: int = 1
    control_image: InputImage | None = None
    """A skeleton in OpenPose's colours; a model that takes none must refuse it."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further options, in our own names; a model that does not know one must refuse it:

    `strength` (0–1: how far from the given picture), `steps`, `guidance`, `lora_scale`,
    `negative_prompt`; for exports `preset` and `focus` ([x, y], 0–1).
    """


@dataclass(frozen=True)
class TrainingRequest:
    """One training requested. `archive` is a zip on disk; `parameters` are the trainer's own."""

    trainer: str
    destination_name: str
    """The model that gets the version; it is made where it is not there yet."""
    archive: Path | None
    """None: `weights_url` is published, and nothing is trained."""
    parameters: Mapping[str, Any]
    weights_url: str | None = None


@dataclass(frozen=True)
class PreparedRequest:
    """What will be sent, as it is committed to the attempt before it is sent.

    `payload` holds no picture bytes and no secret; it identifies the request exactly, so that an
    unknown submit can be found at the provider.
    """

    model: str
    version: str | None
    payload: dict[str, Any]
    images: tuple[InputImage, ...] = ()
    """Pictures sent with the call itself (synchronous providers); empty if they were uploaded."""
    attempt_id: str = ""
    """The attempt that sends it: the idempotency key, where the provider takes one."""


@dataclass(frozen=True)
class OutputImage:
    """A picture that a synchronous provider answered with."""

    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Prediction:
    """A prediction as the provider reports it now. Times are the provider's."""

    id: str
    status: PredictionStatus
    web_url: str | None = None
    model: str | None = None
    version: str | None = None
    input: dict[str, Any] = field(default_factory=dict)
    output_urls: tuple[str, ...] = ()
    """Of a training: its weights' archive."""
    trained_version: str | None = None
    """Of a training: `owner/name:id` of what it made."""
    logs: str = ""
    progress: float | None = None
    """0–1, where the provider's logs or growing output show it."""
    failure: FailureClass | None = None
    error: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    predict_seconds: float | None = None
    is_data_removed: bool = False

    def is_of_model(self, model: str, version: str | None) -> bool:
        """Compare by version if one was requested and is reported, else by the model's name."""
        if version and not _HIDDEN_VERSION.fullmatch(self.version or ""):
            return self.version == version
        return self.model == model


@dataclass(frozen=True)
class SynchronousResult:
    """What a synchronous provider answered."""

    images: tuple[OutputImage, ...]
    model_version: str | None = None
    response_id: str | None = None
    text: str = ""
    urls: tuple[str, ...] = ()
    """Pictures that the answer only names; they follow `images` and are downloaded like others."""
    predict_seconds: float | None = None
    """How long the model worked, where the answer says so; else the whole call is counted."""


@dataclass(frozen=True)
class ProviderAccount:
    """Whose account the token belongs to."""

    provider: str
    name: str
    kind: str = ""


class Provider(Protocol):
    """What every provider has."""

    name: str

    def capabilities(self, model: str) -> ModelCapabilities: ...

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Resolve the version and upload the pictures; raises ProviderError, creates nothing."""

    def account(self) -> ProviderAccount:
        """Read whose token this is; raises ProviderError."""

    def close(self) -> None:
        """Close the connections; calls still running fail."""


@runtime_checkable
class ModelCatalogue(Protocol):
    """A provider that can check whether a model exists."""

    def current_version(self, model: str) -> str | None:
        """The version that would run now, read anew; None where it runs by name alone.

        Raises ProviderError, MODEL_RETIRED when there is no such model any more.
        """


@runtime_checkable
class LearnsModels(Protocol):
    """A provider that alone knows what some models take."""

    def learn(self, model: str) -> None:
        """Ask what a model without a row takes, within seconds; the answer is cached.

        `capabilities` knows it from then on. Raises ProviderError, also for a cached failure.
        """


class Predictions(Protocol):
    """Work that runs at a provider and can be polled."""

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """Create one prediction. AMBIGUOUS means it may exist; never repeat the call then.

        `webhook_url` (https, carries the attempt's id in its query) is called at start and end.
        """

    def get(self, prediction_id: str) -> Prediction: ...

    def cancel(self, prediction_id: str) -> Prediction: ...

    def find(
        self, prepared: PreparedRequest, created_after: datetime, *, compares_files: bool = True
    ) -> list[Prediction]:
        """All predictions since then whose model, version and input are exactly these.

        Without `compares_files` the addresses of uploaded pictures may differ.
        """


@runtime_checkable
class PredictionProvider(Provider, Predictions, Protocol):
    """A provider that works in the background and can be polled (Replicate)."""


class Trainings(Predictions, Protocol):
    """A provider's trainings: predictions whose output is a version and a file of weights."""

    def capabilities(self, trainer: str) -> ModelCapabilities:
        """What the trainer costs and how long it takes; of `options`, the parameters it knows."""

    def product(self, trainer: str) -> ModelCapabilities:
        """What a model that this trainer made can do."""

    def prepare(self, request: TrainingRequest) -> PreparedRequest:
        """Pin the trainer's version, make the destination, upload the archive.

        Creates nothing that costs; raises ProviderError.
        """


@runtime_checkable
class TrainingProvider(Provider, Protocol):
    """A provider that also trains models."""

    @property
    def trainings(self) -> Trainings: ...


@runtime_checkable
class SynchronousProvider(Provider, Protocol):
    """A provider that answers with the pictures themselves (Gemini, Hugging Face)."""

    def generate(self, prepared: PreparedRequest) -> SynchronousResult:
        """Make the pictures; raises ProviderError.

        AMBIGUOUS, from a provider whose definition is idempotent alone: it may be making them, and
        the same request with the same `attempt_id` is to be sent again.
        """
