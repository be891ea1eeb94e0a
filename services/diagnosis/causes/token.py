"""The provider has no valid token here, or one of another account."""

from services.core.states import Kind, RunState
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import paused_provider, unknown_prediction


class Token(Cause):
    id = "token"
    title = "The provider's token is missing or of another account"
    scope = Scope.SYSTEM
    precedence = 100
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("resume_provider", "cancel_and_restart", "fail_and_refund", "regenerate")
    failures = frozenset({"configuration", "lost"})
    expected = "The token opens the account that this prediction was made in."
    reply = "Our access to our image provider has to be renewed."
    reply_next = "We are putting that right and will write to you again."

    def find_here(self, case: RunCase) -> Findings:
        """Find a provider without a token, or one that is paused because it refused the token."""
        provider, run = case.provider, case.run
        if case.late_seconds is None or not (case.is_late or run.state is RunState.QUEUED):
            return
        if provider is None or not provider.is_configured:
            label = provider.label if provider else run.provider
            yield self.finding(
                f"{label} has no token here, so nothing can be sent to it or polled. Set its token in"
                " .env and restart; waiting runs resume by themselves.",
                Evidence("settings", f"No token is set for {label}."),
                run=run,
                offers=offers(run.id, "fail_and_refund"),
            )
        elif provider.paused_failure == "configuration":
            fix = "Correct the token in .env and restart; that ends the pause."
            yield from paused_provider(self, case, fix)

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a prediction that the token in use cannot see."""
        if case.run.kind is not Kind.TRAINING:
            yield from unknown_prediction(self, case)
