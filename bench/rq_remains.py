"""What lies in Redis after bad days: many jobs that failed for real, a killed worker, a lost job."""

import hashlib
from collections.abc import Iterator
from typing import Any

from redis import Redis
from rq import Queue as RedisQueue
from rq import SimpleWorker
from rq.serializers import JSONSerializer

QUEUE = "high"
BATCH = 2_000
FAILED = f"rq:failed:{QUEUE}"
LOST_JOB = "run_lost-1"
KILLED_WORKER = "rq:worker:killed"


class ModelError(Exception):
    """What the jobs failed with."""


def fail(run_id: str, seq: int) -> None:
    """A job as a step's, that fails."""
    raise ModelError(f"CUDA out of memory in step {seq} of {run_id}")


def plant_failed(redis: Redis, count: int) -> None:
    """One job fails in RQ's own worker; its hash and its result are written again under other ids."""
    queue = RedisQueue(QUEUE, connection=redis, serializer=JSONSerializer)
    job = queue.enqueue(fail, "run_first", 1, job_id="run_first-1", failure_ttl=7 * 24 * 3600)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(
        burst=True, logging_level="CRITICAL"
    )
    fields: Any = redis.hgetall(f"rq:job:{job.id}")
    result: Any = redis.xrange(f"rq:results:{job.id}")[0][1]  # type: ignore[index]
    until = redis.zscore(FAILED, job.id) or 0.0
    for first in range(1, count, BATCH):
        with redis.pipeline(transaction=False) as pipeline:
            for number in range(first, min(first + BATCH, count)):
                job_id = f"run_{number:08}-1"
                pipeline.hset(f"rq:job:{job_id}", mapping=fields)
                pipeline.xadd(f"rq:results:{job_id}", result)
                pipeline.zadd(FAILED, {job_id: until + number / count})
            pipeline.execute()


def plant_remains(redis: Redis) -> None:
    """A worker that was killed: its key is over, its name still listed. A waiting job without hash."""
    redis.sadd("rq:workers", KILLED_WORKER)
    redis.rpush(f"rq:queue:{QUEUE}", LOST_JOB)


def digests(redis: Redis) -> dict[bytes, bytes]:
    """Every key with a hash of what it holds."""
    kept: dict[bytes, bytes] = {}
    for keys in _batches(redis):
        with redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.dump(key)
            dumps = pipeline.execute()
        kept.update(
            (key, hashlib.blake2b(dump or b"", digest_size=16).digest())
            for key, dump in zip(keys, dumps, strict=True)
        )
    return kept


def changed_keys(before: dict[bytes, bytes], after: dict[bytes, bytes]) -> set[bytes]:
    """Those that are new, gone, or hold something else."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _batches(redis: Redis) -> Iterator[list[bytes]]:
    keys: list[bytes] = []
    for key in redis.scan_iter(count=BATCH):
        keys.append(key)
        if len(keys) >= BATCH:
            yield keys
            keys = []
    yield keys
