"""RQ as the doorbell: jobs that name a step of a run, nothing else.

The connection fails at once instead of retrying: the database holds the truth meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue as RedisQueue
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended, resume

from services.core.errors import QueueUnavailableError
from services.core.states import QueueName
from services.queue.base import QueuedStep

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
        """One round trip; the dispatcher rings only a little ahead, so the lists are short."""
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


def _job_of(ring: QueuedStep) -> Any:
    return RedisQueue.prepare_data(
        cast(Callable[..., Any], f"{STEPS_MODULE}.{ring.step}"),
        args=[ring.run_id, ring.seq],
        job_id=ring.job_id,
        timeout=ring.timeout_seconds,
        result_ttl=0,
        failure_ttl=FAILURE_TTL_SECONDS,
        description=f"{ring.step} {ring.run_id}",
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise QueueUnavailableError() from error
