"""What differs between kinds of work in the pipeline, and the default: pictures.

The pipeline calls a run's `Work` and writes what it returns; nothing here knows the pipeline.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from sqlalchemy.orm import Session

from services.core.errors import BlankPictureError, PictureRefusedError
from services.core.states import QueueName, RunState
from services.database.engine import Database
from services.database.models import Asset, Generation, Run, Slot
from services.media.fit import fitted_png, fitting_size
from services.media.outputs import inspect_output
from services.media.skeletons import control_picture, skeleton_of
from services.providers.base import (
    InputImage,
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PredictionProvider,
    Predictions,
    PreparedRequest,
    Provider,
)
from services.storage.base import Storage
from services.storage.keys import (
    ASIDE_DAYS,
    aside_key,
    original_key,
    parse_key,
    thumbnail_key,
)

FREE_PRIORITY = 0


class WorkContext(Protocol):
    """The services of the process that does the work."""

    @property
    def database(self) -> Database: ...

    @property
    def providers(self) -> Mapping[str, Provider]: ...

    @property
    def storage(self) -> Storage: ...

    @property
    def fetch(self) -> Callable[[str], bytes]: ...

    @property
    def fetch_to(self) -> Callable[[str, Path], int]: ...

    @property
    def scratch(self) -> Path: ...

    @property
    def keeps_blank(self) -> bool:
        """Whether a blank picture fills its slot like any other."""

    def checkpoint(self, name: str) -> None:
        """Report that this point was reached; the fault tests kill the process at some."""


@dataclass(frozen=True)
class RunInputs:
    """The inputs of a run's attempt; all its slots request the same."""

    run: Run
    slots: Sequence[Slot]
    assets: Sequence[Asset]
    seed: int


@dataclass(frozen=True)
class StoredOutput:
    """A file that the storage holds and that is not yet a row; only pictures have pixels."""

    sha256: str
    storage_key: str
    storage_uri: str
    thumbnail_key: str
    content_type: str
    byte_count: int
    width: int
    height: int
    placeholder: str

    def as_json(self) -> dict[str, Any]:
        """For the attempt's outputs; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, output: Mapping[str, Any]) -> Self:
        """Read an output that was stored already, whatever else is noted of it."""
        return cls(**{field.name: output[field.name] for field in fields(cls)})


class Work:
    """Work whose outputs are pictures; other work overrides what differs."""

    low_states: ClassVar[frozenset[RunState]] = frozenset()
    """States whose next step takes minutes, so that it waits in the low queue."""
    step_seconds: ClassVar[Mapping[RunState, float]] = {}
    """The step's time limit in seconds by state, where it is longer than the default."""
    poll_seconds: ClassVar[float | None] = None
    """Between two polls; None: by the model's median duration."""
    uses_trainings: ClassVar[bool] = False
    """Whether its predictions are a provider's trainings, which live behind another API."""
    stores_extras: ClassVar[bool] = True
    """Whether what a provider makes beyond the order is kept."""
    finish_event: ClassVar[str] = "run.succeeded"
    """The timeline's event of a run that has filled its slots."""

    def queue(self, state: RunState, priority: int) -> QueueName:
        """The queue of a run's next step: free submits come after all other short steps."""
        if state in self.low_states:
            return QueueName.LOW
        is_free_submit = state is RunState.QUEUED and priority <= FREE_PRIORITY
        return QueueName.DEFAULT if is_free_submit else QueueName.HIGH

    def predictions(self, provider: Provider) -> Predictions | None:
        """The API that can be asked about the work; None where the answer is the work itself."""
        return provider if isinstance(provider, PredictionProvider) else None

    def capabilities(self, provider: Provider, model: str) -> ModelCapabilities:
        """What the model of the work can do."""
        return provider.capabilities(model)

    def billed_outputs(self, slot_count: int) -> int:
        """Return how many outputs the provider charges for."""
        return slot_count

    def prepare(self, context: WorkContext, inputs: RunInputs) -> PreparedRequest:
        """Read and upload the inputs; creates nothing that costs.

        Raises StorageError, ProviderError, PictureRefusedError.
        """
        provider, run, slot = context.providers[inputs.run.provider], inputs.run, inputs.slots[0]
        can = self.capabilities(provider, run.model)
        return provider.prepare(
            PictureRequest(
                model=run.model,
                prompt=slot.prompt,
                seed=inputs.seed,
                images=tuple(_input_image(context.storage, asset, can) for asset in inputs.assets),
                aspect_ratio=slot.aspect_ratio,
                output_count=len(inputs.slots),
                control_image=_control_image(slot),
                options=slot.options,
            )
        )

    def progress(self, session: Session, run: Run, prediction: Prediction) -> dict[str, Any]:
        """The run's columns that a poll changes; may write rows of the recipe's own."""
        return {} if prediction.progress is None else {"progress": prediction.progress}

    def outputs(self, prediction: Prediction) -> list[dict[str, Any]]:
        """What a finished prediction made, in the order of the run's slots.

        A picture inside the reply is read from the provider again when it is stored.
        """
        return [
            {"inline": True} if url.startswith("data:") else {"url": url}
            for url in prediction.output_urls
        ]

    def addresses(self, prediction: Prediction) -> list[str | None]:
        """Where the outputs are now, in the same order; None for one that is no file."""
        return list(prediction.output_urls)

    def store(self, context: WorkContext, output: Mapping[str, Any]) -> StoredOutput | None:
        """Download one output and store it; None for one that is no file.

        A synchronous provider's pictures are stored already. Raises FetchError, StorageError,
        PictureRefusedError, BlankPictureError.
        """
        if "storage_key" in output:
            return StoredOutput.from_json(output)
        content = context.fetch(str(output["url"]))
        context.checkpoint("ingest.fetched")
        return store_picture(context.storage, content, keeps_blank=context.keeps_blank)

    def finish(
        self, session: Session, run: Run, outputs: Sequence[Any], asset_ids: Mapping[int, str]
    ) -> dict[str, Any]:
        """Write rows of the recipe's own once slots are filled; returns the event's detail.

        `asset_ids`: the stored files by the index of their output.
        """
        return {"pictures": len(asset_ids)}

    def retry_problem(
        self, session: Session, generation: Generation, slots: Sequence[Slot]
    ) -> str | None:
        """Why these slots of a generation cannot be retried, as a sentence."""
        return None


