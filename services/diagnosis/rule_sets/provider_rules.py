"""A run that a provider has, or may have: is it on time, slow, stuck, finished, or unknown there?"""

from services.core.humanize import span
from services.core.states import AttemptState, Kind, RunState
from services.core.thresholds import Thresholds
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, LiveLook, RunFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.words import clock, provider_of, since
from services.providers.registry import SYNCHRONOUS
from services.remedies.base import RemedyOffer

ENDED_THERE = frozenset({"succeeded", "failed", "canceled"})


def unknown_finding(house: House, run: RunFacts) -> Finding | None:
    """A create whose answer was lost: it is looked up, or a person decides."""
    if run.state is RunState.NEEDS_REVIEW:
        return _undecided(run)
    attempt = run.attempt
    is_unknown = attempt is not None and attempt.state is AttemptState.UNKNOWN
    if run.state is not RunState.SUBMITTING or run.lease_until is not None or not is_unknown:
        return None
    return Finding(
        Cause.SUBMIT_UNKNOWN,
        Severity.WAIT,
        f"The answer of {provider_of(run.provider)} was lost while this was sent. It is being looked"
        " for in the provider's list; it is never sent twice.",
        (Evidence("database", _sent(run)),),
        (RemedyOffer("adopt_prediction", run.id),),
        run_id=run.id,
        since=attempt.created_at if attempt else None,
        is_healing=True,
    )


