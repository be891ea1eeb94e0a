"""The run was enqueued, and its job is in no queue and with no worker."""

from services.diagnosis.cause import QUEUED, RESUMES, Cause, Findings, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import clock, is_job_lost, lost_job, was_taken
from services.pipeline.events import EventName


class RedisLostJob(Cause):
    """The run was enqueued, and Redis has no such job."""

    id = "redis_lost_job"
    title = "Redis lost the job"
    events = frozenset({EventName.RUN_REQUEUED})
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


class LostAtDequeue(Cause):
    """The job exists in Redis, in no queue and with no worker."""

    id = "lost_at_dequeue"
    title = "The job was lost when a worker took it"
    precedence = 40
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("requeue", "fail_and_refund")
    reply = QUEUED
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a job that failed before it began, or that left its queue for nowhere."""
        job = case.run.job
        if job is None or not job.has_hash or not is_job_lost(case) or was_taken(job):
            return
        if job.is_failed:
            sentence = f"Its job failed in the queue before it began: {job.error or 'no reason is recorded'}"
            fact = f"{job.job_id} is in the registry of failed jobs."
        else:
            sentence = "Its job was taken off the queue, and no worker has it"
            fact = f"{job.job_id} is {job.status or 'there'}, in no queue and with no worker."
        yield lost_job(self, case, sentence, fact)
