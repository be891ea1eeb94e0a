"""CancelAndRestart and DeclareLost: submit a run again after its attempt is canceled or lost."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.core.states import AttemptState, RunState
from services.pipeline.failures import Failure
from services.pipeline.leases import Step
from services.pipeline.review import DECLARED_LOST, queue_another_attempt
from services.pipeline.transitions import is_canceling, slots_of
from services.providers.base import FailureClass
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.provider_calls import (
    AtProvider,
    Reply,
    ask_about,
    at_provider,
    cancel_at_provider,
)
from services.remedies.requeue import NOT_WAITING, make_due
from services.remedies.subjects import SUBMITTING_NOW, RunView, SubjectKind, view_run

CANCELING = "Its batch was canceled: nothing of it is submitted again."
FINISHED_MEANWHILE = "It has finished at the provider meanwhile, so its output is downloaded."
DECIDED = "The result of this submission is known by now."
CANCELED_TO_RESTART = "A person canceled it to restart it."


@dataclass(frozen=True)
class _Facts:
    """The prediction at the provider, and its state there."""

    work: AtProvider | None
    reply: Reply


class CancelAndRestart(Remedy[_Facts]):
    """Cancel the prediction at the provider and submit the run again."""

    id = "cancel_and_restart"
    label = "Cancel and restart"
    icon = "restart_alt"
    consequence = "Cancels it at the provider and submits it again. The provider may bill both."
    audit_label = "Canceled and restarted a run"
    subject = SubjectKind.RUN

    def inspect(self, offer: RemedyOffer) -> _Facts:
        """Read the prediction's state."""
        with self._context.database.transaction() as session:
            work = at_provider(view_run(session, offer.subject_id))
        if work is None:
            return _Facts(None, Reply())
        return _Facts(work, ask_about(self._context, work.run, work.prediction_id))

    def plan(self, session: Session, offer: RemedyOffer, facts: _Facts) -> DryRun:
        """Refuse it when the prediction has finished: its output is downloaded then."""
        view = view_run(session, offer.subject_id)
        gone = " The provider no longer knows the present one." if facts.reply.is_unknown else ""
        return DryRun(
            offer,
            "It is canceled at the provider and submitted again. No credits move, but the provider"
            f" may bill the canceled one.{gone}",
            view.state,
            cost_usd=_cost_usd(self, session, view),
            problem=_restart_problem(session, view, facts),
        )

    def on_refusal(self, offer: RemedyOffer, facts: _Facts) -> None:
        """Poll a prediction that has finished meanwhile."""
        if not facts.reply.has_succeeded:
            return
        with self._context.database.transaction() as session:
            self.lock(session, offer)
            view = view_run(session, offer.subject_id)
            if view.run.state is RunState.WAITING and not view.is_held:
                make_due(session, view)

    def change(self, session: Session, request: RemedyRequest, facts: _Facts) -> Change:
        """Write the rows first: a poll under way loses its fencing token and cannot fail the run."""
        failure = Failure(FailureClass.CANCELED, CANCELED_TO_RESTART)
        return _submitted_again(session, request, AttemptState.CANCELED, failure)

    def finish(self, request: RemedyRequest, facts: _Facts) -> str:
        """Cancel the prediction."""
        return cancel_at_provider(self._context, facts.work)


def _restart_problem(session: Session, view: RunView, facts: _Facts) -> str | None:
    if view.run.state is not RunState.WAITING or facts.work is None:
        return NOT_WAITING
    if is_canceling(session, view.run.generation_id):
        return CANCELING
    if facts.reply.has_succeeded:
        return FINISHED_MEANWHILE
    return None if facts.reply.is_unknown else facts.reply.problem


class DeclareLost(Remedy[None]):
    """Count a submission of unknown result as lost and submit the run again."""

    id = "declare_lost"
    label = "Declare lost"
    icon = "search_off"
    consequence = (
        "Counts the submission as lost and submits it again. If the provider did receive it, it"
        " bills both."
    )
    audit_label = "Declared a submission lost"
    subject = SubjectKind.RUN

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Refuse it unless it is unknown whether the provider received the submission."""
        view = view_run(session, offer.subject_id)
        return DryRun(
            offer,
            "The submission counts as lost and is sent again. No credits move; if the provider"
            " received the first one after all, it bills both.",
            view.state,
            cost_usd=_cost_usd(self, session, view),
            problem=_lost_problem(session, view),
        )

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Close the attempt, queue the run."""
        failure = Failure(FailureClass.AMBIGUOUS, DECLARED_LOST)
        return _submitted_again(session, request, AttemptState.LOST, failure)


def _lost_problem(session: Session, view: RunView) -> str | None:
    if view.is_being_submitted:
        return SUBMITTING_NOW
    if view.run.state not in (RunState.NEEDS_REVIEW, RunState.SUBMITTING):
        return DECIDED
    if is_canceling(session, view.run.generation_id):
        return CANCELING
    return None


def _cost_usd(remedy: CancelAndRestart | DeclareLost, session: Session, view: RunView) -> float:
    slots = [slot for slot, _ in slots_of(session, view.run.id)]
    return remedy.tools.retry.cost_usd(session, slots)


def _submitted_again(
    session: Session, request: RemedyRequest, state: AttemptState, failure: Failure
) -> Change:
    run = view_run(session, request.subject_id).run
    run = queue_another_attempt(
        session, Step(run.id, run.seq), state, failure, actor=request.actor, reason=request.reason
    )
    after = {"state": run.state.value, "attempt_state": state.value}
    return Change("It is submitted again.", after, run.generation_id, run.id)
