"""The provider is not called now: no answer, no valid token, paused, or throttled."""

from datetime import datetime, timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import (
    ANSWERS,
    RETRY,
    Cause,
    Evidence,
    Findings,
    Scope,
    Severity,
    offers,
)
from services.diagnosis.facts.models import CaseFacts, RunCase
from services.diagnosis.shared_rules import clock, unknown_prediction
from services.pipeline.events import EventName


class ProviderAway(Cause):
    """The provider did not answer the poll of this diagnosis."""

    id = "provider_away"
    title = "The provider gives no usable answer"
    events = frozenset({f"{EventName.RUN_RETRIED}:transient", f"{EventName.RUN_FAILED}:transient"})
    scope = Scope.SYSTEM
    precedence = 90
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("poll_now", "cancel_and_restart", "fail_and_refund")
    expected = ANSWERS
    reply = "Our image provider cannot be reached at the moment."
    reply_next = "We try again by ourselves; you need not do anything."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a poll that failed just now."""
        run, live = case.run, case.run.live
        if run.state is not RunState.WAITING or live is None or live.is_unknown:
            return
        if live.is_refused:
            return
        if live.problem is not None:
            ends = f" until its deadline at {clock(run.deadline_at)}" if run.deadline_at else ""
            yield self.finding(
                f"{case.provider_label} gave no usable answer when it was polled just now:"
                f" {live.problem.rstrip('.')}. It is polled{ends}.",
                Evidence(case.provider_label, live.problem, live.at),
                severity=Severity.WAIT,
                run=run,
                offers=offers(run.id, *self.remedies),
                since=failing_since(case) or live.at,
                until=run.deadline_at,
            )


class Token(Cause):
    """The provider has no valid token here, or one of another account."""

    id = "token"
    title = "The provider's token is missing or of another account"
    scope = Scope.SYSTEM
    precedence = 100
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("resume_provider", "cancel_and_restart", "fail_and_refund", *RETRY)
    failures = frozenset({"configuration", "lost"})
    expected = "The token opens the account that this prediction was made in."
    reply = "Our access to our image provider has to be renewed."
    reply_next = "We are putting that right and will write to you again."

    def find_here(self, case: RunCase) -> Findings:
        """Find a provider without a token, or one that is paused because it refused the token."""
        provider, run = case.provider, case.run
        if case.late_seconds is None or not (case.is_late or run.state is RunState.QUEUED):
            return
        if provider is None or not provider.is_configured:
            label = provider.label if provider else run.provider
            yield self.finding(
                f"{label} has no token here, so nothing can be sent to it or polled. Set its token in"
                " .env and restart; waiting runs resume by themselves.",
                Evidence("settings", f"No token is set for {label}."),
                run=run,
                offers=offers(run.id, "fail_and_refund"),
            )
        elif provider.paused_failure == "configuration":
            fix = "Correct the token in .env and restart; that ends the pause."
            yield from paused_provider(self, case, fix)

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find that the pause that ended slots still holds."""
        yield from still_paused(self, case, "Correct the token in .env and restart; then retry.")

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find a prediction that the token in use cannot see, or a poll that refused the token."""
        yield from unknown_prediction(self, case)
        run, live = case.run, case.run.live
        if run.state is RunState.WAITING and live is not None and live.is_refused:
            yield self.finding(
                f"{case.provider_label} refused the token when it was polled just now: {live.problem or ''}."
                " Correct the token in .env and restart; the prediction is polled again by itself.",
                Evidence(case.provider_label, live.problem or "Refused.", live.at),
                run=run,
                offers=offers(run.id, "fail_and_refund"),
                since=failing_since(case) or live.at,
            )


class ProviderPaused(Cause):
    """Nothing is submitted to the provider: out of funds, or paused by a person."""

    id = "provider_paused"
    title = "The provider is paused or out of funds"
    scope = Scope.SYSTEM
    precedence = 110
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("resume_provider", *RETRY)
    failures = frozenset({"funds"})
    expected = ANSWERS
    reply = "Our image provider is unavailable at the moment."
    reply_next = "We are putting that right; yours waits and begins by itself."

    def find_here(self, case: RunCase) -> Findings:
        """Find the pause of this run's provider."""
        if case.provider and case.provider.paused_failure != "configuration":
            fix = "Fix that, then resume it; waiting runs begin at once."
            yield from paused_provider(self, case, fix)

    def find_in_generation(self, case: CaseFacts) -> Findings:
        """Find that the pause that ended slots still holds."""
        yield from still_paused(self, case, "Fix that and resume it; then retry.")


