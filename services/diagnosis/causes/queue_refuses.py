"""Redis answers, and refuses what the queue needs: it is full, read-only, or wants other credentials."""

from services.core.server_problem import ServerProblem
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase

UNREACHED = frozenset({"refused", "unreachable", "no_connection", "slow", "closed", "unknown_host"})
"""Codes of a Redis that does not answer at all: that is `queue_away`."""


class QueueRefuses(Cause):
    id = "queue_refuses"
    title = "Redis refuses what the queue needs"
    scope = Scope.SYSTEM
    precedence = 6
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "It resumes by itself as soon as that is put right."

    def find_here(self, case: RunCase) -> Findings:
        """Find a refusal that this diagnosis or the dispatcher met, for a step that it holds up."""
        problem = queue_problem(case)
        if problem is None or problem.code in UNREACHED or not (case.is_late or case.is_enqueued):
            return
        yield self.finding(
            f"{problem} Nothing is enqueued until then; everything is saved and resumes by itself.",
            Evidence("queue", problem.detail or problem.sentence),
            since=case.run.due_at if case.is_late else case.run.enqueued_at,
        )


def queue_problem(case: RunCase) -> ServerProblem | None:
    """Return why Redis could not be used: by this diagnosis, else by the dispatcher's last tick.

    A full or read-only Redis still answers what a diagnosis asks: the dispatcher alone writes.
    """
    if case.system.queue_problem is not None:
        return case.system.queue_problem
    problem = case.system.dispatcher_problem
    return problem if problem and problem.server == "Redis" else None
