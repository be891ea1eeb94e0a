"""The run is in line: others come before it."""

from datetime import datetime, timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import Cause, Evidence, Findings, Severity
from services.diagnosis.facts.models import RunCase


class WaitingItsTurn(Cause):
    id = "waiting_its_turn"
    title = "In queue"
    precedence = 210
    severities = (Severity.WAIT, Severity.ACT)
    rank = 1
    is_quiet = True
    has_estimate = True
    reply = "It is in the queue."
    reply_next = "It begins by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find a job with others before it in its queue, or a submit with others before it."""
        run, job = case.run, case.run.job
        if case.is_enqueued and job and job.in_queue and run.enqueued_at:
            if case.seconds_since(run.enqueued_at) >= case.limits.settling:
                place = (job.position or 0) + 1
                yield self.finding(
                    f"Its job is number {place} in the queue {job.in_queue.value}; all workers are busy"
                    " with jobs before it.",
                    Evidence("queue", f"{job.job_id} is in {job.in_queue.value}, place {place}."),
                    severity=Severity.WAIT,
                    run=run,
                    since=run.enqueued_at,
                    until=_until(case),
                )
        elif case.is_late and run.state is RunState.QUEUED and _is_crowded(case):
            fact = f"{run.ahead} others are before it" if run.ahead else "the queues are full"
            yield self.finding(
                f"In queue: {fact}. Started {span(case.seconds_since(run.created_at))} ago.",
                Evidence("database", f"Due, not enqueued yet; {fact}."),
                severity=Severity.WAIT,
                run=run,
                since=run.created_at,
                until=_until(case),
            )


def _until(case: RunCase) -> datetime:
    return case.run.created_at + timedelta(seconds=case.limits.queue_wait)


def _is_crowded(case: RunCase) -> bool:
    """Whether others come first, or the queues are as full as the dispatcher fills them."""
    if case.provider is not None and not case.provider.is_registered:
        return False
    depth = case.system.queue.waiting if case.system.queue else 0
    return case.run.ahead > 0 or depth >= case.system.queue_capacity
