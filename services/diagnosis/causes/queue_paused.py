"""The queue of the run is paused here, or all queues in RQ."""

from services.core.humanize import span
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import RunCase


class QueuePaused(Cause):
    id = "queue_paused"
    title = "Its queue is paused"
    scope = Scope.SYSTEM
    precedence = 130
    severities = (Severity.ACT,)
    remedies = ("resume_queue", "resume_rq")
    reply = "We have paused this kind of work for a while; your order is safe."
    reply_next = "It begins by itself as soon as we resume."

    def find_here(self, case: RunCase) -> Findings:
        """Find the pause of the queue that the job is in, or would be put into."""
        job = case.run.job
        if case.is_enqueued:
            queue = job.in_queue if job else None
        else:
            queue = case.run.queue if case.is_late else None
        if queue is None:
            return
        system = case.system
        if system.queue is not None and system.queue.is_suspended:
            yield self.finding(
                "All queues are suspended in RQ itself, so workers take nothing. Somebody ran"
                " `rq suspend`.",
                Evidence("queue", "The key rq:suspended is set."),
                offers=offers("rq", "resume_rq"),
            )
        elif queue in system.paused_queues:
            pause = system.paused_queues[queue]
            yield self.finding(
                f"{pause.by} paused the queue {queue.value} {span(case.seconds_since(pause.at))} ago;"
                " its jobs wait.",
                Evidence("database", f"Paused by {pause.by}.", pause.at),
                offers=offers(queue.value, "resume_queue"),
                since=pause.at,
            )
