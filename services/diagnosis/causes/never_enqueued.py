"""The step is due, or postponed too far, and the dispatcher does not enqueue it."""

from datetime import timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import (
    QUEUED,
    Cause,
    Evidence,
    Findings,
    Severity,
    offers,
)
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import clock


class NeverEnqueued(Cause):
    id = "never_enqueued"
    title = "Never enqueued"
    precedence = 220
    severities = (Severity.ACT,)
    remedies = ("requeue", "fail_and_refund")
    has_estimate = True
    reply = QUEUED
    reply_next = "We are looking into it, and then it begins; you need not start it again."

    def find_here(self, case: RunCase) -> Findings:
        """Find a due step that a running dispatcher did not enqueue, or one due far too late."""
        reason = _reason(case)
        if reason is None:
            return
        run = case.run
        yield self.finding(
            f"This step was never enqueued: {reason}. Requeue it, and a worker takes it at once.",
            Evidence("database", f"Due at {clock(run.due_at)}, never enqueued.", run.due_at),
            run=run,
            offers=offers(run.id, "requeue", "fail_and_refund"),
            since=min(run.due_at, case.system.now),
        )


def _reason(case: RunCase) -> str | None:
    run, provider, late = case.run, case.provider, case.late_seconds
    if late is None:
        return None
    if late < 0:
        return _far_ahead(case, -late)
    if provider and not provider.is_registered and run.state is RunState.QUEUED:
        return "nothing is admitted for its provider, which has no row"
    # After an outage, and while the queue is full, what is due is late and enqueued in turn.
    since = case.system.dispatching_since
    late = late if since is None else min(late, case.seconds_since(since))
    # A heartbeat follows a tick: one that still goes on has not passed anything over.
    ticked_at = case.system.last_heartbeat("dispatcher")
    if ticked_at is not None:
        late = min(late, (ticked_at - run.due_at).total_seconds())
    # A provider that takes few creates lets even the first in line wait.
    pace = 3.0 * provider.seconds_between_creates if provider else 0.0
    if provider and provider.is_one_by_one:
        pace = case.limits.longest_call
    if late > case.limits.enqueued_late + pace:
        return f"it has been due for {span(late)}"
    return None


def _far_ahead(case: RunCase, left: float) -> str | None:
    far_ahead = case.limits.far_ahead
    blocked_until = case.provider.blocked_until if case.provider else None
    waits_for_provider = blocked_until is not None and case.run.due_at <= blocked_until + timedelta(
        seconds=far_ahead
    )
    if left <= far_ahead or waits_for_provider:
        return None
    return f"it is not due for another {span(left)}, and no step waits that long"
