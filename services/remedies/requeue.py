"""Requeue and PollNow: make a run's next step due now; the dispatcher enqueues it."""

from collections.abc import Set as AbstractSet

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.errors import QueueUnavailableError
from services.core.states import ACTIVE_RUNS, RunState
from services.database.models import Run
from services.pipeline.leases import Step, reschedule
from services.queue.base import Queue
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.subjects import RunView, SubjectKind, view_run

ENDED = "This run has ended: there is nothing to enqueue."
NEEDS_DECISION = "It waits for a person's decision, not for the queue."
HELD = "A worker is working on it right now."
SILENT = " The worker that holds it sends no heartbeat: what it still writes is dropped."
NOT_WAITING = "It does not wait at a provider."


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


WaitingJobs = AbstractSet[str] | None
"""Ids of the jobs that wait in the queues; None when Redis does not answer."""


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
