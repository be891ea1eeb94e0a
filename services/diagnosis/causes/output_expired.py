"""The provider deleted its output before it was stored here."""

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import RETRIES, RETRY, Cause, Evidence, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import unfetched_seconds


class OutputExpired(Cause):
    id = "output_expired"
    title = "The provider deleted the picture"
    precedence = 70
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("redownload", "cancel_and_restart", "fail_and_refund", *RETRY)
    failures = frozenset({"window_missed"})
    expected = "The outputs stay available for an hour after the prediction has ended."
    reply = "Your picture was made, but was lost before it was stored."
    reply_next = RETRIES

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find an output older than the provider stores it, or one that it reports as removed."""
        run, attempt, live = case.run, case.run.attempt, case.run.live
        age = unfetched_seconds(case)
        if attempt is not None and age is not None and age > case.limits.output_window:
            yield self.finding(
                f"{case.provider_label} finished it {span(age)} ago and stores pictures for an hour: it"
                " is gone there and was never stored here. Regenerate it, or refund it.",
                Evidence("database", f"Finished {span(age)} ago."),
                run=run,
                offers=offers(run.id, "redownload", "fail_and_refund"),
                since=attempt.finished_at,
            )
        if run.state is not RunState.WAITING or live is None or live.status != "succeeded":
            return
        if live.is_data_removed or not live.output_count:
            yield self.finding(
                f"{case.provider_label} made it and deleted it before it was downloaded; it stores"
                " pictures for an hour. It must be regenerated.",
                Evidence(case.provider_label, "Its output was removed.", live.completed_at),
                run=run,
                offers=offers(run.id, "cancel_and_restart", "fail_and_refund"),
                since=live.completed_at,
            )
