"""The provider answered 429 and named a time to wait."""

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import ANSWERS, Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import THROTTLED, clock


class Throttled(Cause):
    id = "throttled"
    title = "Throttled: the provider takes no more requests for now"
    scope = Scope.RUN
    precedence = 120
    severities = (Severity.WAIT,)
    expected = ANSWERS
    reply = "Very much is being made at the moment, so that yours has to wait a little."
    reply_next = "It is sent by itself as soon as there is capacity."

    def find_here(self, case: RunCase) -> Findings:
        """Find a provider that is not called before a given time."""
        run, provider = case.run, case.provider
        if case.late_seconds is None or run.state is not RunState.QUEUED or provider is None:
            return
        if provider.blocked_until is None or provider.blocked_until <= case.system.now:
            return
        left = -case.seconds_since(provider.blocked_until)
        event = run.last.get(THROTTLED)
        has_reason = event is not None and bool(event.reason)
        yield self.finding(
            f"{provider.label} asked us to wait; it is called again in {span(left)}, and this resumes"
            " by itself.",
            Evidence("database", f"Blocked until {clock(provider.blocked_until)}."),
            *([Evidence(provider.label, event.reason, event.at)] if event and has_reason else []),
            run=run,
            since=event.at if event else None,
            is_healing=True,
        )
