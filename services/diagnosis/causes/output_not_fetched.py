"""The provider has finished, and the output is not stored here yet."""

from datetime import timedelta

from services.core.humanize import span
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import (
    clock,
    output_stake,
    unfetched_seconds,
    unpolled_seconds,
)
from services.pipeline.events import EventName


class OutputNotFetched(Cause):
    id = "output_not_fetched"
    title = "Finished at the provider, not downloaded yet"
    events = frozenset({f"{EventName.RUN_STEP_FAILED}:network"})
    precedence = 80
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("redownload", "poll_now", "fail_and_refund")
    reply = "Your picture is finished and is on its way to us."
    reply_next = "It appears by itself within a few minutes."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find an output that is not stored, or an end that was not polled, while there is time."""
        run, live = case.run, case.run.live
        age = unfetched_seconds(case)
        if age is not None and case.limits.fetch_late <= age <= case.limits.output_window:
            yield self._not_stored(case, age)
        late = unpolled_seconds(case)
        if live is None or late is None or live.status != "succeeded" or not live.output_count:
            return
        if live.is_data_removed:
            return
        left = case.limits.output_window - late
        label, ended_at = case.provider_label, live.completed_at or live.at
        rest = (
            f"The file is there for {span(left)} more." if left > 0 else "The file is gone by now."
        )
        yield self.finding(
            f"{label} finished it {span(late)} ago, and it was not polled since. {rest}",
            Evidence(label, f"{live.status} at {clock(ended_at)}", ended_at),
            run=run,
            offers=offers(run.id, "poll_now", "fail_and_refund"),
            since=ended_at,
        )

    def _not_stored(self, case: RunCase, age: float) -> Finding:
        run, event = case.run, case.run.last.get(EventName.RUN_STEP_FAILED)
        finished_at = case.system.now - timedelta(seconds=age)
        failed = event if event and event.at >= finished_at else None
        reason = f" {failed.reason.rstrip('.')}." if failed else ""
        is_healing = age < case.limits.fetch_stuck and case.system.is_dispatcher_alive
        return self.finding(
            f"The picture is finished and not stored here {span(age)} later.{reason}"
            f"{output_stake(case)}",
            Evidence("database", f"Finished at {clock(finished_at)}.", finished_at),
            *([Evidence("network", failed.reason, failed.at)] if failed else []),
            run=run,
            offers=offers(run.id, "redownload", "fail_and_refund"),
            since=finished_at,
            is_healing=is_healing,
            until=finished_at + timedelta(seconds=case.limits.fetch_stuck),
        )