class WaitedTooLong(Cause):
    """The provider takes nothing for a long time: a day's quota is used up, or it asked for hours."""

    id = "waited_too_long"
    title = "Waits too long for the provider"
    precedence = 115
    severities = (Severity.ACT, Severity.INFO)
    remedies = ("resume_provider", "fail_and_refund", *RETRY)
    failures = frozenset({"waited_too_long"})
    expected = ANSWERS
    reply = "Our image provider takes no more requests for now, so that yours has waited long."
    reply_next = "If it is not made in time, you get the credits back."

    def find_here(self, case: RunCase) -> Findings:
        """Find a submit whose provider has asked, or asks, for a longer wait than rates explain."""
        run, provider = case.run, case.provider
        if case.late_seconds is None or run.state is not RunState.QUEUED or provider is None:
            return
        until = provider.blocked_until
        if until is None or until <= case.system.now:
            return
        left, waited = -case.seconds_since(until), case.seconds_since(run.created_at)
        if left + waited <= case.limits.long_throttle:
            return
        event = run.last.get(EventName.RUN_THROTTLED)
        ends_in = max(0.0, case.limits.max_wait - waited)
        yield self.finding(
            f"{provider.label} takes nothing until {clock(until)}, in {span(left)}; this has waited"
            f" {span(waited)}. It is sent then by itself, and ended and refunded after"
            f" {span(ends_in)} more. Refund it now, or raise the quota at {provider.label} and resume it.",
            Evidence("database", f"Blocked until {clock(until)}."),
            *([Evidence(provider.label, event.reason, event.at)] if event and event.reason else []),
            run=run,
            offers=(
                *offers(run.id, "fail_and_refund"),
                *offers(provider.name, "resume_provider"),
            ),
            since=run.created_at,
        )


class Throttled(Cause):
    """The provider answered 429 and named a time to wait."""

    id = "throttled"
    title = "Throttled: the provider takes no more requests for now"
    events = frozenset({EventName.RUN_THROTTLED})
    precedence = 120
    severities = (Severity.WAIT, Severity.ACT)
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
        event = run.last.get(EventName.RUN_THROTTLED)
        has_reason = event is not None and bool(event.reason)
        yield self.finding(
            f"{provider.label} asked us to wait; it is called again in {span(left)}, and this resumes"
            " by itself.",
            Evidence("database", f"Blocked until {clock(provider.blocked_until)}."),
            *([Evidence(provider.label, event.reason, event.at)] if event and has_reason else []),
            run=run,
            since=event.at if event else None,
            is_healing=True,
            until=provider.blocked_until + timedelta(seconds=case.limits.healing),
        )


def failing_since(case: RunCase) -> datetime | None:
    """Return when a poll of this run last failed; None where none did."""
    event = case.run.last.get(EventName.RUN_STEP_FAILED) or case.run.last.get(EventName.RUN_RETRIED)
    return event.at if event else None


def still_paused(cause: Cause, case: CaseFacts, fix: str) -> Findings:
    """Find a provider that is paused for the failure of slots that ended: a retry would fail as well."""
    failed = {(it.provider, it.failure) for it in case.ended_slots if it.failure in cause.failures}
    for name, failure in sorted(failed, key=str):
        provider = case.system.providers.get(name)
        if provider and provider.paused_at and provider.paused_failure == failure:
            yield cause.finding(
                f"{provider.label} is paused since {clock(provider.paused_at)}:"
                f" {(provider.paused_reason or '').rstrip('.')}. A retry would wait for it. {fix}",
                Evidence("database", f"Paused: {provider.paused_reason}", provider.paused_at),
                severity=Severity.ACT,
                offers=offers(name, "resume_provider"),
                since=provider.paused_at,
            )


def paused_provider(cause: Cause, case: RunCase, fix: str) -> Findings:
    """Find the pause of the provider of a submit that is not enqueued."""
    provider = case.provider
    if case.late_seconds is None or provider is None or not provider.is_configured:
        return
    if case.run.state is not RunState.QUEUED or provider.paused_at is None:
        return
    message = (
        f"{provider.label} is paused since {clock(provider.paused_at)}: {provider.paused_reason}"
    )
    yield cause.finding(
        f"{message.rstrip('.')}. {fix}",
        Evidence("database", f"Paused: {provider.paused_reason}", provider.paused_at),
        offers=offers(provider.name, "resume_provider"),
        since=provider.paused_at,
    )