def _undecided(run: RunFacts) -> Finding:
    label, count = provider_of(run.provider), len(run.candidates)
    seen = {
        0: f"{label}'s list shows no request like it.",
        1: f"{label} shows one request exactly like it: adopt that.",
    }.get(count, f"{label} shows {count} requests like it.")
    adopt = [RemedyOffer("adopt_prediction", run.id, it) for it in run.candidates]
    return Finding(
        Cause.SUBMIT_UNKNOWN,
        Severity.ACT,
        f"Nobody knows whether {label} received this: the connection broke while it was sent. {seen}"
        " The credits are held until you decide.",
        (Evidence("database", _sent(run)), *_shown(run, label)),
        (
            *(adopt or [RemedyOffer("adopt_prediction", run.id)]),
            RemedyOffer("declare_lost", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=run.attempt.created_at if run.attempt else run.started_at,
    )


def _shown(run: RunFacts, label: str) -> list[Evidence]:
    return [Evidence(label, f"{it} has exactly this input.") for it in run.candidates]


def _sent(run: RunFacts) -> str:
    if run.attempt is None:
        return "No attempt is known."
    return (
        f"Sent at {clock(run.attempt.created_at)} with seed {run.attempt.seed}; no answer is known."
    )


def waiting_finding(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    """Of a run that waits for a provider; `WORKING` when it is on time."""
    if run.state is RunState.SUBMITTING and run.provider in SYNCHRONOUS:
        return _timed(house, run, limits)
    if run.state is not RunState.WAITING:
        return None
    return (
        _not_answered(run)
        or _unknown_there(house, run)
        or _finished_there(house, run, limits)
        or _past_deadline(house, run)
        or _training_at_zero(house, run)
        or _timed(house, run, limits)
    )


def _not_answered(run: RunFacts) -> Finding | None:
    if run.live is None or run.live.problem is None or run.live.is_unknown:
        return None
    label = provider_of(run.provider)
    return Finding(
        Cause.PROVIDER_AWAY,
        Severity.WAIT,
        f"{label} did not answer when it was asked for this just now. It is asked again and again"
        " until the deadline.",
        (Evidence(label, run.live.problem, run.live.at),),
        (RemedyOffer("poll_now", run.id),),
        run_id=run.id,
        since=run.live.at,
    )


def _unknown_there(house: House, run: RunFacts) -> Finding | None:
    if run.live is None or not run.live.is_unknown or run.attempt is None:
        return None
    label = provider_of(run.provider)
    state = house.providers.get(run.provider)
    made_with = run.attempt.token_fingerprint
    is_other = state is not None and made_with is not None and made_with != state.fingerprint
    told = (
        "it was made with another token than the one in use now"
        if is_other
        else "it was deleted there, or the token is of another account"
    )
    cause = Cause.TRAINING_AT_ZERO if run.kind is Kind.TRAINING else Cause.TOKEN
    return Finding(
        cause,
        Severity.ACT,
        f"{label} does not know {run.attempt.prediction_id}: {told}. If the account was changed by"
        " mistake, set the old token again; else start it anew.",
        (Evidence(label, "It answers that there is no such prediction.", run.live.at),),
        (
            RemedyOffer("cancel_and_restart", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=run.accepted_at,
    )


def _finished_there(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    live = run.live
    if live is None or live.status not in ENDED_THERE:
        return None
    label = provider_of(run.provider)
    ended = live.completed_at or live.at
    if live.status == "succeeded" and (live.is_data_removed or not live.output_count):
        return _gone_there(run, live, label)
    late = (live.at - ended).total_seconds()
    if late < limits.fetch_late:
        return None
    told = f"{label} ended it ({live.status}) {span(late)} ago, and nobody has looked since."
    return Finding(
        Cause.OUTPUT_NOT_FETCHED if live.status == "succeeded" else Cause.PROVIDER_STUCK,
        Severity.ACT,
        f"{told} {_kept(live, late, limits)}",
        (Evidence(label, f"{live.status} at {clock(ended)}", ended),),
        (RemedyOffer("poll_now", run.id), RemedyOffer("fail_and_refund", run.id)),
        run_id=run.id,
        since=ended,
    )


def _kept(live: LiveLook, late: float, limits: Thresholds) -> str:
    if live.status != "succeeded":
        return "Look now, and it is settled."
    left = limits.output_window - late
    return f"The file is there for {span(left)} more." if left > 0 else "The file is gone by now."


def _gone_there(run: RunFacts, live: LiveLook, label: str) -> Finding:
    return Finding(
        Cause.OUTPUT_EXPIRED,
        Severity.ACT,
        f"{label} has made it and deleted it again before it was fetched; it keeps pictures for an"
        " hour. It has to be made anew.",
        (Evidence(label, "Its output was removed.", live.completed_at),),
        (
            RemedyOffer("cancel_and_restart", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=live.completed_at,
    )


def _past_deadline(house: House, run: RunFacts) -> Finding | None:
    if run.deadline_at is None or run.deadline_at > house.now:
        return None
    label = provider_of(run.provider)
    return Finding(
        Cause.PROVIDER_STUCK,
        Severity.ACT,
        f"{label} has been at it for {_age(house, run)}, past its deadline of {clock(run.deadline_at)}."
        " The next look cancels it there and gives the credits back; you can also order it anew.",
        (
            Evidence("database", f"Its deadline was {clock(run.deadline_at)}.", run.deadline_at),
            Evidence(label, f"It says: {run.provider_status or 'nothing'}."),
        ),
        (
            RemedyOffer("poll_now", run.id),
            RemedyOffer("cancel_and_restart", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=run.deadline_at,
    )


def _training_at_zero(house: House, run: RunFacts) -> Finding | None:
    if run.kind is not Kind.TRAINING or run.progress:
        return None
    stage = run.stage or (
        "booting the machine" if run.provider_status == "starting" else "beginning"
    )
    return Finding(
        Cause.TRAINING_AT_ZERO,
        Severity.WAIT,
        f"The training stands at 0% and is not stuck: it is {stage.rstrip('.').lower()}. That takes"
        " some minutes; its steps are counted afterwards.",
        (Evidence(provider_of(run.provider), f"It says: {run.provider_status}, {stage}."),),
        (RemedyOffer("poll_now", run.id),),
        run_id=run.id,
        since=run.accepted_at,
    )


def _timed(house: House, run: RunFacts, limits: Thresholds) -> Finding:
    """Booting, slower than usual, or simply at work."""
    begun = run.accepted_at or run.started_at or run.created_at
    age = (house.now - begun).total_seconds()
    label = provider_of(run.provider)
    status = run.live.status if run.live and run.live.status else run.provider_status
    if status == "starting" and age > limits.cold_start:
        return _wait(
            run,
            Cause.COLD_START,
            f"{label} is starting the model: {span(age)} so far. A model that nobody used for a while"
            " takes a minute or more to boot; it costs nothing and goes on by itself.",
            Evidence(label, "It says: starting."),
        )
    slow = run.slow_seconds or (
        limits.slow_factor * run.usual_seconds if run.usual_seconds else None
    )
    if slow is not None and age > slow:
        durations = f"about {span(run.usual_seconds)}" if run.usual_seconds else "less"
        return _wait(
            run,
            Cause.SLOW_PROVIDER,
            f"It has been at {label} for {span(age)}; this model usually takes {durations}, and 95% are done"
            f" within {span(slow)}. It may still come.",
            Evidence(
                "database", f"95% of this model's newest predictions took under {span(slow)}."
            ),
        )
    return _working(run, label, age)


def _wait(run: RunFacts, cause: Cause, sentence: str, evidence: Evidence) -> Finding:
    offers = (
        (
            RemedyOffer("poll_now", run.id),
            RemedyOffer("cancel_and_restart", run.id),
        )
        if run.state is RunState.WAITING
        else ()
    )
    return Finding(
        cause,
        Severity.WAIT,
        sentence,
        (evidence,),
        offers,
        run_id=run.id,
        since=run.accepted_at,
    )


def _working(run: RunFacts, label: str, age: float) -> Finding:
    durations = f" of about {span(run.usual_seconds)}" if run.usual_seconds else ""
    return Finding(
        Cause.WORKING,
        Severity.TOLD,
        f"{label} is making it: {span(age)}{durations}.",
        (Evidence(label, f"It says: {run.provider_status or 'working'}."),),
        run_id=run.id,
        since=run.accepted_at,
    )


def _age(house: House, run: RunFacts) -> str:
    return since(run.accepted_at or run.created_at, house.now)
