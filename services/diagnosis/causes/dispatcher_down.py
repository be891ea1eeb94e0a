"""No dispatcher runs, so nothing is enqueued."""

from services.core.humanize import span
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase


class DispatcherDown(Cause):
    id = "dispatcher_down"
    title = "The dispatcher does not run"
    scope = Scope.SYSTEM
    precedence = 160
    severities = (Severity.ACT,)
    reply = "Our service is interrupted at the moment; your order is safe."
    reply_next = "We are starting it again, and yours resumes by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find a due step that no dispatcher will enqueue."""
        if not case.is_late or case.system.is_dispatcher_alive:
            return
        last = case.system.last_heartbeat("dispatcher")
        fact = f"silent for {span(case.seconds_since(last))}" if last else "silent for over a day"
        yield self.finding(
            f"The dispatcher is {fact}, so nothing is enqueued: nothing begins and nothing goes on."
            " No work is lost. Start it: ./run does it by itself, elsewhere start the process"
            " `dispatcher`.",
            Evidence("database", f"The dispatcher is {fact}.", last),
            since=last,
        )
