"""Nothing else was found."""

from services.core.states import GenerationState
from services.diagnosis.cause import Cause, Evidence, Finding, Severity
from services.diagnosis.facts.models import CaseFacts


class Healthy(Cause):
    id = "healthy"
    title = "No problems found"
    precedence = 340
    severities = (Severity.INFO,)
    rank = 1
    is_quiet = True
    reply = "Everything that was ordered is there."
    reply_next = "If you do not see it, please reload the page."

    def of_generation(self, case: CaseFacts) -> Finding:
        """Report a generation of which nothing else is found."""
        filled = sum(slot.file is not None for slot in case.slots)
        is_done = case.generation.state is GenerationState.SUCCEEDED
        total = len(case.slots)
        return self.finding(
            f"All {total} are made and stored." if is_done else f"{filled} of {total} are stored.",
            Evidence("database", f"Its state is {case.generation.state.value}."),
            since=case.generation.finished_at,
        )
