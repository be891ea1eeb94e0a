"""What a training's submit step prepares: a zip of its pictures and captions, uploaded just before use."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import select

from services.database.models import Asset, Run, Slot, TrainedModel, TrainingPicture
from services.media.archive import TrainingPictureFile, write_training_archive
from services.pipeline.checkpoints import checkpoint
from services.pipeline.step_context import StepContext
from services.providers.base import PreparedRequest, TrainingRequest


def prepare_training(parts: StepContext, run: Run, slot: Slot) -> PreparedRequest:
    """Build the archive on disk and hand it to the trainer's provider; it goes with this call.

    Raises StorageError, ProviderError and what `write_training_archive` raises; nothing that costs
    exists by then.
    """
    with parts.database.transaction() as session:
        model = session.scalars(
            select(TrainedModel).where(TrainedModel.generation_id == run.generation_id)
        ).one()
        rows = session.execute(
            select(TrainingPicture, Asset)
            .join(Asset, Asset.id == TrainingPicture.asset_id)
            .where(TrainingPicture.trained_model_id == model.id)
            .order_by(TrainingPicture.position)
        ).all()
    parts.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="training-", dir=parts.scratch) as folder:
        archive = Path(folder) / "pictures.zip"
        write_training_archive(archive, _files(parts, [(row[0], row[1]) for row in rows]))
        checkpoint("submit.archived")
        return parts.trainings(run.provider).prepare(
            TrainingRequest(run.model, model.destination_name, archive, slot.options)
        )


def _files(
    parts: StepContext, rows: list[tuple[TrainingPicture, Asset]]
) -> Iterator[TrainingPictureFile]:
    """One picture in memory at a time."""
    for picture, asset in rows:
        load = partial(parts.storage.get, asset.storage_key)
        yield TrainingPictureFile(f"{picture.position + 1:03}", load, picture.caption)
