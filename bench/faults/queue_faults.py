"""Runs never enqueued, jobs lost by Redis, pauses, and a Redis that does not answer."""

import os
import signal
from contextlib import suppress

from redis.exceptions import RedisError

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import QueueName, RunState
from services.pipeline.events import EventName

POSTPONE = """
    UPDATE app.runs SET due_at = clock_timestamp() + interval '6 hours', enqueued_at = NULL,
      seq = seq + 1
    WHERE generation_id = ANY(:ids) AND lease_until IS NULL AND due_at < clock_timestamp()
      + interval '1 hour' AND state IN ('queued', 'waiting', 'ingesting')
    """


def never_enqueued(environment: Environment, count: int) -> list[str]:
    """Move the due time hours ahead, as a wrong clock would."""
    started = environment.start_poses("never enqueued", count)
    changed: list[int] = []
    environment.wait_for(
        "they wait unclaimed", lambda: _all_postponed(environment, started, changed)
    )
    return started


def _all_postponed(environment: Environment, ids: list[str], changed: list[int]) -> bool:
    changed.append(environment.sql(POSTPONE, ids=ids))
    return sum(changed) >= len(ids)


def _enqueued(environment: Environment, words: str, count: int) -> list[str]:
    """Start runs that are enqueued while the workers are stopped."""
    environment.signal("worker", signal.SIGSTOP)
    started = environment.start_poses(words, count)
    environment.wait_for(
        "they are enqueued",
        lambda: all(run.enqueued_at is not None for run in environment.runs(started)),
    )
    return started


def redis_lost_job(environment: Environment, count: int) -> list[str]:
    """Delete the jobs in Redis, as a restart without its file would."""
    started = _enqueued(environment, "lost by Redis", count)
    _drop(environment, started, with_hash=True)
    environment.undo()
    return started


def lost_at_dequeue(environment: Environment, count: int) -> list[str]:
    """Kill the workers right after Redis handed them the jobs."""
    started = _enqueued(environment, "lost at dequeue", count)
    # A stopped worker's blocking read is still answered; delete what it did not take.
    _drop(environment, started, with_hash=False)
    environment.signal("worker", signal.SIGKILL)
    environment.revive()
    environment.undo()
    return started


def _drop(environment: Environment, ids: list[str], *, with_hash: bool) -> None:
    for run in environment.runs(ids):
        job_id = f"{run.id}-{run.seq}"
        for queue in QueueName:
            environment.redis.lrem(f"rq:queue:{queue.value}", 0, job_id)
        if with_hash:
            environment.redis.delete(f"rq:job:{job_id}")


def queue_paused(environment: Environment, count: int) -> list[str]:
    """Pause the queues of submits, as on the Jobs page."""
    for queue in (QueueName.HIGH, QueueName.DEFAULT):
        environment.services.jobs.pause_queue(environment.actor, queue, "planted")
    environment.later(lambda: _resume(environment))
    return environment.start_poses("a paused queue", count)


def _resume(environment: Environment) -> None:
    # A remedy may have resumed them already.
    environment.sql("UPDATE app.queue_states SET paused_at = NULL, paused_by = NULL")


def suspended(environment: Environment, count: int) -> list[str]:
    """Suspend RQ: workers take no jobs."""
    environment.redis.set("rq:suspended", 1)
    environment.later(lambda: _drop_key(environment, "rq:suspended"))
    # Idle workers sit in a blocking read and would still take one job each.
    environment.signal("worker", signal.SIGSTOP)
    started = environment.start_poses("suspended", count)
    environment.wait_for(
        "they are enqueued",
        lambda: all(run.enqueued_at is not None for run in environment.runs(started)),
    )
    return started


def _drop_key(environment: Environment, key: str) -> None:
    environment.redis.delete(key)


def queue_away(environment: Environment, count: int) -> list[str]:
    """Stop the Redis process."""
    pid = int(environment.redis.info("server")["process_id"])
    started = environment.start_poses("no Redis", count)
    environment.wait_states(started, RunState.WAITING, RunState.QUEUED, RunState.SUBMITTING)
    _stop(environment, pid)
    return started


def _stop(environment: Environment, pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    environment.later(lambda: os.kill(pid, signal.SIGCONT))
    with suppress(RedisError):
        environment.redis.close()


QUEUE_FAULTS = {
    "never-enqueued": Fault(
        "never_enqueued",
        never_enqueued,
        "its due time is moved six hours ahead",
        remedy="requeue",
    ),
    "redis-lost-job": Fault(
        "redis_lost_job",
        redis_lost_job,
        "the job is deleted in Redis after it was enqueued",
        is_rough=True,
        heals=True,
        event=EventName.RUN_REQUEUED,
        remedy="requeue",
    ),
    "lost-at-dequeue": Fault(
        "lost_at_dequeue",
        lost_at_dequeue,
        "the workers are killed right after they were given the job",
        is_rough=True,
        heals=True,
        event=EventName.RUN_REQUEUED,
        remedy="requeue",
    ),
    "queue-paused": Fault(
        "queue_paused",
        queue_paused,
        "the queues high and default are paused",
        is_global=True,
        remedy="resume_queue",
    ),
    "suspended": Fault(
        "queue_paused",
        suspended,
        "RQ itself is suspended",
        is_global=True,
        remedy="resume_rq",
    ),
    "queue-away": Fault("queue_away", queue_away, "the Redis process is stopped", is_global=True),
}
