"""All is well: the run is being made."""

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Scope, Severity
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import seconds_at_provider


class Working(Cause):
    id = "working"
    title = "In progress"
    scope = Scope.RUN
    precedence = 230
    severities = (Severity.INFO,)
    rank = 1
    is_quiet = True
    has_estimate = True
    reply = "It is being made right now."
    reply_next = "It appears by itself."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a run that is being saved, or on time at its provider."""
        run = case.run
        if run.state is RunState.INGESTING:
            yield self.finding(
                "The picture is finished and being saved.",
                Evidence("database", f"Saving since {span(case.seconds_since(run.due_at))}."),
                run=run,
            )
        age = seconds_at_provider(case)
        if age is not None:
            usual = f", median {span(run.usual_seconds)}" if run.usual_seconds else ""
            yield self.finding(
                f"{case.provider_label} is making it: {span(age)}{usual}.",
                Evidence(case.provider_label, f"Status: {run.provider_status or 'working'}."),
                run=run,
                since=run.accepted_at,
            )

    def beginning(self, case: RunCase) -> Finding:
        """Report a run of which nothing else is found."""
        run = case.run
        is_queued = run.state is RunState.QUEUED
        return self.finding(
            "It is about to be sent." if is_queued else "A worker is processing it.",
            Evidence("database", f"Its run is {run.state.value}, step {run.seq}."),
            run=run,
            since=run.created_at,
        )
