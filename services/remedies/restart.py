"""Another attempt of the same run: after ending one at the provider, or declaring one lost."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.pipeline.failures import Failure
from services.pipeline.leases import Step
from services.pipeline.review import DECLARED_LOST, queue_another_attempt
from services.pipeline.transitions import is_canceling, slots_of
from services.providers.base import FailureClass
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.provider_calls import (
    Answer,
    AtProvider,
    ask_about,
    at_provider,
    cancel_there,
)
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.requeue import make_due
from services.remedies.subjects import BEING_SENT, RunView, lock_run, view_run

CANCELING = "Its batch was canceled: nothing of it is ordered again."
NOT_WAITING = "It does not wait at a provider."
FINISHED_MEANWHILE = "It has finished at the provider meanwhile, so it is fetched instead."
DECIDED = "It is known by now what became of this order."
CANCELED_TO_RESTART = "A person canceled it to start again."


@dataclass(frozen=True)
class _Look:
    """What is at the provider, and what the provider says of it."""

    work: AtProvider | None
    answer: Answer


class CancelAndRestart(RemedyTemplate[_Look]):
    """Ends the prediction at the provider; the run is sent once more."""

    kind = RemedyKind.CANCEL_AND_RESTART

    def ask(self, offer: RemedyOffer) -> _Look:
        """How the prediction stands."""
        with self._parts.database.transaction() as session:
            work = at_provider(view_run(session, offer.subject_id))
        if work is None:
            return _Look(None, Answer())
        return _Look(work, ask_about(self._parts, work.run, work.prediction_id))

    def plan(self, session: Session, offer: RemedyOffer, known: _Look) -> DryRun:
        """Refused when it has finished there: then it is fetched."""
        view = view_run(session, offer.subject_id)
        gone = " The provider no longer knows the present one." if known.answer.is_unknown else ""
        return DryRun(
            offer,
            "It is canceled at the provider and ordered once more. No credits move, but the"
            f" provider may bill what it has done so far.{gone}",
            view.state,
            cost_usd=_cost_usd(self, session, view),
            problem=_restart_problem(session, view, known),
        )

    def refused(self, offer: RemedyOffer, known: _Look) -> None:
        """Finished meanwhile: look at once."""
        if not known.answer.has_succeeded:
            return
        with self._parts.database.transaction() as session:
            self.lock(session, offer)
            view = view_run(session, offer.subject_id)
            if view.run.state is RunState.WAITING and not view.is_held:
                make_due(session, view)

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run and its generation."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: _Look) -> Done:
        """First the rows: a look that is under way finds its fence gone and cannot fail the run."""
        failure = Failure(FailureClass.CANCELED, CANCELED_TO_RESTART)
        return _ordered_again(session, order, AttemptState.CANCELED, failure)

    def afterwards(self, order: Order, known: _Look) -> str:
        """End it at the provider."""
        return cancel_there(self._parts, known.work)


def _restart_problem(session: Session, view: RunView, known: _Look) -> str | None:
    if view.run.state is not RunState.WAITING or known.work is None:
        return NOT_WAITING
    if is_canceling(session, view.run.generation_id):
        return CANCELING
    if known.answer.has_succeeded:
        return FINISHED_MEANWHILE
    return None if known.answer.is_unknown else known.answer.problem


class DeclareLost(RemedyTemplate[None]):
    """Nobody will know what became of an order: it counts as lost, and another one is sent."""

    kind = RemedyKind.DECLARE_LOST

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """Only while it is unknown whether the provider has it."""
        view = view_run(session, offer.subject_id)
        return DryRun(
            offer,
            "The order counts as lost and is sent once more. No credits move; should the provider"
            " have the first one after all, it bills both.",
            view.state,
            cost_usd=_cost_usd(self, session, view),
            problem=_lost_problem(session, view),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run and its generation."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: None) -> Done:
        """Close the attempt, queue the run."""
        failure = Failure(FailureClass.AMBIGUOUS, DECLARED_LOST)
        return _ordered_again(session, order, AttemptState.LOST, failure)


def _lost_problem(session: Session, view: RunView) -> str | None:
    if view.is_being_sent:
        return BEING_SENT
    if view.run.state not in (RunState.NEEDS_REVIEW, RunState.SUBMITTING):
        return DECIDED
    if is_canceling(session, view.run.generation_id):
        return CANCELING
    return None


def _cost_usd(remedy: CancelAndRestart | DeclareLost, session: Session, view: RunView) -> float:
    slots = [slot for slot, _ in slots_of(session, view.run.id)]
    return remedy.tools.retry.cost_usd(session, slots)


def _ordered_again(session: Session, order: Order, state: AttemptState, failure: Failure) -> Done:
    run = view_run(session, order.subject_id).run
    run = queue_another_attempt(
        session, Step(run.id, run.seq), state, failure, actor=order.actor, reason=order.reason
    )
    after = {"state": run.state.value, "attempt_state": state.value}
    return Done("It is ordered once more.", after, run.generation_id, run.id)
