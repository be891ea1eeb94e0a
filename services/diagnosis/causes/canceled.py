"""The slot was canceled."""

from services.diagnosis.cause import Cause, Finding, Scope, Severity
from services.diagnosis.facts.models import CaseFacts, SlotFacts


class Canceled(Cause):
    id = "canceled"
    title = "Canceled"
    scope = Scope.SLOT
    precedence = 330
    severities = (Severity.INFO,)
    remedies = ("regenerate",)
    failures = frozenset({"canceled"})
    reply = "It was canceled."
    reply_next = "What was finished by then is yours; the rest was not made."

    def find_ended(self, case: CaseFacts, slot: SlotFacts) -> Finding:
        """Report the slot by its label."""
        return self.ended(case, slot, f"“{slot.label}” was canceled.")
