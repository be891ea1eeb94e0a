"""The provider has the run now: it boots the model, is slow, or works in time."""

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import Cause, Evidence, Finding, Findings, Severity, offers
from services.diagnosis.facts.models import RunCase
from services.diagnosis.shared_rules import clock
from services.monitoring.run_status import overdue_words
from services.providers.registry import SYNCHRONOUS
from services.remedies.base import RemedyOffer


class ColdStart(Cause):
    """The model boots, because nobody used it for a while."""

    id = "cold_start"
    title = "The model is starting"
    precedence = 190
    severities = (Severity.WAIT, Severity.ACT)
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
            f" for a while takes a minute or more to boot; it costs nothing.{deadline_words(case)}",
            Evidence(case.provider_label, "Status: starting."),
            severity=Severity.WAIT,
            run=case.run,
            offers=restart_offers(case),
            since=case.run.accepted_at,
            until=case.run.deadline_at,
        )


class SlowProvider(Cause):
    """The prediction takes longer than p95 of its model."""

    id = "slow_provider"
    title = "Slower than usual for this model"
    precedence = 200
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("poll_now", "cancel_and_restart")
    is_overdue = True
    has_deadline = True
    reply = "It takes longer than usual today."
    reply_next = "It is still being made; if it does not end in time, you get the credits back."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a time at the provider beyond p95, or twice the median without a history."""
        run, age = case.run, seconds_at_provider(case)
        median = run.median_seconds
        slow = run.p95_seconds or (case.limits.slow_factor * median if median else None)
        if age is None or slow is None or age <= slow:
            return
        durations = f"median {span(median)}, p95 {span(slow)}" if median else f"p95 {span(slow)}"
        overdue = overdue_words(age / median) if median else "longer than usual"
        yield self.finding(
            f"It has been at {case.provider_label} for {span(age)}, {overdue}; usual for this model:"
            f" {durations}. It may still arrive.{deadline_words(case)}",
            Evidence("database", f"p95 of this model's newest predictions is {span(slow)}."),
            severity=Severity.WAIT,
            run=run,
            offers=restart_offers(case),
            since=run.accepted_at,
            until=run.deadline_at,
        )


class Working(Cause):
    """All is well: the run is being made."""

    id = "working"
    title = "In progress"
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
            median = f", median {span(run.median_seconds)}" if run.median_seconds else ""
            yield self.finding(
                f"{case.provider_label} is making it: {span(age)}{median}.",
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


def seconds_at_provider(case: RunCase) -> float | None:
    """Measure how long its provider has worked on it; None where it has no prediction."""
    run = case.run
    is_submit = run.state is RunState.SUBMITTING and run.provider in SYNCHRONOUS
    if run.state is not RunState.WAITING and not is_submit:
        return None
    # A call that is answered at once is as old as its attempt: an earlier one died with its worker.
    sent_at = run.attempt.created_at if run.attempt and is_submit else run.accepted_at
    return case.seconds_since(sent_at or run.started_at or run.created_at)


def deadline_words(case: RunCase) -> str:
    """Write when the run is ended if nothing comes; nothing where it has no deadline."""
    at = case.run.deadline_at
    return f" Without an end by {clock(at)} it is canceled and refunded." if at else ""


def provider_status(case: RunCase) -> str | None:
    """Return the newest status that its provider reported."""
    live = case.run.live
    return live.status if live and live.status else case.run.provider_status


def restart_offers(case: RunCase) -> tuple[RemedyOffer, ...]:
    """Offer to poll or restart a prediction that takes long."""
    if case.run.state is not RunState.WAITING:
        return ()
    return offers(case.run.id, "poll_now", "cancel_and_restart")
