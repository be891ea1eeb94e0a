"""Rings that never were, jobs that Redis lost, pauses, and a Redis that is away."""

import os
import signal
from contextlib import suppress

from redis.exceptions import RedisError

from bench.faults.environment import Ground
from bench.faults.fault import Plant
from services.core.errors import InvalidRequestError
from services.core.states import QueueName, RunState
from services.diagnosis.causes import Cause
from services.pipeline.events import EventName
from services.remedies.base import RemedyKind

FORGOTTEN = """
    UPDATE app.runs SET due_at = clock_timestamp() + interval '6 hours', rung_at = NULL,
      seq = seq + 1
    WHERE generation_id = ANY(:ids) AND lease_until IS NULL AND due_at < clock_timestamp()
      + interval '1 hour' AND state IN ('queued', 'waiting', 'ingesting')
    """


def never_rung(ground: Ground, count: int) -> list[str]:
    """A due time far in the future, as a clock that was wrong leaves it."""
    started = ground.start_poses("never rung", count)
    changed: list[int] = []
    ground.wait_for("they wait unclaimed", lambda: _all_forgotten(ground, started, changed))
    return started


def _all_forgotten(ground: Ground, ids: list[str], changed: list[int]) -> bool:
    changed.append(ground.sql(FORGOTTEN, ids=ids))
    return sum(changed) >= len(ids)


def _rung(ground: Ground, words: str, count: int) -> list[str]:
    """Rung, and taken by nobody: the workers are stopped."""
    ground.signal("worker", signal.SIGSTOP)
    started = ground.start_poses(words, count)
    ground.wait_for(
        "they are rung", lambda: all(run.rung_at is not None for run in ground.runs(started))
    )
    return started


def redis_lost_job(ground: Ground, count: int) -> list[str]:
    """The jobs vanish from Redis while no worker runs, as after a restart without its file."""
    started = _rung(ground, "lost by Redis", count)
    _drop(ground, started, with_hash=True)
    ground.undo()
    return started


def lost_at_dequeue(ground: Ground, count: int) -> list[str]:
    """The workers die right after Redis has handed the jobs to them."""
    started = _rung(ground, "lost at dequeue", count)
    # A stopped worker's blocking read is answered all the same; what it did not take goes, too.
    _drop(ground, started, with_hash=False)
    ground.signal("worker", signal.SIGKILL)
    ground.revive()
    ground.undo()
    return started


def _drop(ground: Ground, ids: list[str], *, with_hash: bool) -> None:
    for run in ground.runs(ids):
        job_id = f"{run.id}-{run.seq}"
        for queue in QueueName:
            ground.redis.lrem(f"rq:queue:{queue.value}", 0, job_id)
        if with_hash:
            ground.redis.delete(f"rq:job:{job_id}")


def queue_paused(ground: Ground, count: int) -> list[str]:
    """Somebody paused the queue of submits on the Jobs page."""
    for queue in (QueueName.HIGH, QueueName.DEFAULT):
        ground.services.jobs.pause_queue(ground.actor, queue, "planted")
    ground.later(lambda: _resume(ground))
    return ground.start_poses("a paused queue", count)


def _resume(ground: Ground) -> None:
    for queue in (QueueName.HIGH, QueueName.DEFAULT):
        # A remedy may have been there before.
        with suppress(InvalidRequestError):
            ground.services.jobs.resume_queue(ground.actor, queue, "planted")


def suspended(ground: Ground, count: int) -> list[str]:
    """`rq suspend`: workers take nothing more."""
    ground.redis.set("rq:suspended", 1)
    ground.later(lambda: _drop_key(ground, "rq:suspended"))
    # Idle workers sit in a blocking read and would still take one job each.
    ground.signal("worker", signal.SIGSTOP)
    started = ground.start_poses("suspended", count)
    ground.wait_for(
        "they are rung", lambda: all(run.rung_at is not None for run in ground.runs(started))
    )
    return started


def _drop_key(ground: Ground, key: str) -> None:
    ground.redis.delete(key)


def queue_away(ground: Ground, count: int) -> list[str]:
    """Redis stops answering."""
    pid = int(ground.redis.info("server")["process_id"])
    started = ground.start_poses("no Redis", count)
    ground.wait_states(started, RunState.WAITING, RunState.QUEUED, RunState.SUBMITTING)
    _stop(ground, pid)
    return started


def _stop(ground: Ground, pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    ground.later(lambda: os.kill(pid, signal.SIGCONT))
    with suppress(RedisError):
        ground.redis.close()


QUEUE_PLANTS = {
    "never-rung": Plant(
        Cause.NEVER_RUNG,
        never_rung,
        "its due time is moved six hours ahead",
        remedy=RemedyKind.RING_AGAIN,
    ),
    "redis-lost-job": Plant(
        Cause.REDIS_LOST_JOB,
        redis_lost_job,
        "the job is deleted in Redis after it was rung",
        heals=True,
        event=EventName.RUN_RUNG_AGAIN,
        remedy=RemedyKind.RING_AGAIN,
    ),
    "lost-at-dequeue": Plant(
        Cause.LOST_AT_DEQUEUE,
        lost_at_dequeue,
        "the workers are killed right after they were given the job",
        heals=True,
        event=EventName.RUN_RUNG_AGAIN,
        remedy=RemedyKind.RING_AGAIN,
    ),
    "queue-paused": Plant(
        Cause.QUEUE_PAUSED,
        queue_paused,
        "the queues high and default are paused",
        is_global=True,
        remedy=RemedyKind.RESUME_QUEUE,
    ),
    "suspended": Plant(
        Cause.QUEUE_PAUSED,
        suspended,
        "RQ itself is suspended",
        is_global=True,
        remedy=RemedyKind.UNSUSPEND,
    ),
    "queue-away": Plant(
        Cause.QUEUE_AWAY, queue_away, "the Redis process is stopped", is_global=True
    ),
}
