"""Redis does not answer."""

from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase


class QueueAway(Cause):
    id = "queue_away"
    title = "Redis does not answer"
    scope = Scope.SYSTEM
    precedence = 140
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "It resumes by itself as soon as that is put right."

    def find_here(self, case: RunCase) -> Findings:
        """Find that Redis did not answer this diagnosis."""
        if case.system.queue is None and (case.is_enqueued or case.is_late):
            yield self.finding(
                "Redis does not answer, so no worker gets a job. Everything is saved and resumes by"
                " itself when Redis is back.",
                Evidence("queue", "Redis does not answer."),
            )
