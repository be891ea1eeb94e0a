"""AdoptPrediction: continue a run with a prediction that a person found at the provider."""

import re
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.core.states import RunState
from services.database.models import Attempt
from services.pipeline.events import EventName
from services.pipeline.leases import Step
from services.pipeline.step_context import latest_attempt
from services.pipeline.steps.accept import accept
from services.pipeline.transitions import refresh_generation
from services.providers.base import Prediction
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.requeue import DECIDED
from services.remedies.subjects import (
    SUBMITTING_NOW,
    Reply,
    RunView,
    SubjectKind,
    ask_about,
    view_run,
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")
NO_ID = "Enter the prediction's id, or the link of its page at the provider."
OURS = "This prediction belongs to another run here."
NO_INPUT = "The provider has removed the prediction's data, so it cannot be compared."


def prediction_id_of(text: str) -> str | None:
    """Extract the id from what was pasted: the id itself, or the end of a link's path."""
    pasted = text.strip()
    name = urlsplit(pasted).path.rstrip("/").rsplit("/", 1)[-1] if "/" in pasted else pasted
    return name if _ID.fullmatch(name) else None


class AdoptPrediction(Remedy[Reply]):
    """Take a prediction as the run's attempt and wait for it; the credits stay held."""

    id = "adopt_prediction"
    label = "Adopt prediction"
    icon = "input"
    consequence = "Continues with a prediction that the provider already has. Nothing is ordered."
    audit_label = "Adopted a prediction"
    subject = SubjectKind.RUN
    argument = "Prediction id or link"

    def inspect(self, offer: RemedyOffer) -> Reply:
        """Read the prediction at the provider."""
        prediction_id = prediction_id_of(offer.argument or "")
        with self._context.database.transaction() as session:
            run = view_run(session, offer.subject_id).run
        if prediction_id is None:
            return Reply(problem=NO_ID)
        return ask_about(self._context, run, prediction_id)

    def plan(self, session: Session, offer: RemedyOffer, facts: Reply) -> DryRun:
        """Refuse a prediction whose input is not the run's."""
        view = view_run(session, offer.subject_id)
        found = facts.prediction
        name = f"{found.id}, now {found.status.value}," if found else "The prediction"
        return DryRun(
            offer,
            f"{name} becomes this run's attempt, and the run waits for it. No credits move.",
            view.state,
            problem=_problem(session, view, facts),
        )

    def change(self, session: Session, request: RemedyRequest, facts: Reply) -> Change:
        """Accept it as the provider's answer to the newest attempt."""
        run, prediction = view_run(session, request.subject_id).run, facts.prediction
        if prediction is None:
            raise TypeError("a plan without a problem has a prediction")
        accept(
            session,
            self._context,
            Step(run.id, run.seq),
            latest_attempt(session, run.id),
            prediction,
            self._context.capabilities(run).deadline_seconds,
            EventName.RUN_ADOPTED,
            request.actor.id,
        )
        refresh_generation(session, run.generation_id)
        after = {"state": RunState.WAITING.value, "prediction": prediction.id}
        return Change("The run waits for it now.", after, run.generation_id, run.id)


def _problem(session: Session, view: RunView, facts: Reply) -> str | None:
    if view.is_being_submitted:
        return SUBMITTING_NOW
    is_open = view.run.state in (RunState.NEEDS_REVIEW, RunState.SUBMITTING)
    if not is_open or view.attempt is None:
        return DECIDED
    if facts.prediction is None:
        return facts.problem
    ours = exists().where(
        Attempt.provider == view.run.provider, Attempt.prediction_id == facts.prediction.id
    )
    if session.scalar(select(ours)):
        return OURS
    return mismatch(view.attempt, facts.prediction)


def mismatch(attempt: Attempt, found: Prediction) -> str | None:
    """Return why this prediction is not the attempt's; addresses of uploads may differ."""
    if not found.is_of_model(attempt.model, attempt.version):
        return f"It is of another model or version: {found.model or found.version or 'unknown'}."
    if not found.input:
        return NO_INPUT
    requested: dict[str, Any] = attempt.payload.get("input", {})
    others = sorted(
        name
        for name in requested.keys() | found.input.keys()
        if not _is_same(requested.get(name), found.input.get(name))
    )
    return f"Its input is not this run's: {', '.join(others)} differ." if others else None


def _is_same(requested: Any, found: Any) -> bool:
    """Compare two values; addresses are equal, since each upload of a picture has its own."""
    if isinstance(requested, list) and isinstance(found, list):
        return len(requested) == len(found) and all(map(_is_same, requested, found))
    return bool(requested == found) or (_is_address(requested) and _is_address(found))


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
