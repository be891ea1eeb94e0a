"""The run was enqueued, and Redis has no such job."""

from services.diagnosis.cause import QUEUED, RESUMES, Cause, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import clock, is_job_lost, lost_job


class RedisLostJob(Cause):
    id = "redis_lost_job"
    title = "Redis lost the job"
    scope = Scope.RUN
    precedence = 30
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("requeue", "fail_and_refund")
    has_estimate = True
    reply = QUEUED
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a job without a hash."""
        job, enqueued_at = case.run.job, case.run.enqueued_at
        if job is None or enqueued_at is None or job.has_hash or not is_job_lost(case):
            return
        yield lost_job(
            self,
            case,
            f"It was enqueued at {clock(enqueued_at)}, and Redis has neither the job nor a place in"
            " a queue",
            f"There is no job {job.job_id} in Redis.",
        )
