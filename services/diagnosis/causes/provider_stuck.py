"""The prediction passed its deadline, or ended and was not polled since."""

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import RETRY, Cause, Evidence, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import clock, unpolled_seconds


class ProviderStuck(Cause):
    id = "provider_stuck"
    title = "Stuck at the provider, past its deadline"
    precedence = 170
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("poll_now", "cancel_and_restart", "fail_and_refund", *RETRY)
    failures = frozenset({"timed_out"})
    expected = "The prediction ends, or is canceled when we ask for it."
    reply = "It did not end in time."
    reply_next = "We are ending it; you get the credits back, or we make it once more."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find an end without an output that was not polled, or a deadline that has passed."""
        run, live, label = case.run, case.run.live, case.provider_label
        if run.state is not RunState.WAITING or (live is not None and live.is_unknown):
            return
        late = unpolled_seconds(case)
        if live is not None and late is not None and live.status != "succeeded":
            ended_at = live.completed_at or live.at
            yield self.finding(
                f"{label} ended it ({live.status}) {span(late)} ago, and it was not polled since. Poll"
                " now to settle it.",
                Evidence(label, f"{live.status} at {clock(ended_at)}", ended_at),
                run=run,
                offers=offers(run.id, "poll_now", "fail_and_refund"),
                since=ended_at,
            )
        elif run.deadline_at is not None and run.deadline_at <= case.system.now:
            age = case.seconds_since(run.accepted_at or run.created_at)
            yield self.finding(
                f"{label} has worked on it for {span(age)}, past its deadline of"
                f" {clock(run.deadline_at)}. The next poll cancels it there and refunds the credits;"
                " you can also restart it.",
                Evidence(
                    "database", f"Its deadline was {clock(run.deadline_at)}.", run.deadline_at
                ),
                Evidence(label, f"Status: {run.provider_status or 'none'}."),
                run=run,
                offers=offers(run.id, "poll_now", "cancel_and_restart", "fail_and_refund"),
                since=run.deadline_at,
            )
