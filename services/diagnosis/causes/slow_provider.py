"""The prediction takes longer than p95 of its model."""

from services.core.humanize import span
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import restart_offers, seconds_at_provider


class SlowProvider(Cause):
    id = "slow_provider"
    title = "Slower than usual for this model"
    scope = Scope.RUN
    precedence = 200
    severities = (Severity.WAIT,)
    remedies = ("poll_now", "cancel_and_restart")
    has_deadline = True
    reply = "It takes longer than usual today."
    reply_next = "It is still being made; if it does not end in time, you get the credits back."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a time at the provider beyond p95, or twice the median without a history."""
        run, age = case.run, seconds_at_provider(case)
        median = run.usual_seconds
        slow = run.slow_seconds or (case.limits.slow_factor * median if median else None)
        if age is None or slow is None or age <= slow:
            return
        usual = f"median {span(median)}, p95 {span(slow)}" if median else f"p95 {span(slow)}"
        yield self.finding(
            f"It has been at {case.provider_label} for {span(age)}; usual for this model: {usual}. It"
            " may still arrive.",
            Evidence("database", f"p95 of this model's newest predictions is {span(slow)}."),
            run=run,
            offers=restart_offers(case),
            since=run.accepted_at,
        )
