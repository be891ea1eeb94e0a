"""The account has used up its daily quota."""

from services.core.states import GenerationState
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import CaseFacts

UNDELIVERED = frozenset({GenerationState.PARTIAL, GenerationState.FAILED, GenerationState.CANCELED})


class QuotaReached(Cause):
    id = "quota_reached"
    title = "Today's quota is used up"
    scope = Scope.SYSTEM
    precedence = 310
    severities = (Severity.WAIT,)
    reply = "Today's quota of your account is used up."
    reply_next = "It is renewed at midnight of your time zone; what has begun continues."

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find a quota that forbids to retry today what is missing."""
        generation = case.generation
        if generation.quota_left == 0 and generation.state in UNDELIVERED:
            yield self.finding(
                f"Missing pictures cannot be retried today: {generation.account_name} has used up"
                " today's quota. It is renewed at its midnight.",
                Evidence("database", "Today's quota has 0 left."),
                until=generation.quota_renewed_at,
            )
