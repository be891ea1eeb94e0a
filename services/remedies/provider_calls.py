"""Calls of remedies to a provider: read a prediction, cancel it."""

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
class Reply:
    """A prediction as the provider returned it, or the problem."""

    prediction: Prediction | None = None
    problem: str | None = None
    is_unknown: bool = False
    """The provider knows no such prediction; `problem` names it."""

    @property
    def has_succeeded(self) -> bool:
        """Whether the prediction has finished, with or without a picture."""
        return self.prediction is not None and self.prediction.status is PredictionStatus.SUCCEEDED


def ask_about(context: StepContext, run: Run, prediction_id: str) -> Reply:
    """Read a prediction in one call; raises ProviderMissingError."""
    label = provider_label(run.provider)
    predictions = context.predictions(run)
    if predictions is None:
        return Reply(problem=f"{label} answers at once and stores nothing that could be read.")
    try:
        return Reply(predictions.get(prediction_id))
    except ProviderError as error:
        if error.failure is FailureClass.LOST:
            return Reply(
                problem=f"{label} knows no {prediction_id}: it was deleted, or is in another account.",
                is_unknown=True,
            )
        return Reply(problem=f"{label} did not answer: {error.detail}")


@dataclass(frozen=True)
class AtProvider:
    """A prediction that may still run, with its attempt."""

    run: Run
    attempt: Attempt
    prediction_id: str


def at_provider(view: RunView) -> AtProvider | None:
    """Return the run's prediction; None when none is known to run."""
    prediction_id = view.running_prediction_id
    if view.attempt is None or prediction_id is None:
        return None
    return AtProvider(view.run, view.attempt, prediction_id)


def cancel_at_provider(context: StepContext, work: AtProvider | None) -> str:
    """Cancel the prediction and record its cost; returns a sentence about the result.

    Never raises: the fencing token refuses whatever may still arrive.
    """
    if work is None:
        return ""
    try:
        predictions = context.predictions(work.run)
        if predictions is None:
            return ""
        prediction = predictions.cancel(work.prediction_id)
    except (ProviderError, ProviderMissingError) as error:
        logger.warning("remedies.cancel_failed run=%s %s", work.run.id, error)
        return "The provider refused the cancellation: the prediction runs on and may be billed."
    with context.database.transaction() as session:
        save_poll(session, work.attempt, prediction)
        settle_cost(session, work.attempt.id)
    if prediction.status is PredictionStatus.SUCCEEDED:
        return "It had just finished there; that picture is not used."
    return "It is canceled at the provider."