def store_picture(storage: Storage, content: bytes, *, keeps_blank: bool = True) -> StoredOutput:
    """Decode a picture in full, then store it byte for byte under its hash; repeatable.

    Raises PictureRefusedError for what is no sound picture, BlankPictureError unless
    `keeps_blank`, and StorageError. Either is paid for: it is set aside for a person.
    """
    try:
        picture = inspect_output(content)
    except PictureRefusedError as refused:
        sentence = f"{refused.sentence} {_set_aside(storage, content)}".rstrip()
        raise PictureRefusedError(**refused.fields | {"sentence_text": sentence}) from None
    if picture.blank and not keeps_blank:
        raise BlankPictureError(how=picture.blank.value, place=_set_aside(storage, content))
    key, small_key = original_key(picture.sha256, picture.extension), thumbnail_key(picture.sha256)
    storage.put(key, picture.content, picture.content_type)
    storage.put(small_key, picture.thumbnail, "image/webp")
    return StoredOutput(
        sha256=picture.sha256,
        storage_key=key,
        storage_uri=storage.uri(key),
        thumbnail_key=small_key,
        content_type=picture.content_type,
        byte_count=len(picture.content),
        width=picture.width,
        height=picture.height,
        placeholder=picture.placeholder,
    )


def _set_aside(storage: Storage, content: bytes) -> str:
    """Store what cannot be used; returns a sentence that says where."""
    if not content:
        return ""
    key = aside_key(hashlib.sha256(content).hexdigest())
    storage.put(key, content, parse_key(key).content_type)
    return f"It is kept for {ASIDE_DAYS} days as {storage.uri(key)}."


def _input_image(storage: Storage, asset: Asset, can: ModelCapabilities) -> InputImage:
    """The stored picture, in a size that the model takes."""
    content = storage.get(asset.storage_key)
    name = asset.storage_key.rsplit("/", 1)[-1]
    size = fitting_size(asset.width, asset.height, can.image_max_side, can.image_multiple)
    if size == (asset.width, asset.height):
        return InputImage(name, asset.content_type, content)
    return InputImage("input.png", "image/png", fitted_png(content, size))


def _control_image(slot: Slot) -> InputImage | None:
    """Drawn from the skeleton stored with the slot, whatever the library holds now."""
    if slot.control_skeleton is None:
        return None
    content = control_picture(skeleton_of(slot.control_skeleton))
    return InputImage("pose.png", "image/png", content)
