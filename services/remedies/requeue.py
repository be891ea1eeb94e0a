"""Makes a step due at once. The dispatcher alone rings: here a row is changed, nothing is queued."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.errors import QueueUnavailableError
from services.core.states import ACTIVE_RUNS, RunState
from services.database.models import Run
from services.pipeline.leases import Step, reschedule
from services.queue.base import Queue
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.subjects import RunView, lock_run, view_run

ENDED = "This work has ended: nothing is rung for it."
DECIDE = "It waits for a person's decision, not for the queue."
HELD = "A worker is working on it right now."
SILENT = " The worker that holds it gives no sign of life: whatever it still writes is dropped."


class Requeue(RemedyTemplate[None]):
    """The queue lost its ring, or its worker died: the step is rung under a new number."""

    kind = RemedyKind.REQUEUE

    def plan(self, session: Session, offer: RemedyOffer, known: None) -> DryRun:
        """Refused while a worker that lives holds the run."""
        view = view_run(session, offer.subject_id)
        sentence = "Its step is due at once under a new number, and the dispatcher rings it."
        return DryRun(
            offer,
            sentence + (SILENT if view.is_leased else ""),
            {"state": view.run.state.value, "seq": view.run.seq},
            problem=_problem(view),
        )

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: None) -> Done:
        """A new `seq`, no lease, due now."""
        run = view_run(session, order.subject_id).run
        reschedule(session, Step(run.id, run.seq), 0.0)
        after = {"state": run.state.value, "seq": run.seq + 1}
        return Done("The dispatcher rings it now.", after, run.generation_id, run.id)


def _problem(view: RunView) -> str | None:
    if view.run.state is RunState.NEEDS_REVIEW:
        return DECIDE
    if view.run.state not in ACTIVE_RUNS:
        return ENDED
    return HELD if view.is_held else None


@dataclass(frozen=True)
class WaitingJobs:
    """The jobs that wait in the queues; None when Redis does not answer."""

    job_ids: AbstractSet[str] | None


def waiting_jobs(queue: Queue) -> WaitingJobs:
    """Ask the queue."""
    try:
        return WaitingJobs(queue.waiting_job_ids())
    except QueueUnavailableError:
        return WaitingJobs(None)


def due_problem(view: RunView, jobs: WaitingJobs) -> str | None:
    """Why this run's step need not, or cannot, be made due now."""
    run = view.run
    if view.is_held:
        return HELD
    if run.enqueued_at is None:
        return "It is due already: the dispatcher rings it at once." if view.is_due else None
    if jobs.job_ids is None:
        return "Redis does not answer, so nobody knows whether its step waits there."
    is_waiting = f"{run.id}-{run.seq}" in jobs.job_ids
    return "Its step waits in the queue already." if is_waiting else None


def make_due(session: Session, view: RunView) -> None:
    """Due now; under a new number where the ring was lost or its worker is silent."""
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


class PollNow(RemedyTemplate[WaitingJobs]):
    """The next look at the provider is made now instead of later."""

    kind = RemedyKind.POLL_NOW

    def ask(self, offer: RemedyOffer) -> WaitingJobs:
        """Which jobs wait."""
        return waiting_jobs(self.tools.queue)

    def plan(self, session: Session, offer: RemedyOffer, known: WaitingJobs) -> DryRun:
        """For a run that waits at its provider."""
        view = view_run(session, offer.subject_id)
        is_waiting = view.run.state is RunState.WAITING
        problem = due_problem(view, known) if is_waiting else "It does not wait at a provider."
        sentence = "The provider is asked at once instead of at the next look's time."
        return DryRun(offer, sentence, {"state": view.run.state.value}, problem=problem)

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: WaitingJobs) -> Done:
        """Due now."""
        view = view_run(session, order.subject_id)
        make_due(session, view)
        run = view.run
        return Done("It is looked at now.", {"state": run.state.value}, run.generation_id, run.id)
