"""A worker process is stopped by a signal: it takes jobs off the queue and does none of them."""

from collections.abc import Sequence
from datetime import timedelta

from services.core.humanize import count_of
from services.diagnosis.cause import QUEUED, RESUMES, Cause, Evidence, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import is_job_lost
from services.monitoring.processes import ProcessFacts


class FrozenWorker(Cause):
    id = "frozen_worker"
    title = "A worker is frozen"
    precedence = 25
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("requeue", "fail_and_refund")
    reply = QUEUED
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a job that a frozen worker swallowed, or that waits while all workers are frozen."""
        frozen, run, job = frozen_workers(case), case.run, case.run.job
        if not frozen or job is None or not job.has_hash:
            return
        is_lost = is_job_lost(case)
        if not is_lost and (job.in_queue is None or case.system.live_workers or is_paused(case)):
            return
        names = ", ".join(f"{it.name} (process {it.pid})" for it in frozen)
        commands = " ".join(str(it.pid) for it in frozen)
        others = len(case.system.live_workers)
        is_healing = others > 0 and case.system.is_dispatcher_alive
        outcome = (
            f"{count_of(others, 'other worker')} live: the dispatcher requeues it, and one of them takes it."
            if is_healing
            else "No other worker lives, so nothing goes on."
        )
        yield self.finding(
            f"Stopped by a signal: {names}. It still takes a job off the queue and does not work on it."
            f" {outcome} Let it go on with kill -CONT {commands}, or end it with kill -KILL.",
            *(
                Evidence("worker", f"Process {it.pid} is in state T.", it.heartbeat_at)
                for it in frozen
            ),
            run=run,
            offers=offers(run.id, "requeue", "fail_and_refund") if is_lost else (),
            since=run.enqueued_at,
            is_healing=is_healing,
            until=run.due_at + timedelta(seconds=case.limits.healing),
        )


def frozen_workers(case: RunCase) -> Sequence[ProcessFacts]:
    """List the worker processes that are stopped by a signal."""
    return [it for it in case.system.processes if it.role == "worker" and it.is_stopped]


def is_paused(case: RunCase) -> bool:
    """Whether the queue of its job is paused, so that no worker would take it anyway."""
    queue, job = case.system.queue, case.run.job
    in_queue = job.in_queue if job else None
    return (queue is not None and queue.is_suspended) or in_queue in case.system.paused_queues
