"""What a look at a training tells: its stage, how far it is, and how its loss falls."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.database.models import Run, TrainedModel, TrainingPicture
from services.recipes.training.trainer_log import read_log


def record_training_progress(session: Session, run: Run, log: str) -> dict[str, Any]:
    """Keep the losses that the log tells of, and return the run's new stage and progress.

    A log that was cut off at its beginning lacks early losses: those known already are kept.
    """
    model = session.scalars(
        select(TrainedModel).where(TrainedModel.generation_id == run.generation_id)
    ).one()
    pictures = select(func.count()).where(TrainingPicture.trained_model_id == model.id)
    told = read_log(log, session.scalars(pictures).one())
    if told.losses:
        known = {int(step): float(loss) for step, loss in model.losses}
        losses = sorted({**known, **dict(told.losses)}.items())
        session.execute(
            update(TrainedModel)
            .where(TrainedModel.id == model.id)
            .values(losses=[[step, loss] for step, loss in losses])
        )
    return {"stage": told.sentence, "progress": told.progress}
