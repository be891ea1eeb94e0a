"""Remedies of a run: requeue it, poll it now, resubmit it after its attempt is canceled or lost."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.errors import QueueUnavailableError
from services.core.humanize import span
from services.core.states import ACTIVE_RUNS, AttemptState, RunState
from services.database.models import Run
from services.pipeline.failures import Failure
from services.pipeline.leases import Step, reschedule
from services.pipeline.review import DECLARED_LOST, queue_another_attempt
from services.pipeline.transitions import is_canceling, slots_of
from services.providers.base import FailureClass
from services.queue.base import Queue
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import (
    SUBMITTING_NOW,
    Reply,
    RunView,
    Search,
    SubjectKind,
    ask_about,
    cancel_at_provider,
    search_for,
    view_run,
)

ENDED = "This run has ended: there is nothing to enqueue."
NEEDS_DECISION = "It waits for a person's decision, not for the queue."
HELD = "A worker is working on it right now."
SILENT = " The worker that holds it sends no heartbeat: what it still writes is dropped."
NOT_WAITING = "It does not wait at a provider."
WaitingJobs = AbstractSet[str] | None
"""Ids of the jobs that wait in the queues; None when Redis does not answer."""
CANCELING = "Its batch was canceled: nothing of it is submitted again."
FINISHED_MEANWHILE = "It has finished at the provider meanwhile, so its output is downloaded."
DECIDED = "The result of this submission is known by now."
LIST_LAG_SECONDS = 120.0
"""A provider's list may show a prediction so long after it was created."""
LIST_MAY_LAG = "The provider's list may not show it yet. Decide in {left}."
CANCELED_TO_RESTART = "A person canceled it to restart it."


class Requeue(Remedy[None]):
    """Enqueue a step whose job was lost, or whose worker died, under a new fencing token."""

    id = "requeue"
    label = "Requeue"
    icon = "replay"
    consequence = "Enqueues its next step again. Nothing is generated or charged twice."
    audit_label = "Requeued a run"
    subject = SubjectKind.RUN

    def plan(self, session: Session, offer: RemedyOffer, facts: None) -> DryRun:
        """Refuse it while a living worker holds the run."""
        view = view_run(session, offer.subject_id)
        sentence = "Its step becomes due now with a new number, and the dispatcher enqueues it."
        return DryRun(
            offer,
            sentence + (SILENT if view.is_leased else ""),
            {"state": view.run.state.value, "seq": view.run.seq},
            problem=_problem(view),
        )

    def change(self, session: Session, request: RemedyRequest, facts: None) -> Change:
        """Increase `seq`, drop the lease, make the step due."""
        run = view_run(session, request.subject_id).run
        reschedule(session, Step(run.id, run.seq), 0.0)
        after = {"state": run.state.value, "seq": run.seq + 1}
        return Change("The dispatcher enqueues it now.", after, run.generation_id, run.id)


def _problem(view: RunView) -> str | None:
    if view.run.state is RunState.NEEDS_REVIEW:
        return NEEDS_DECISION
    if view.run.state not in ACTIVE_RUNS:
        return ENDED
    return HELD if view.is_held else None


def waiting_jobs(queue: Queue) -> WaitingJobs:
    """Read the ids of waiting jobs."""
    try:
        return queue.waiting_job_ids()
    except QueueUnavailableError:
        return None


def due_problem(view: RunView, jobs: WaitingJobs) -> str | None:
    """Return why this run's step need not, or cannot, be made due now."""
    run = view.run
    if view.is_held:
        return HELD
    if run.enqueued_at is None:
        return "It is due already: the dispatcher enqueues it now." if view.is_due else None
    if jobs is None:
        return "Redis does not answer, so it is unknown whether its job waits there."
    return "Its job waits in the queue already." if f"{run.id}-{run.seq}" in jobs else None


