"""The model boots, because nobody used it for a while."""

from services.core.humanize import span
from services.diagnosis.cause import Cause, Evidence, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import provider_status, restart_offers, seconds_at_provider


class ColdStart(Cause):
    id = "cold_start"
    title = "The model is starting"
    scope = Scope.RUN
    precedence = 190
    severities = (Severity.WAIT,)
    remedies = ("poll_now", "cancel_and_restart")
    has_estimate = True
    has_deadline = True
    expected = "The model starts and the prediction begins."
    reply = "The model is warming up, which takes a few minutes now and then."
    reply_next = "It is made right after that."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a status `starting` that lasts longer than a poll."""
        age = seconds_at_provider(case)
        if age is None or age <= case.limits.cold_start or provider_status(case) != "starting":
            return
        yield self.finding(
            f"{case.provider_label} is starting the model: {span(age)} so far. A model that nobody used"
            " for a while takes a minute or more to boot; it costs nothing and resumes by itself.",
            Evidence(case.provider_label, "Status: starting."),
            run=case.run,
            offers=restart_offers(case),
            since=case.run.accepted_at,
        )
