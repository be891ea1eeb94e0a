"""Slots that ended without a picture, and whose reason needs no rule."""

from services.diagnosis.cause import RETRIES, Cause, Finding, Scope, Severity
from services.diagnosis.facts.models import CaseFacts, SlotFacts


class ParentFailed(Cause):
    """The slot was skipped because the slot that it is made from failed."""

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


class EndedFailed(Cause):
    """The slot failed for a reason that has no cause of its own."""

    id = "ended_failed"
    title = "Failed and refunded"
    scope = Scope.SLOT
    precedence = 320
    severities = (Severity.INFO,)
    remedies = ("regenerate",)
    reply = "It could not be made."
    reply_next = "Other words or another picture often help."


class Canceled(Cause):
    """The slot was canceled."""

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
