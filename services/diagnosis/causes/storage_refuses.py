"""The storage refuses a write or a read of the run."""

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import Cause, Evidence, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import output_stake
from services.pipeline.events import EventName


class StorageRefuses(Cause):
    id = "storage_refuses"
    title = "The storage refuses the picture"
    events = frozenset({f"{EventName.RUN_STEP_FAILED}:storage", f"{EventName.RUN_RETRIED}:storage"})
    precedence = 60
    severities = (Severity.ACT,)
    remedies = ("redownload", "requeue", "fail_and_refund")
    reply = "Your picture is made, but our storage does not take it at the moment."
    reply_next = "We are putting that right, and it is stored by itself."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a step that failed at the storage and is retried."""
        run = case.run
        event = run.last.get(EventName.RUN_STEP_FAILED) or run.last.get(EventName.RUN_RETRIED)
        if event is None or event.component != "storage":
            return
        if run.state is RunState.INGESTING:
            fixes = offers(run.id, "redownload", "fail_and_refund")
        elif run.state is RunState.QUEUED and not (run.started_at and event.at < run.started_at):
            fixes = offers(run.id, "requeue")
        else:
            return
        problem = case.system.storage_problem
        stake = "" if run.attempt and run.attempt.stored_keys else output_stake(case)
        yield self.finding(
            f"{event.reason.rstrip('.')}. Last tried {span(case.seconds_since(event.at))} ago"
            f" ({run.step_failures} times in a row).{stake} Repair the storage; the step is retried"
            " by itself.",
            Evidence("storage", event.reason, event.at),
            *([Evidence("storage", problem)] if problem else []),
            run=run,
            offers=fixes,
            since=event.at,
        )
