"""A worker claimed the run and does not go on: it died, or it hangs."""

from datetime import timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import (
    RESUMES,
    Cause,
    Evidence,
    Finding,
    Findings,
    Severity,
    offers,
)
from services.diagnosis.facts.models import RunCase
from services.diagnosis.facts.system import is_working
from services.diagnosis.shared_rules import clock, is_job_lost, lost_job, output_stake, was_taken
from services.monitoring.processes import ProcessFacts
from services.pipeline.events import EventName

HEARTBEAT_LAG = timedelta(seconds=1)
"""What a process holds is read a moment before its heartbeat is written."""
MAX_STEP_SECONDS = 2400.0
"""The time limit of the longest step."""
DOING = {
    RunState.QUEUED: "preparing the request",
    RunState.SUBMITTING: "sending it",
    RunState.WAITING: "polling it",
    RunState.INGESTING: "saving the picture",
}


class WorkerDied(Cause):
    """The process that worked on the run is gone."""

    id = "worker_died"
    title = "The worker died while working on it"
    events = frozenset({EventName.RUN_RECOVERED})
    precedence = 10
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("requeue", "fail_and_refund")
    reply = "It was interrupted on our side."
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a lease of a dead process, or a job that one took and never began."""
        if is_held_by_the_dead(case):
            worker = holder(case)
            unknown = Evidence("database", f"{case.run.worker} sends no heartbeat any more.")
            evidence = silence(case, worker) if worker else unknown
            yield held_run(self, case, "The worker died", evidence)
        job = case.run.job
        if job and job.has_hash and is_job_lost(case) and was_taken(job):
            who = f"The worker {job.worker}" if job.worker else "A worker"
            fact = f"{job.job_id} is listed as started, and its worker is gone."
            yield lost_job(self, case, f"{who} took the job and died before it began", fact)


class ZombieWorker(Cause):
    """A worker holds the run and does nothing, or works on an outdated step of it."""

    id = "zombie_worker"
    title = "A worker hangs and still holds it"
    precedence = 20
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("requeue", "fail_and_refund")
    reply = "It was held up on our side."
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a lease of a silent process that exists, or an expired lease of a live one."""
        worker = holder(case)
        if case.run.lease_until is None or worker is None or is_held_by_the_dead(case):
            return
        if not worker.is_alive or worker.is_stopped or is_lease_over(case):
            yield held_run(self, case, "The worker hangs", silence(case, worker))

    def find_beside(self, case: RunCase) -> Findings:
        """Find a worker that still works on an earlier step, which another has by now."""
        for process in case.system.processes:
            for step in process.held:
                is_outdated = step.run_id == case.run.id and step.seq < case.run.seq
                if is_outdated and process.is_alive and _is_still_held(case, process):
                    yield self.finding(
                        f"The worker {process.name} resumed and still works on step {step.seq}, which"
                        " another worker has taken over. Its result is discarded; nothing is done"
                        " twice.",
                        Evidence(
                            "database", f"It holds step {step.seq}; the run is at {case.run.seq}."
                        ),
                        run=case.run,
                        is_healing=True,
                        until=process.heartbeat_at + timedelta(seconds=MAX_STEP_SECONDS),
                    )
                    return


def _is_still_held(case: RunCase, process: ProcessFacts) -> bool:
    """Whether the process held it when another step was due already: a heartbeat lags behind the run."""
    began_at = case.run.enqueued_at or case.run.due_at
    return process.heartbeat_at - began_at > HEARTBEAT_LAG


def held_run(cause: Cause, case: RunCase, problem: str, *evidence: Evidence) -> Finding:
    """Report a run whose lease expires, or has expired, because its worker does not go on."""
    run, lease_until = case.run, case.run.lease_until
    assert lease_until is not None
    is_healing = case.system.is_dispatcher_alive
    left = -case.seconds_since(lease_until)
    outcome = (
        f" The dispatcher gives it to another {f'in {span(left)}' if left > 1 else 'now'}."
        if is_healing
        else " Nobody gives it to another: the dispatcher does not run."
    )
    worker = holder(case)
    # The remedy refuses a lease whose worker still counts as alive.
    can_requeue = is_lease_over(case) or worker is None or not worker.is_alive
    verb = "ended" if is_lease_over(case) else "ends"
    return cause.finding(
        f"{problem} while {DOING.get(run.state, 'working on it')}.{output_stake(case)}{outcome}",
        Evidence("database", f"Its lease {verb} at {clock(lease_until)}.", lease_until),
        *evidence,
        run=run,
        offers=offers(run.id, *(("requeue",) if can_requeue else ()), "fail_and_refund"),
        since=lease_until,
        is_healing=is_healing,
        until=lease_until + timedelta(seconds=case.limits.healing),
    )


def holder(case: RunCase) -> ProcessFacts | None:
    """Find the process that claimed the run; a claim names the thread, too: `<process>/<thread>`."""
    name = (case.run.worker or "").partition("/")[0]
    return next((it for it in case.system.processes if it.name == name), None)


def is_lease_over(case: RunCase) -> bool:
    """Whether its lease has expired."""
    return case.run.lease_until is not None and case.run.lease_until < case.system.now


def is_held_by_the_dead(case: RunCase) -> bool:
    """Whether the process that holds the lease is gone, or silent where nobody can check."""
    if case.run.lease_until is None:
        return False
    worker = holder(case)
    if worker is None:
        # A worker that stopped cleanly has no heartbeat any more, but then no lease either.
        return is_lease_over(case)
    return worker.exists is False or (not worker.is_alive and worker.exists is None)


def silence(case: RunCase, worker: ProcessFacts) -> Evidence:
    """Describe what is known of a worker that does not go on."""
    if worker.is_stopped:
        fact = f"{worker.name} is stopped by a signal; kill -CONT {worker.pid} lets it go on."
    elif worker.exists is False:
        fact = f"{worker.name} is gone: no process {worker.pid} on {worker.host}."
    elif is_working(worker):
        fact = f"{worker.name} is alive, and does not renew its lease."
    else:
        fact = f"{worker.name} has been silent for {span(case.seconds_since(worker.heartbeat_at))}"
        fact += ", and its process is there." if worker.exists else "."
    return Evidence("worker", fact, worker.heartbeat_at)
