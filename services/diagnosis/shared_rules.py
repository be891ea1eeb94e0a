"""What the rules of several causes share: wording of times, lost jobs and runs that a worker holds."""

from collections.abc import Iterator
from datetime import datetime

from services.core.humanize import span
from services.core.states import MissingCause, RunState
from services.diagnosis.cause import Cause, Evidence, Finding, offers
from services.diagnosis.facts.models import FileFacts, RunCase, is_working
from services.monitoring.processes import ProcessFacts
from services.providers.registry import SYNCHRONOUS
from services.queue.base import JobFacts
from services.remedies.base import RemedyOffer

STEP_FAILED = "run.step_failed"
RETRIED = "run.retried"
THROTTLED = "run.throttled"
ENDED_STATUSES = frozenset({"succeeded", "failed", "canceled"})
DOING = {
    RunState.QUEUED: "preparing the request",
    RunState.SUBMITTING: "sending it",
    RunState.WAITING: "polling it",
    RunState.INGESTING: "saving the picture",
}


def clock(at: datetime) -> str:
    """`14:02:11 UTC`; the day is on the timeline."""
    return f"{at:%H:%M:%S} UTC"


def output_stake(case: RunCase) -> str:
    """How long the provider still stores the output of a run that is ingesting; else nothing."""
    attempt = case.run.attempt
    if case.run.state is not RunState.INGESTING or attempt is None or attempt.finished_at is None:
        return ""
    finished = f" {case.provider_label} finished at {clock(attempt.finished_at)}."
    left = case.limits.output_window - case.seconds_since(attempt.finished_at)
    if left <= 0:
        return f"{finished} It has deleted the file by now."
    return f"{finished} The file is there for {span(left)} more."


def lost_job(cause: Cause, case: RunCase, sentence: str, fact: str) -> Finding:
    """The job of this run is lost; a running dispatcher enqueues it again when it is due."""
    is_healing = case.system.is_dispatcher_alive
    left = max(0.0, -case.seconds_since(case.run.due_at))
    outcome = (
        f"The dispatcher enqueues it again in {span(left + 1)}."
        if is_healing
        else "Nobody enqueues it again: the dispatcher does not run."
    )
    return cause.finding(
        f"{sentence}. {outcome}",
        Evidence("queue", fact),
        run=case.run,
        offers=offers(case.run.id, "requeue", "fail_and_refund"),
        since=case.run.enqueued_at,
        is_healing=is_healing,
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


def holder(case: RunCase) -> ProcessFacts | None:
    """The process that claimed the run; a claim names the thread, too: `<process>/<thread>`."""
    name = (case.run.worker or "").partition("/")[0]
    return next((it for it in case.system.processes if it.name == name), None)


def is_lease_over(case: RunCase) -> bool:
    """Whether its lease has expired."""
    return case.run.lease_until is not None and case.run.lease_until < case.system.now


def is_held_by_the_dead(case: RunCase) -> bool:
    """Whether the process that holds the lease is gone, or silent where nobody can check."""
    if case.run.lease_until is None:
        return False
    worker = holder(case)
    if worker is None:
        # A worker that stopped cleanly has no heartbeat any more, but then no lease either.
        return is_lease_over(case)
    return worker.exists is False or (not worker.is_alive and worker.exists is None)


def held_run(cause: Cause, case: RunCase, problem: str, *evidence: Evidence) -> Finding:
    """A run whose lease expires, or has expired, because its worker does not go on."""
    run, lease_until = case.run, case.run.lease_until
    assert lease_until is not None
    is_healing = case.system.is_dispatcher_alive
    left = -case.seconds_since(lease_until)
    outcome = (
        f" The dispatcher gives it to another {f'in {span(left)}' if left > 1 else 'now'}."
        if is_healing
        else " Nobody gives it to another: the dispatcher does not run."
    )
    verb = "ended" if is_lease_over(case) else "ends"
    return cause.finding(
        f"{problem} while {DOING.get(run.state, 'working on it')}.{output_stake(case)}{outcome}",
        Evidence("database", f"Its lease {verb} at {clock(lease_until)}.", lease_until),
        *evidence,
        run=run,
        offers=offers(run.id, "requeue", "fail_and_refund"),
        since=lease_until,
        is_healing=is_healing,
    )


def silence(case: RunCase, worker: ProcessFacts) -> Evidence:
    """What is known of a worker that does not go on."""
    if worker.exists is False:
        fact = f"{worker.name} is gone: no process {worker.pid} on {worker.host}."
    elif is_working(worker):
        fact = f"{worker.name} is alive, and does not renew its lease."
    else:
        fact = f"{worker.name} has been silent for {span(case.seconds_since(worker.heartbeat_at))}"
        fact += ", and its process is there." if worker.exists else "."
    return Evidence("worker", fact, worker.heartbeat_at)


def paused_provider(cause: Cause, case: RunCase, fix: str) -> Iterator[Finding]:
    """The pause of the provider of a submit that is not enqueued; none where it is not paused."""
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


def unknown_prediction(cause: Cause, case: RunCase) -> list[Finding]:
    """A prediction that its provider does not know; none where it does."""
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
        " changed by mistake, set the old token again; else restart it.",
        Evidence(case.provider_label, "It answers that there is no such prediction.", live.at),
        run=run,
        offers=offers(run.id, "cancel_and_restart", "fail_and_refund"),
        since=run.accepted_at,
    )
    return [found]


def unfetched_seconds(case: RunCase) -> float | None:
    """How long ago the output was finished that is still at the provider alone."""
    attempt = case.run.attempt
    if case.run.state is not RunState.INGESTING or attempt is None or attempt.stored_keys:
        return None
    return None if attempt.finished_at is None else case.seconds_since(attempt.finished_at)


def unpolled_seconds(case: RunCase) -> float | None:
    """How long ago a waiting run ended at its provider; None unless that is late to be noticed."""
    live = case.run.live
    if case.run.state is not RunState.WAITING or live is None or live.status not in ENDED_STATUSES:
        return None
    late = (live.at - (live.completed_at or live.at)).total_seconds()
    return late if late >= case.limits.fetch_late else None


def seconds_at_provider(case: RunCase) -> float | None:
    """How long its provider has been working on it; None where it has nothing of it."""
    run = case.run
    is_submit = run.state is RunState.SUBMITTING and run.provider in SYNCHRONOUS
    if run.state is not RunState.WAITING and not is_submit:
        return None
    return case.seconds_since(run.accepted_at or run.started_at or run.created_at)


def provider_status(case: RunCase) -> str | None:
    """The newest status that its provider reported."""
    live = case.run.live
    return live.status if live and live.status else case.run.provider_status


def restart_offers(case: RunCase) -> tuple[RemedyOffer, ...]:
    """What a person may do about a prediction that takes long."""
    if case.run.state is not RunState.WAITING:
        return ()
    return offers(case.run.id, "poll_now", "cancel_and_restart")


def is_in_wrong_place(file: FileFacts) -> bool:
    """Whether a missing file was stored where the settings no longer point."""
    has_moved = file.storage_uri != file.expected_uri
    return file.is_gone and (has_moved or file.missing_cause is MissingCause.WRONG_BUCKET)
