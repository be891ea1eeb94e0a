"""The process that worked on the run is gone."""

from services.diagnosis.cause import RESUMES, Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import (
    held_run,
    holder,
    is_held_by_the_dead,
    is_job_lost,
    lost_job,
    silence,
    was_taken,
)


class WorkerDied(Cause):
    id = "worker_died"
    title = "The worker died while working on it"
    scope = Scope.RUN
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
