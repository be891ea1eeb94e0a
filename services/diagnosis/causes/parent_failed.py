"""The slot was skipped because the slot that it is made from failed."""

from services.diagnosis.cause import RETRIES, Cause, Finding, Scope, Severity
from services.diagnosis.facts.models import CaseFacts, SlotFacts


class ParentFailed(Cause):
    id = "parent_failed"
    title = "Skipped: its source picture failed"
    scope = Scope.SLOT
    precedence = 280
    severities = (Severity.INFO,)
    remedies = ("regenerate",)
    failures = frozenset({"parent_failed"})
    reply = "The picture that this one is made from could not be made."
    reply_next = RETRIES

    def find_ended(self, case: CaseFacts, slot: SlotFacts) -> Finding:
        """Report the slot with the name of its source."""
        source = next((it for it in case.slots if it.id == slot.parent_slot_id), None)
        name = f"“{source.label}”" if source else "another picture"
        return self.ended(case, slot, f"“{slot.label}” was skipped: its source {name} failed.")
