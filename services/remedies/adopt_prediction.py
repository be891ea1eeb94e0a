"""Adopt: a prediction that a person found at the provider is the answer that got lost."""

import re
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.core.states import RunState
from services.database.models import Attempt
from services.pipeline.accept import accept
from services.pipeline.events import EventName
from services.pipeline.leases import Step
from services.pipeline.step_context import latest_attempt
from services.pipeline.transitions import refresh_generation
from services.providers.base import Prediction
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.provider_calls import Answer, ask_about
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.subjects import BEING_SENT, RunView, lock_run, view_run

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")
NO_ID = "Give the prediction's id, or the link of its page at the provider."
DECIDED = "It is known by now what became of this order."
OURS = "This prediction belongs to another order of this desk."
NO_INPUT = "The provider has removed the prediction's data, so nobody can tell whether it is this."


def prediction_id_of(text: str) -> str | None:
    """The id in what a person pasted: the id itself, or the last part of a link's path."""
    pasted = text.strip()
    name = urlsplit(pasted).path.rstrip("/").rsplit("/", 1)[-1] if "/" in pasted else pasted
    return name if _ID.fullmatch(name) else None


class AdoptPrediction(RemedyTemplate[Answer]):
    """The run waits for this prediction from then on; the credits stay held."""

    kind = RemedyKind.ADOPT_PREDICTION

    def ask(self, offer: RemedyOffer) -> Answer:
        """The provider, about that prediction."""
        prediction_id = prediction_id_of(offer.argument or "")
        with self._parts.database.transaction() as session:
            run = view_run(session, offer.subject_id).run
        if prediction_id is None:
            return Answer(problem=NO_ID)
        return ask_about(self._parts, run, prediction_id)

    def plan(self, session: Session, offer: RemedyOffer, known: Answer) -> DryRun:
        """Only one that is exactly what was asked for."""
        view = view_run(session, offer.subject_id)
        found = known.prediction
        told = f"{found.id}, which is {found.status.value} there," if found else "The prediction"
        return DryRun(
            offer,
            f"{told} is taken for the answer that got lost, and is waited for. No credits move.",
            view.state,
            problem=_problem(session, view, known),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run and its generation."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: Answer) -> Done:
        """As if the provider had answered just now."""
        run, prediction = view_run(session, order.subject_id).run, known.prediction
        if prediction is None:
            raise TypeError("a plan without a problem has a prediction")
        accept(
            session,
            self._parts,
            Step(run.id, run.seq),
            latest_attempt(session, run.id),
            prediction,
            self._parts.capabilities(run).deadline_seconds,
            EventName.RUN_ADOPTED,
            order.actor.id,
        )
        refresh_generation(session, run.generation_id)
        after = {"state": RunState.WAITING.value, "prediction": prediction.id}
        return Done("It is waited for now.", after, run.generation_id, run.id)


def _problem(session: Session, view: RunView, known: Answer) -> str | None:
    if view.is_being_sent:
        return BEING_SENT
    is_open = view.run.state in (RunState.NEEDS_REVIEW, RunState.SUBMITTING)
    if not is_open or view.attempt is None:
        return DECIDED
    if known.prediction is None:
        return known.problem
    ours = exists().where(
        Attempt.provider == view.run.provider, Attempt.prediction_id == known.prediction.id
    )
    if session.scalar(select(ours)):
        return OURS
    return misfit(view.attempt, known.prediction)


def misfit(attempt: Attempt, found: Prediction) -> str | None:
    """Why this prediction cannot be the attempt's; addresses of uploaded files may differ."""
    if not found.is_of_model(attempt.model, attempt.version):
        return f"It is of another model or version: {found.model or found.version or 'unknown'}."
    if not found.input:
        return NO_INPUT
    asked: dict[str, Any] = attempt.payload.get("input", {})
    others = sorted(
        name
        for name in asked.keys() | found.input.keys()
        if not _is_same(asked.get(name), found.input.get(name))
    )
    if not others:
        return None
    return f"Its input is another one than was asked for: {', '.join(others)} differ."


def _is_same(asked: Any, found: Any) -> bool:
    """Equal, or the addresses of uploads: each upload of the same picture has its own."""
    if isinstance(asked, list) and isinstance(found, list):
        return len(asked) == len(found) and all(map(_is_same, asked, found))
    return bool(asked == found) or (_is_address(asked) and _is_address(found))


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
