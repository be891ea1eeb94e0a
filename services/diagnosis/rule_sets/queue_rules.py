"""A run that no worker holds: is it in the queue, was it lost there, or was it never rung?"""

from datetime import timedelta

from services.core.humanize import span
from services.core.states import RunState
from services.core.thresholds import Thresholds
from services.diagnosis.causes import Cause, Severity
from services.diagnosis.facts import House, RunFacts
from services.diagnosis.findings import Evidence, Finding
from services.diagnosis.rule_sets.system_rules import (
    dispatcher_finding,
    is_dispatcher_alive,
    no_worker_finding,
    paused_finding,
    provider_finding,
    queue_away_finding,
)
from services.diagnosis.rule_sets.words import clock, since
from services.queue.base import JobFacts
from services.remedies.base import RemedyOffer


def enqueued_finding(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    """Of a run that was rung and that no worker has claimed; None for one that was not rung."""
    if run.enqueued_at is None or run.lease_until is not None:
        return None
    if house.queue is None:
        return queue_away_finding(house)
    job = run.job
    if job is None:
        return None
    is_fresh = (house.now - run.enqueued_at).total_seconds() < limits.settling
    if job.in_queue is not None:
        return _blocked(house, job) or (None if is_fresh else _in_queue(run, job))
    if is_fresh:
        return None
    if job.started_until is not None and not job.is_started_over and job.has_worker_key:
        return None
    if not job.has_hash:
        return _lost(house, run, Cause.REDIS_LOST_JOB, _no_hash(run, job))
    if job.started_until is not None or job.has_worker_key is False:
        return _lost(house, run, Cause.WORKER_DIED, _taken(job))
    return _lost(house, run, Cause.LOST_AT_DEQUEUE, _nowhere(job))


def _blocked(house: House, job: JobFacts) -> Finding | None:
    assert job.in_queue is not None
    return paused_finding(house, job.in_queue) or no_worker_finding(house, job.in_queue)


def _in_queue(run: RunFacts, job: JobFacts) -> Finding:
    assert job.in_queue is not None
    place = (job.position or 0) + 1
    return Finding(
        Cause.WAITING_ITS_TURN,
        Severity.WAIT,
        f"Its job is number {place} in the queue {job.in_queue.value}; all workers are busy with what"
        " came before.",
        (Evidence("queue", f"{job.job_id} waits in {job.in_queue.value}, place {place}."),),
        run_id=run.id,
        since=run.enqueued_at,
    )


def _no_hash(run: RunFacts, job: JobFacts) -> tuple[str, Evidence]:
    assert run.enqueued_at is not None
    told = (
        f"rung at {clock(run.enqueued_at)}, and Redis holds neither the job nor a place in a queue"
    )
    return f"It was {told}", Evidence("queue", f"There is no job {job.job_id} in Redis.")


def _taken(job: JobFacts) -> tuple[str, Evidence]:
    who = f"The worker {job.worker}" if job.worker else "A worker"
    told = f"{who} took the job and died before it began"
    return told, Evidence("queue", f"{job.job_id} is listed as started, and its worker is gone.")


def _nowhere(job: JobFacts) -> tuple[str, Evidence]:
    if job.is_failed:
        told = f"Its job failed in the queue before it began: {job.error or 'no reason is kept'}"
        return told, Evidence("queue", f"{job.job_id} is in the registry of failed jobs.")
    told = "Its job was taken off the queue, and no worker has it"
    where = f"{job.job_id} is {job.status or 'there'}, in no queue and with no worker."
    return told, Evidence("queue", where)


def _lost(house: House, run: RunFacts, cause: Cause, told: tuple[str, Evidence]) -> Finding:
    sentence, evidence = told
    is_healing = is_dispatcher_alive(house)
    left = max(0.0, (run.due_at - house.now).total_seconds())
    then = (
        f" The dispatcher notices in {span(left + 1)} and rings again."
        if is_healing
        else " Nobody rings again: the dispatcher does not run."
    )
    return Finding(
        cause,
        Severity.WAIT if is_healing else Severity.ACT,
        f"{sentence}.{then}",
        (evidence,),
        (
            RemedyOffer("requeue", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=run.enqueued_at,
        is_healing=is_healing,
    )


def not_enqueued_finding(house: House, run: RunFacts, limits: Thresholds) -> Finding | None:
    """Of a run that waits in the database for the dispatcher; None while all is in order."""
    if run.enqueued_at is not None or run.lease_until is not None:
        return None
    late = (house.now - run.due_at).total_seconds()
    if late < 0:
        return _put_off(house, run, -late, limits)
    blocked = (
        provider_finding(house, run)
        or _throttled(house, run)
        or paused_finding(house, run.queue)
        or queue_away_finding(house)
        or dispatcher_finding(house)
    )
    if blocked is not None:
        return blocked
    if not _is_registered(house, run):
        return _never_enqueued(house, run, "nothing is admitted for its provider, which has no row")
    if run.state is RunState.QUEUED and _is_crowded(house, run):
        return _in_line(house, run)
    if late > limits.enqueued_late + _pace(house, run):
        return _never_enqueued(house, run, f"it has been due for {span(late)}")
    return None


def _put_off(house: House, run: RunFacts, left: float, limits: Thresholds) -> Finding | None:
    provider = house.providers.get(run.provider)
    blocked_until = provider.blocked_until if provider else None
    if run.state is RunState.QUEUED:
        throttled = _throttled(house, run)
        if throttled is not None:
            return throttled
    is_waiting_for_provider = blocked_until is not None and run.due_at <= blocked_until + timedelta(
        seconds=limits.far_ahead
    )
    if left > limits.far_ahead and not is_waiting_for_provider:
        return _never_enqueued(
            house, run, f"it is not due for another {span(left)}, and no step waits so long"
        )
    if run.state is RunState.QUEUED:
        return provider_finding(house, run)
    return None


def _throttled(house: House, run: RunFacts) -> Finding | None:
    provider = house.providers.get(run.provider)
    if run.state is not RunState.QUEUED or provider is None or provider.blocked_until is None:
        return None
    left = (provider.blocked_until - house.now).total_seconds()
    if left <= 0:
        return None
    event = run.last.get("run.throttled")
    reason = event.reason if event else ""
    return Finding(
        Cause.THROTTLED,
        Severity.WAIT,
        f"{provider.label} asked us to wait; it is called again in {span(left)} and this goes on by"
        " itself.",
        (
            Evidence("database", f"Blocked until {clock(provider.blocked_until)}."),
            *([Evidence(provider.label, reason, event.at)] if event and reason else []),
        ),
        run_id=run.id,
        since=event.at if event else None,
        is_healing=True,
    )


def _is_registered(house: House, run: RunFacts) -> bool:
    state = house.providers.get(run.provider)
    return state is None or state.is_registered or run.state is not RunState.QUEUED


def _is_crowded(house: House, run: RunFacts) -> bool:
    """Others have their turn first, or the queues are as full as the dispatcher lets them be."""
    depth = sum(house.queue.depths.values()) if house.queue else 0
    return run.ahead > 0 or depth >= house.room


def _pace(house: House, run: RunFacts) -> float:
    """A provider that admits few creates lets even the first in the line wait."""
    state = house.providers.get(run.provider)
    return 3.0 * state.seconds_between_creates if state else 0.0


def _in_line(house: House, run: RunFacts) -> Finding:
    told = f"{run.ahead} others are before it" if run.ahead else "the queues are full"
    return Finding(
        Cause.WAITING_ITS_TURN,
        Severity.WAIT,
        f"It waits for its turn: {told}. It was started {since(run.created_at, house.now)} ago.",
        (Evidence("database", f"Due, not rung yet; {told}."),),
        run_id=run.id,
        since=run.created_at,
    )


def _never_enqueued(house: House, run: RunFacts, why: str) -> Finding:
    return Finding(
        Cause.NEVER_ENQUEUED,
        Severity.ACT,
        f"The queue was never rung for this step: {why}. Ring again, and a worker takes it at once.",
        (Evidence("database", f"Due at {clock(run.due_at)}, never rung.", run.due_at),),
        (
            RemedyOffer("requeue", run.id),
            RemedyOffer("fail_and_refund", run.id),
        ),
        run_id=run.id,
        since=min(run.due_at, house.now),
    )
