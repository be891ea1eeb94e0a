"""Slots that ended without a picture, and whose reason needs no rule."""

from collections.abc import Sequence

from services.core.humanize import count_of
from services.diagnosis.cause import RETRIES, RETRY, Cause, Evidence, Finding, Scope, Severity
from services.diagnosis.facts.models import CaseFacts, SlotFacts


class ParentFailed(Cause):
    """The slot was skipped because the slot that it is made from failed."""

    id = "parent_failed"
    title = "Skipped: its source picture failed"
    scope = Scope.SLOT
    precedence = 280
    rank = 1
    severities = (Severity.INFO,)
    remedies = RETRY
    failures = frozenset({"parent_failed"})
    reply = "The picture that this one is made from could not be made."
    reply_next = RETRIES

    def find_ended(self, case: CaseFacts, slots: Sequence[SlotFacts]) -> Finding:
        """Report what depends on slots whose own finding says why; a retry of those includes it."""
        names = ", ".join(f"“{it.label}”" for it in slots)
        count = count_of(len(slots), "picture was", "pictures were")
        sources = {it.id: it.label for it in case.slots}
        of = dict.fromkeys(
            sources[it.parent_slot_id or ""] for it in slots if it.parent_slot_id in sources
        )
        source = ", ".join(f"“{label}”" for label in of) or "another picture"
        message = f"{count} skipped, because the source failed ({source}): {names}."
        if slots[0] not in case.skipped_slots:
            return self.ended(case, slots, message)
        fact = Evidence(
            "database", f"The source of {count_of(len(slots), 'slot')} ended without a picture."
        )
        return self.finding(message, fact, run=case.run_of(slots[0]), slot=slots[0])


class EndedFailed(Cause):
    """The slot failed for a reason that has no cause of its own."""

    id = "ended_failed"
    title = "Failed and refunded"
    scope = Scope.SLOT
    precedence = 320
    severities = (Severity.INFO,)
    remedies = RETRY
    reply = "It could not be made."
    reply_next = "Other words or another picture often help."


class Canceled(Cause):
    """The slot was canceled."""

    id = "canceled"
    title = "Canceled"
    scope = Scope.SLOT
    precedence = 330
    severities = (Severity.INFO,)
    remedies = RETRY
    failures = frozenset({"canceled"})
    reply = "It was canceled."
    reply_next = "What was finished by then is yours; the rest was not made."

    def find_ended(self, case: CaseFacts, slots: Sequence[SlotFacts]) -> Finding:
        """Report the slots by their labels."""
        names = ", ".join(f"“{it.label}”" for it in slots)
        return self.ended(case, slots, f"{names} {'was' if len(slots) == 1 else 'were'} canceled.")
