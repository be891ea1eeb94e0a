"""Every worker thread waits for one slow provider, so that other work does not begin."""

from datetime import timedelta

from services.core.humanize import span
from services.diagnosis.cause import (
    ANSWERS,
    QUEUED,
    RESUMES,
    Cause,
    Evidence,
    Findings,
    Scope,
    Severity,
)
from services.diagnosis.facts.models import RunCase
from services.providers.registry import provider_label


class ThreadsHeld(Cause):
    id = "threads_held"
    title = "A slow provider holds the workers"
    scope = Scope.SYSTEM
    precedence = 205
    severities = (Severity.WAIT, Severity.ACT)
    expected = ANSWERS
    reply = QUEUED
    reply_next = RESUMES

    def find_here(self, case: RunCase) -> Findings:
        """Find a job in a queue while most threads wait for long in calls of one provider."""
        run, job, system = case.run, case.run.job, case.system
        if not case.is_enqueued or job is None or job.in_queue is None or run.enqueued_at is None:
            return
        threads = sum(it.threads for it in system.live_workers)
        busy = sum(it.busy for it in system.live_workers)
        provider, held = max(
            system.slow_steps.items(), key=lambda it: it[1].count, default=("", None)
        )
        if held is None or busy < threads or held.count * 2 < threads:
            return
        label = provider_label(provider)
        yield self.finding(
            f"{label} answers slowly: {held.count} of {threads} worker threads wait for it, the longest for"
            f" {span(held.seconds)}. Each such call ends at its time limit; this one's turn comes then."
            f" If it lasts, pause {label} on Jobs, or raise WORKER_CONCURRENCY.",
            Evidence(
                "worker",
                f"{held.count} steps of {label} are in work for over {span(case.limits.slow_step)}.",
            ),
            since=run.enqueued_at,
            is_healing=True,
            until=run.enqueued_at + timedelta(seconds=case.limits.healing),
        )
