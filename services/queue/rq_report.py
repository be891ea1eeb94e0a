"""Reads Redis for the check-up with plain commands: RQ's own counts clean up in the caller."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError, ResponseError

from services.core.errors import QueueUnavailableError
from services.core.states import QueueName
from services.queue.report import QueueJobs, QueueServer

_QUEUE = "rq:queue:{}"
_STARTED = "rq:wip:{}"
_FAILED = "rq:failed:{}"


class RqReporter:
    """The Redis of RQ's queues."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    def server(self) -> QueueServer:
        """INFO, and CONFIG GET where the server allows it."""
        with _translated():
            told = cast(Mapping[str, Any], self._connection.info("all"))
            return QueueServer(
                version=str(told["redis_version"]),
                eviction_policy=str(told.get("maxmemory_policy", "")),
                max_memory_bytes=int(told.get("maxmemory", 0)),
                used_memory_bytes=int(told.get("used_memory", 0)),
                is_replica=told.get("role") == "slave",
                is_appending=bool(told.get("aof_enabled")),
                is_snapshotting=self._is_snapshotting(),
                is_write_failing=_is_write_failing(told),
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
            pipeline.exists("rq:suspended")
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
            known = self._connection.smembers("rq:workers")
            return self._connection.exists(*known) if known else 0

    def _is_snapshotting(self) -> bool | None:
        try:
            told = cast(Mapping[str, str], self._connection.config_get("save"))
        except ResponseError:
            # Hosted servers refuse CONFIG.
            return None
        return bool(told.get("save"))


def _count(pipeline: Pipeline, queue: str, now: float, overdue: float) -> None:
    pipeline.llen(_QUEUE.format(queue))
    pipeline.zcard(_STARTED.format(queue))
    pipeline.zcount(_STARTED.format(queue), 0, now)
    pipeline.zcard(_FAILED.format(queue))
    # A score of -1 means for ever.
    pipeline.zcount(_FAILED.format(queue), 0, overdue)


def _is_write_failing(told: Mapping[str, Any]) -> bool:
    names = ("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status")
    return any(told.get(name, "ok") != "ok" for name in names)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise QueueUnavailableError() from error