def make_due(session: Session, view: RunView) -> None:
    """Make the step due now; with a new number where its job was lost or its worker is silent."""
    run = view.run
    if run.enqueued_at is not None or run.lease_until is not None:
        reschedule(session, Step(run.id, run.seq), 0.0)
        return
    session.execute(
        update(Run)
        .where(Run.id == run.id, Run.seq == run.seq)
        .values(due_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )


class PollNow(Remedy[WaitingJobs]):
    """Poll the provider now instead of at the scheduled time."""

    id = "poll_now"
    label = "Poll now"
    icon = "sync"
    consequence = "Asks the provider now instead of at the next scheduled poll."
    audit_label = "Polled a provider"
    subject = SubjectKind.RUN

    def inspect(self, offer: RemedyOffer) -> WaitingJobs:
        """Read which jobs wait."""
        return waiting_jobs(self.tools.queue)

    def plan(self, session: Session, offer: RemedyOffer, facts: WaitingJobs) -> DryRun:
        """Refuse it for a run that does not wait at its provider."""
        view = view_run(session, offer.subject_id)
        is_waiting = view.run.state is RunState.WAITING
        problem = due_problem(view, facts) if is_waiting else NOT_WAITING
        sentence = "The provider is asked now instead of at the next scheduled poll."
        return DryRun(offer, sentence, {"state": view.run.state.value}, problem=problem)

    def change(self, session: Session, request: RemedyRequest, facts: WaitingJobs) -> Change:
        """Make the poll due."""
        view = view_run(session, request.subject_id)
        make_due(session, view)
        run = view.run
        return Change("It is polled now.", {"state": run.state.value}, run.generation_id, run.id)


@dataclass(frozen=True)
class _Facts:
    """The run before the change, and its prediction's state at the provider."""

    view: RunView
    reply: Reply


class CancelAndRestart(Remedy[_Facts]):
    """Cancel the prediction at the provider and resubmit the run."""

    id = "cancel_and_restart"
    label = "Cancel and restart"
    icon = "restart_alt"
    consequence = "Cancels it at the provider and submits it again. The provider may bill both."
    audit_label = "Canceled and restarted a run"
    subject = SubjectKind.RUN

    def inspect(self, offer: RemedyOffer) -> _Facts:
        """Read the prediction's state."""
        with self._context.database.transaction() as session:
            view = view_run(session, offer.subject_id)
        prediction_id = view.running_prediction_id
        if prediction_id is None:
            return _Facts(view, Reply())
        return _Facts(view, ask_about(self._context, view.run, prediction_id))

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
        return cancel_at_provider(self._context, facts.view)


def _restart_problem(session: Session, view: RunView, facts: _Facts) -> str | None:
    if view.run.state is not RunState.WAITING or facts.view.running_prediction_id is None:
        return NOT_WAITING
    if is_canceling(session, view.run.generation_id):
        return CANCELING
    if facts.reply.has_succeeded:
        return FINISHED_MEANWHILE
    return None if facts.reply.is_unknown else facts.reply.problem


class DeclareLost(Remedy[Search]):
    """Count a submission of unknown result as lost and resubmit the run.

    The provider's list is searched once more for each run, in bulk too: what it shows is adopted,
    not ordered twice.
    """

    id = "declare_lost"
    label = "Declare lost"
    icon = "search_off"
    consequence = (
        "Counts the submission as lost and submits it again. If the provider did receive it, it"
        " bills both."
    )
    audit_label = "Declared a submission lost"
    subject = SubjectKind.RUN

    def inspect(self, offer: RemedyOffer) -> Search:
        """Search the provider's list for the submission."""
        with self._context.database.transaction() as session:
            view = view_run(session, offer.subject_id)
            problem = _lost_problem(session, view)
        return Search() if problem else search_for(self._context, view)

    def plan(self, session: Session, offer: RemedyOffer, facts: Search) -> DryRun:
        """Refuse it unless it is unknown whether the provider received the submission."""
        view = view_run(session, offer.subject_id)
        return DryRun(
            offer,
            "The submission counts as lost and is sent again. No credits move; if the provider"
            " received the first one after all, it bills both.",
            view.state,
            cost_usd=_cost_usd(self, session, view),
            problem=_lost_problem(session, view) or facts.problem,
        )

    def change(self, session: Session, request: RemedyRequest, facts: Search) -> Change:
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
    if view.attempt is None:
        return None
    age = func.extract("epoch", func.clock_timestamp() - view.attempt.created_at)
    left = LIST_LAG_SECONDS - float(session.scalars(select(age)).one())
    return LIST_MAY_LAG.format(left=span(left)) if left > 0 else None


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
