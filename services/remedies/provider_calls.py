"""What remedies ask a provider: how a prediction stands, and to end it."""

import logging
from dataclasses import dataclass

from services.core.errors import ProviderMissingError
from services.credits.costs import settle_cost
from services.database.models import Attempt, Run
from services.pipeline.step_context import StepContext
from services.pipeline.steps.poll import save_poll
from services.providers.base import FailureClass, Prediction, PredictionStatus, ProviderError
from services.providers.registry import provider_label
from services.remedies.subjects import RunView

logger = logging.getLogger("atelier.remedies")


@dataclass(frozen=True)
class Answer:
    """What the provider says of a prediction, or why it says nothing."""

    prediction: Prediction | None = None
    problem: str | None = None
    is_unknown: bool = False
    """It knows no such prediction; `problem` says so."""

    @property
    def has_succeeded(self) -> bool:
        """It has finished there, with or without a picture."""
        return self.prediction is not None and self.prediction.status is PredictionStatus.SUCCEEDED


def ask_about(parts: StepContext, run: Run, prediction_id: str) -> Answer:
    """One call; raises ProviderMissingError."""
    label = provider_label(run.provider)
    predictions = parts.predictions(run)
    if predictions is None:
        return Answer(problem=f"{label} answers at once and keeps nothing that could be asked for.")
    try:
        return Answer(predictions.get(prediction_id))
    except ProviderError as error:
        if error.failure is FailureClass.LOST:
            return Answer(
                problem=f"{label} knows no {prediction_id}: it is gone there, or another account's.",
                is_unknown=True,
            )
        return Answer(problem=f"{label} did not answer: {error.detail}")


@dataclass(frozen=True)
class AtProvider:
    """A prediction that may still run there, with the attempt that it belongs to."""

    run: Run
    attempt: Attempt
    prediction_id: str


def at_provider(view: RunView) -> AtProvider | None:
    """None when nothing of this run is known to run there."""
    prediction_id = view.running_at_provider
    if view.attempt is None or prediction_id is None:
        return None
    return AtProvider(view.run, view.attempt, prediction_id)


def cancel_there(parts: StepContext, work: AtProvider | None) -> str:
    """End it at the provider and note what it has cost; a sentence about how that went.

    Never an error: the fence refuses whatever may still come of it.
    """
    if work is None:
        return ""
    try:
        predictions = parts.predictions(work.run)
        if predictions is None:
            return ""
        prediction = predictions.cancel(work.prediction_id)
    except (ProviderError, ProviderMissingError) as error:
        logger.warning("remedies.not_canceled run=%s %s", work.run.id, error)
        return "The provider did not take the cancellation; there it ends by itself, and may cost."
    with parts.database.transaction() as session:
        save_poll(session, work.attempt, prediction)
        settle_cost(session, work.attempt.id)
    if prediction.status is PredictionStatus.SUCCEEDED:
        return "It had just finished there; that picture is not used."
    return "It is canceled at the provider."
