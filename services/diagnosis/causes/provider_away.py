"""The provider did not answer the poll of this diagnosis."""

from services.core.states import RunState
from services.diagnosis.cause import ANSWERS, Cause, Evidence, Findings, Scope, Severity, offers
from services.diagnosis.facts.models import RunCase


class ProviderAway(Cause):
    id = "provider_away"
    title = "The provider does not answer"
    scope = Scope.SYSTEM
    precedence = 90
    severities = (Severity.WAIT,)
    remedies = ("poll_now",)
    expected = ANSWERS
    reply = "Our image provider cannot be reached at the moment."
    reply_next = "We try again by ourselves; you need not do anything."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a poll that failed just now."""
        run, live = case.run, case.run.live
        if run.state is not RunState.WAITING or live is None or live.is_unknown:
            return
        if live.problem is not None:
            yield self.finding(
                f"{case.provider_label} did not answer when it was polled just now. It is polled until"
                " the deadline.",
                Evidence(case.provider_label, live.problem, live.at),
                run=run,
                offers=offers(run.id, "poll_now"),
                since=live.at,
            )
