"""Nothing is submitted to the provider: out of funds, or paused by a person."""

from services.diagnosis.cause import ANSWERS, Cause, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import paused_provider


class ProviderPaused(Cause):
    id = "provider_paused"
    title = "The provider is paused or out of funds"
    scope = Scope.SYSTEM
    precedence = 110
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("resume_provider", "regenerate")
    failures = frozenset({"funds"})
    expected = ANSWERS
    reply = "Our image provider is unavailable at the moment."
    reply_next = "We are putting that right; yours waits and begins by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find the pause of this run's provider."""
        if case.provider and case.provider.paused_failure != "configuration":
            fix = "Fix that, then resume it; waiting runs begin at once."
            yield from paused_provider(self, case, fix)
