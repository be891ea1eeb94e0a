"""RQ's queues: jobs that name a step of a run, nothing else; and what the check-up asks of Redis.

The connection fails at once instead of retrying: the database holds the truth meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry
from rq import Queue as RedisQueue
from rq.defaults import FORMAT_KEY_PREFIX, RQ_KEY_PREFIX
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended, resume

from services.core.errors import QueueUnavailableError
from services.core.states import QueueName
from services.queue.base import QueuedStep, QueueJobs, QueueServer

FAILURE_TTL_SECONDS = 7 * 24 * 3600
STEPS_MODULE = "workers.steps"


def connect(redis_url: str, timeout_seconds: float = 1.0) -> Redis:
    """A client that raises at once when Redis is away."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


class RqQueue:
    """The three RQ queues."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queues = {
            name: RedisQueue(name.value, connection=connection, serializer=JSONSerializer)
            for name in QueueName
        }

    def enqueue(self, steps: Sequence[QueuedStep]) -> None:
        """Enqueue in one pipeline; a job's hash goes as soon as it is done."""
        with _translated(), self._connection.pipeline() as pipeline:
            for name, queue in self._queues.items():
                jobs = [_job_of(step) for step in steps if step.queue == name]
                if jobs:
                    queue.enqueue_many(jobs, pipeline=pipeline)
            pipeline.execute()

    def waiting_job_ids(self) -> set[str]:
        """One round trip; the dispatcher enqueues only a little ahead, so the lists are short."""
        with _translated(), self._connection.pipeline(transaction=False) as pipeline:
            for queue in self._queues.values():
                pipeline.lrange(queue.key, 0, -1)
            lists = cast(list[list[bytes]], pipeline.execute())
        return {job_id.decode() for job_ids in lists for job_id in job_ids}

    def depths(self) -> dict[QueueName, int]:
        """One round trip; never RQ's own counts, which clean up in the caller."""
        with _translated(), self._connection.pipeline(transaction=False) as pipeline:
            for queue in self._queues.values():
                pipeline.llen(queue.key)
            lengths = cast(list[int], pipeline.execute())
        return dict(zip(self._queues, lengths, strict=True))

    def is_suspended(self) -> bool:
        """RQ's `rq suspend`, by whoever gave it."""
        with _translated():
            return bool(is_suspended(self._connection))

    def resume_all(self) -> None:
        """As `rq resume` does."""
        with _translated():
            resume(self._connection)

    def check(self) -> None:
        """PING."""
        with _translated():
            self._connection.ping()


def _job_of(step: QueuedStep) -> Any:
    return RedisQueue.prepare_data(
        cast(Callable[..., Any], f"{STEPS_MODULE}.{step.step}"),
        args=[step.run_id, step.seq],
        job_id=step.job_id,
        timeout=step.timeout_seconds,
        result_ttl=0,
        failure_ttl=FAILURE_TTL_SECONDS,
        description=f"{step.step} {step.run_id}",
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise QueueUnavailableError() from error


_QUEUE = f"{FORMAT_KEY_PREFIX}:queue:{{}}"
_STARTED = f"{FORMAT_KEY_PREFIX}:wip:{{}}"
_SUSPENDED = f"{RQ_KEY_PREFIX}:suspended"
_WORKERS = f"{RQ_KEY_PREFIX}:workers"
_FAILED = f"{FORMAT_KEY_PREFIX}:failed:{{}}"


class RqReporter:
    """The Redis of RQ's queues."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    def server(self) -> QueueServer:
        """INFO, and CONFIG GET where the server allows it."""
        with _translated():
            info = cast(Mapping[str, Any], self._connection.info("all"))
            return QueueServer(
                version=str(info["redis_version"]),
                eviction_policy=str(info.get("maxmemory_policy", "")),
                max_memory_bytes=int(info.get("maxmemory", 0)),
                used_memory_bytes=int(info.get("used_memory", 0)),
                is_replica=info.get("role") == "slave",
                is_appending=bool(info.get("aof_enabled")),
                is_snapshotting=self._is_snapshotting(),
                is_write_failing=_is_write_failing(info),
            )

    def time(self) -> float:
        """TIME."""
        with _translated():
            seconds, microseconds = self._connection.time()
        return seconds + microseconds / 1_000_000

    def jobs(self, overdue_seconds: float) -> QueueJobs:
        """Lengths alone, in three round trips, whatever lies in Redis."""
        now = self.time()
        names = list(QueueName)
        with _translated(), self._connection.pipeline(transaction=False) as pipeline:
            for name in names:
                _count(pipeline, name.value, now, now - overdue_seconds)
            pipeline.exists(_SUSPENDED)
            *counts, suspended = cast(list[int], pipeline.execute())
        waiting, started, abandoned, failed, overdue = (counts[at::5] for at in range(5))
        return QueueJobs(
            waiting=dict(zip(names, waiting, strict=True)),
            started=sum(started),
            abandoned=sum(abandoned),
            failed=sum(failed),
            overdue=sum(overdue),
            listening=self._listening(),
            is_suspended=bool(suspended),
        )

    def _listening(self) -> int:
        """Workers whose key is there: a dead one stays in the set until the next clean-up."""
        with _translated():
            known = self._connection.smembers(_WORKERS)
            return self._connection.exists(*known) if known else 0

    def _is_snapshotting(self) -> bool | None:
        try:
            config = cast(Mapping[str, str], self._connection.config_get("save"))
        except ResponseError:
            # Hosted servers refuse CONFIG.
            return None
        return bool(config.get("save"))


def _count(pipeline: Pipeline, queue: str, now: float, overdue: float) -> None:
    pipeline.llen(_QUEUE.format(queue))
    pipeline.zcard(_STARTED.format(queue))
    pipeline.zcount(_STARTED.format(queue), 0, now)
    pipeline.zcard(_FAILED.format(queue))
    # A score of -1 means for ever.
    pipeline.zcount(_FAILED.format(queue), 0, overdue)


def _is_write_failing(info: Mapping[str, Any]) -> bool:
    names = ("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status")
    return any(info.get(name, "ok") != "ok" for name in names)
