"""A create was sent, and its answer was lost."""

from datetime import datetime, timedelta

from services.core.states import AttemptState, RunState
from services.diagnosis.cause import (
    ANSWERS,
    Cause,
    Evidence,
    Finding,
    Findings,
    Severity,
    offers,
)
from services.diagnosis.facts.models import AttemptFacts, RunCase, RunFacts
from services.diagnosis.shared_rules import clock
from services.pipeline.events import EventName
from services.remedies.base import RemedyOffer


class SubmitUnknown(Cause):
    id = "submit_unknown"
    title = "Unknown whether the provider received it"
    events = frozenset({EventName.RUN_NEEDS_REVIEW})
    precedence = 50
    severities = (Severity.WAIT, Severity.ACT)
    remedies = ("adopt_prediction", "declare_lost", "fail_and_refund")
    expected = ANSWERS
    reply = "It is not certain whether your order arrived at our image provider."
    reply_next = "We are finding that out, so that it is made once and not twice."

    def find_at_provider(self, case: RunCase) -> Findings:
        """Find an unknown attempt, while it is looked up and when a person must decide."""
        run, attempt = case.run, case.run.attempt
        if run.state is RunState.NEEDS_REVIEW:
            yield self._undecided(case)
        is_unknown = attempt is not None and attempt.state is AttemptState.UNKNOWN
        if run.state is RunState.SUBMITTING and run.lease_until is None and is_unknown:
            yield self.finding(
                f"{_reply(run, case.provider_label)} It is looked up in the provider's list; it is never"
                " sent twice.",
                Evidence("database", _sent(run)),
                *_replies(run, case.provider_label),
                run=run,
                offers=offers(run.id, "adopt_prediction"),
                since=attempt.created_at if attempt else None,
                is_healing=True,
                until=_lookup_ends(case, attempt),
            )

    def _undecided(self, case: RunCase) -> Finding:
        run, label = case.run, case.provider_label
        count = len(run.candidates)
        none = f"{label}'s list shows no request like it."
        listed = {
            0: none
            if run.was_searched
            else f"{label}'s list was not searched for this list of cases.",
            1: f"{label} shows one request exactly like it: adopt that.",
        }.get(count, f"{label} shows {count} requests like it.")
        adopt = [RemedyOffer("adopt_prediction", run.id, it) for it in run.candidates]
        return self.finding(
            f"Unknown whether {label} received this. {_reply(run, label)} {listed} The credits are held"
            " until you decide.",
            Evidence("database", _sent(run)),
            *_replies(run, label),
            *(Evidence(label, f"{it} has exactly this input.") for it in run.candidates),
            run=run,
            offers=(
                *(adopt or offers(run.id, "adopt_prediction")),
                *offers(run.id, "declare_lost", "fail_and_refund"),
            ),
            since=run.attempt.created_at if run.attempt else run.started_at,
        )


def _reply(run: RunFacts, label: str) -> str:
    """Say what came back: nothing, or an answer without a prediction."""
    event = run.last.get(EventName.RUN_STEP_FAILED)
    if event and event.reason:
        return f"{label}'s answer names no prediction: {event.reason.rstrip('.')}."
    return f"No answer of {label} to it was recorded."


def _replies(run: RunFacts, label: str) -> list[Evidence]:
    event = run.last.get(EventName.RUN_STEP_FAILED)
    return [Evidence(label, event.reason, event.at)] if event and event.reason else []


def _lookup_ends(case: RunCase, attempt: AttemptFacts | None) -> datetime | None:
    return attempt.created_at + timedelta(seconds=case.limits.lookup) if attempt else None


def _sent(run: RunFacts) -> str:
    if run.attempt is None:
        return "No attempt is known."
    return (
        f"Sent at {clock(run.attempt.created_at)} with seed {run.attempt.seed}; no answer is known."
    )
