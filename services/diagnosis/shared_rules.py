"""What the rules of several causes share: wording of times, lost jobs, outputs at the provider."""

from datetime import datetime, timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.diagnosis.cause import Cause, Evidence, Finding, offers
from services.diagnosis.facts.models import RunCase
from services.queue.base import JobFacts

ENDED_STATUSES = frozenset({"succeeded", "failed", "canceled"})


def clock(at: datetime) -> str:
    """Format a time as `14:02:11 UTC`; the day is on the timeline."""
    return f"{at:%H:%M:%S} UTC"


def output_stake(case: RunCase) -> str:
    """Write how long the provider still stores the output of an ingesting run; else nothing."""
    attempt = case.run.attempt
    if case.run.state is not RunState.INGESTING or attempt is None or attempt.finished_at is None:
        return ""
    finished = f" {case.provider_label} finished at {clock(attempt.finished_at)}."
    left = case.limits.output_window - case.seconds_since(attempt.finished_at)
    if left <= 0:
        return f"{finished} It has deleted the file by now."
    return f"{finished} The file is there for {span(left)} more."


def lost_job(cause: Cause, case: RunCase, sentence: str, fact: str) -> Finding:
    """Report a lost job; a running dispatcher requeues it when it is due."""
    is_healing = case.system.is_dispatcher_alive
    left = max(0.0, -case.seconds_since(case.run.due_at))
    outcome = (
        f"The dispatcher requeues it in {span(left + 1)}."
        if is_healing
        else "Nobody requeues it: the dispatcher does not run."
    )
    return cause.finding(
        f"{sentence}. {outcome}",
        Evidence("queue", fact),
        run=case.run,
        offers=offers(case.run.id, "requeue", "fail_and_refund"),
        since=case.run.enqueued_at,
        is_healing=is_healing,
        until=case.run.due_at + timedelta(seconds=case.limits.healing),
    )


def is_job_lost(case: RunCase) -> bool:
    """Whether the job is in no queue, with no worker, and too old to be on its way between them."""
    run, job = case.run, case.run.job
    if not case.is_enqueued or run.enqueued_at is None or job is None or job.in_queue is not None:
        return False
    if case.seconds_since(run.enqueued_at) < case.limits.settling:
        return False
    return job.started_until is None or job.is_started_over or not job.has_worker_key


def was_taken(job: JobFacts) -> bool:
    """Whether a worker took the job that is lost now."""
    return job.started_until is not None or job.has_worker_key is False


def unknown_prediction(cause: Cause, case: RunCase) -> list[Finding]:
    """Find a prediction that its provider does not know."""
    run, live, attempt = case.run, case.run.live, case.run.attempt
    if run.state is not RunState.WAITING or live is None or not live.is_unknown or not attempt:
        return []
    made_with, provider = attempt.token_fingerprint, case.provider
    is_other = provider is not None and made_with is not None and made_with != provider.fingerprint
    reason = (
        "it was made with another token than the one in use now"
        if is_other
        else "it was deleted there, or the token is of another account"
    )
    found = cause.finding(
        f"{case.provider_label} does not know {attempt.prediction_id}: {reason}. If the account was"
        " changed by mistake, restore the old token; else restart it.",
        Evidence(case.provider_label, "It answers that there is no such prediction.", live.at),
        run=run,
        offers=offers(run.id, "cancel_and_restart", "fail_and_refund"),
        since=run.accepted_at,
    )
    return [found]


def unfetched_seconds(case: RunCase) -> float | None:
    """Measure how long ago an output was finished that only the provider has."""
    attempt = case.run.attempt
    if case.run.state is not RunState.INGESTING or attempt is None or attempt.stored_keys:
        return None
    return None if attempt.finished_at is None else case.seconds_since(attempt.finished_at)


def unpolled_seconds(case: RunCase) -> float | None:
    """Measure how long ago a waiting run ended at its provider; None unless its poll is late."""
    live = case.run.live
    if case.run.state is not RunState.WAITING or live is None or live.status not in ENDED_STATUSES:
        return None
    late = (live.at - (live.completed_at or live.at)).total_seconds()
    return late if late >= case.limits.fetch_late else None
