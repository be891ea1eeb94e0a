"""The slot failed for a reason that has no cause of its own."""

from services.diagnosis.cause import Cause, Scope, Severity


class EndedFailed(Cause):
    id = "ended_failed"
    title = "Failed and refunded"
    scope = Scope.SLOT
    precedence = 320
    severities = (Severity.INFO,)
    remedies = ("regenerate",)
    reply = "It could not be made."
    reply_next = "Other words or another picture often help."
