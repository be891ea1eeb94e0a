"""The pipeline's work of a training: uploads an archive, returns a version and its weights."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.errors import CapabilityError, InvalidRequestError
from services.core.states import RunState, SlotRole
from services.database.models import (
    Asset,
    Generation,
    Run,
    Slot,
    TrainedModel,
    TrainingPicture,
)
from services.media.archive import TrainingPictureFile, write_training_archive
from services.media.weights import extract_weights
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    Prediction,
    PreparedRequest,
    Provider,
    TrainingProvider,
    TrainingRequest,
    Trainings,
)
from services.recipes.training.trainer_log import read_log
from services.recipes.work import RunInputs, StoredOutput, Work, WorkContext
from services.storage.keys import weights_key

WEIGHTS_TYPE = "application/octet-stream"
UNPUBLISHED = "The provider trained it and could not make a version of it."
NO_LINK = (
    "Its weights are stored here and were not lost, but the provider cannot read them: pictures are"
    " stored on this machine. Store them in S3 (S3_BUCKET), or publish the weights at the provider by"
    " hand."
)
WEIGHTS_ALONE = (
    "Only the copy of the weights is missing: the trained version works without it, and a retry"
    " would train anew."
)


class TrainingWork(Work):
    """Trains a model; the version works without our copy of the weights."""

    low_states: ClassVar = frozenset({RunState.QUEUED, RunState.INGESTING})
    step_seconds: ClassVar = {RunState.INGESTING: 2400.0}
    poll_seconds: ClassVar = 5.0
    uses_trainings: ClassVar = True
    stores_extras: ClassVar = False
    finish_event: ClassVar = "model.trained"

    def predictions(self, provider: Provider) -> Trainings:
        """The provider's trainings."""
        return trainings_of(provider)

    def capabilities(self, provider: Provider, model: str) -> ModelCapabilities:
        """Of the trainer."""
        return trainings_of(provider, model).capabilities(model)

    def billed_outputs(self, slot_count: int) -> int:
        """Version and weights come out of one training."""
        return 1

    def prepare(self, context: WorkContext, inputs: RunInputs) -> PreparedRequest:
        """Write the archive to disk and upload it; it is removed with this call.

        Raises StorageError, ProviderError and what `write_training_archive` raises.
        """
        run = inputs.run
        with context.database.transaction() as session:
            model = _model_of(session, run)
            weights = session.get(Asset, model.weights_asset_id or "")
            pictures = session.scalars(
                select(TrainingPicture)
                .where(TrainingPicture.trained_model_id == model.id)
                .order_by(TrainingPicture.position)
            ).all()
        if weights is not None and model.version is None:
            return _publish(context, inputs, model, weights)
        context.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="training-", dir=context.scratch) as folder:
            archive = Path(folder) / "pictures.zip"
            write_training_archive(archive, _files(context, pictures, inputs.assets))
            context.checkpoint("submit.archived")
            return trainings_of(context.providers[run.provider]).prepare(
                TrainingRequest(run.model, model.destination_name, archive, inputs.slots[0].options)
            )

    def progress(self, session: Session, run: Run, prediction: Prediction) -> dict[str, Any]:
        """Read stage and progress from the trainer's log, and store the losses in it.

        A log that was cut off at its beginning lacks early losses: stored ones stay.
        """
        model = _model_of(session, run)
        pictures = select(func.count()).where(TrainingPicture.trained_model_id == model.id)
        log = read_log(prediction.logs, session.scalars(pictures).one())
        if log.losses:
            stored = {int(step): float(loss) for step, loss in model.losses}
            model.losses = [list(pair) for pair in sorted({**stored, **dict(log.losses)}.items())]
        return {"stage": log.sentence, "progress": log.progress}

    def outputs(self, prediction: Prediction) -> list[dict[str, Any]]:
        """The version, or why there is none, then the weights."""
        version: dict[str, Any] = {"version": prediction.trained_version}
        if prediction.trained_version is None:
            failure = prediction.failure or FailureClass.UNPUBLISHED
            version = {"failure": failure.value, "detail": prediction.error or UNPUBLISHED}
        return [version, *super().outputs(prediction)]

    def addresses(self, prediction: Prediction) -> list[str | None]:
        """The weights alone are a file."""
        return [None, *super().addresses(prediction)]

    def store(self, context: WorkContext, output: Mapping[str, Any]) -> StoredOutput | None:
        """Download and check the weights; the version is no file of ours.

        Raises FetchError, StorageError, WeightsRefusedError.
        """
        if "storage_key" in output:
            return StoredOutput.from_json(output)
        if "url" not in output:
            return None
        context.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="weights-", dir=context.scratch) as folder:
            downloaded = Path(folder) / "download"
            context.fetch_to(str(output["url"]), downloaded)
            context.checkpoint("ingest.fetched")
            weights = extract_weights(downloaded, Path(folder) / "weights.safetensors")
            key = weights_key(weights.sha256)
            context.storage.put_file(key, weights.path, WEIGHTS_TYPE)
        return StoredOutput(
            sha256=weights.sha256,
            storage_key=key,
            storage_uri=context.storage.uri(key),
            thumbnail_key="",
            content_type=WEIGHTS_TYPE,
            byte_count=weights.byte_count,
            width=0,
            height=0,
            placeholder="",
        )

    def finish(
        self, session: Session, run: Run, outputs: Sequence[Any], asset_ids: Mapping[int, str]
    ) -> dict[str, Any]:
        """Make the model usable from this commit on, with its weights where they were stored."""
        version, stored = outputs[0].get("version"), next(iter(asset_ids.values()), None)
        values: dict[str, Any] = {}
        if version:
            values |= {"version": version, "ready_at": func.clock_timestamp()}
        if stored:
            values |= {"weights_asset_id": stored}
        session.execute(
            update(TrainedModel)
            .where(TrainedModel.generation_id == run.generation_id)
            .values(values)
        )
        return {"version": version}

    def retry_problem(
        self, session: Session, generation: Generation, slots: Sequence[Slot]
    ) -> str | None:
        """A missing copy of the weights is not worth another training."""
        return WEIGHTS_ALONE if all(slot.role is SlotRole.WEIGHTS for slot in slots) else None


def _publish(
    context: WorkContext, inputs: RunInputs, model: TrainedModel, weights: Asset
) -> PreparedRequest:
    """Publish weights that were trained already; raises InvalidRequestError where nobody can read them."""
    link = context.storage.public_url(weights.storage_key)
    if link is None:
        raise InvalidRequestError(problem=NO_LINK)
    given = inputs.slots[0].options
    request = TrainingRequest(
        inputs.run.model, model.destination_name, None, given, weights_url=link.url
    )
    return trainings_of(context.providers[inputs.run.provider]).prepare(request)


def trainings_of(provider: Provider, trainer: str = "training") -> Trainings:
    """The provider's trainings; raises CapabilityError where it has none."""
    if isinstance(provider, TrainingProvider):
        return provider.trainings
    raise CapabilityError(model=trainer, problem="its provider trains no models.")


def _model_of(session: Session, run: Run) -> TrainedModel:
    query = select(TrainedModel).where(TrainedModel.generation_id == run.generation_id)
    return session.scalars(query).one()


def _files(
    context: WorkContext, pictures: Sequence[TrainingPicture], assets: Sequence[Asset]
) -> Iterator[TrainingPictureFile]:
    """One picture in memory at a time."""
    keys = {asset.id: asset.storage_key for asset in assets}
    for picture in pictures:
        load = partial(context.storage.get, keys[picture.asset_id])
        yield TrainingPictureFile(f"{picture.position + 1:03}", load, picture.caption)
