"""The queues in Redis, by RQ: jobs that name a step of a run, nothing else.

The connection fails at once instead of retrying: the database holds the truth meanwhile. Reads
use plain commands, pipelined, and change no key: RQ's own counts clean up in the caller.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any, cast

from redis import Redis, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue as RedisQueue
from rq.defaults import RQ_KEY_PREFIX
from rq.serializers import JSONSerializer
from rq.suspension import resume

from services.core.errors import QueueUnavailableError
from services.core.server_problem import ServerProblem
from services.core.states import QueueName
from services.queue import rq_jobs as raw
from services.queue.base import JobFacts, QueueCounts, QueuedStep, QueueServer, QueueWorker
from services.queue.redis_problems import WRONG_SERVER, redis_problem

FAILURE_TTL_SECONDS = 7 * 24 * 3600
STEPS_MODULE = "workers.steps"
REST_SECONDS = 5.0
"""For pages: a Redis that hangs costs a second of waiting, so it is not asked again for so long."""
BATCH = 500
"""Jobs in one round trip: an answer of a second would be taken for no answer."""


_PROBE = f"{RQ_KEY_PREFIX}:atelier-probe"


def connect(redis_url: str, timeout_seconds: float = 1.0) -> Redis:
    """A client that raises at once when Redis is away."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


class RqQueue:
    """The three RQ queues; `rest_seconds`: how long a Redis that was away is not asked again."""

    def __init__(self, connection: Redis, rest_seconds: float = 0.0) -> None:
        self._connection = connection
        self._rest_seconds = rest_seconds
        self._rests_until = 0.0
        self._problem: ServerProblem | None = None
        self._queues = {
            name: RedisQueue(name.value, connection=connection, serializer=JSONSerializer)
            for name in QueueName
        }

    def enqueue(self, steps: Sequence[QueuedStep]) -> None:
        """Enqueue in one pipeline; a job's hash goes as soon as it is done."""
        with self._asked(), self._connection.pipeline() as pipeline:
            for name, queue in self._queues.items():
                jobs = [_job_of(step) for step in steps if step.queue == name]
                if jobs:
                    queue.enqueue_many(jobs, pipeline=pipeline)
            pipeline.execute()

    def waiting_job_ids(self) -> set[str]:
        """One round trip; the dispatcher enqueues only a little ahead, so the lists are short."""
        with self._asked(), self._connection.pipeline(transaction=False) as pipeline:
            for queue in self._queues.values():
                pipeline.lrange(queue.key, 0, -1)
            lists = cast(list[list[bytes]], pipeline.execute())
        return {job_id.decode() for job_ids in lists for job_id in job_ids}

    def depths(self) -> dict[QueueName, int]:
        """One round trip."""
        with self._asked(), self._connection.pipeline(transaction=False) as pipeline:
            for queue in self._queues.values():
                pipeline.llen(queue.key)
            lengths = cast(list[int], pipeline.execute())
        return dict(zip(self._queues, lengths, strict=True))

    def is_suspended(self) -> bool:
        """RQ's `rq suspend`, by whoever gave it."""
        with self._asked():
            return bool(self._connection.exists(raw.SUSPENDED))

    def resume_all(self) -> None:
        """As `rq resume` does."""
        with self._asked():
            resume(self._connection)

    def check(self) -> None:
        """Set and delete a key in one transaction: PING also answers in a full or read-only server."""
        with self._asked(), self._connection.pipeline() as pipeline:
            pipeline.set(_PROBE, 1)
            pipeline.delete(_PROBE)
            pipeline.execute()

    def server(self) -> QueueServer | None:
        """INFO and CONFIG GET, where the server allows them."""
        with self._asked():
            try:
                info = cast(Mapping[str, Any], self._connection.info("all"))
            except exceptions.NoPermissionError:
                return None
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
        with self._asked():
            return raw.clock_of(self._connection.time()).timestamp()

    def job_facts(self, job_ids: Sequence[str]) -> Mapping[str, JobFacts]:
        """Two round trips for each 500 jobs; queues and hashes are of one and the same moment."""
        facts: dict[str, JobFacts] = {}
        for start in range(0, len(job_ids), BATCH):
            facts.update(self._some_facts(job_ids[start : start + BATCH]))
        return facts

    def tracebacks(self, job_ids: Iterable[str]) -> Mapping[str, str]:
        """One round trip."""
        wanted = list(job_ids)
        with self._asked(), self._connection.pipeline(transaction=False) as pipeline:
            for job_id in wanted:
                raw.ask_traceback(pipeline, job_id)
            answers = pipeline.execute()
        found = zip(wanted, map(raw.traceback_of, answers), strict=True)
        return {job_id: traceback for job_id, traceback in found if traceback}

    def counts(self, overdue_seconds: float = 7200.0) -> QueueCounts:
        """Three round trips, whatever lies in Redis."""
        with self._asked():
            now = raw.clock_of(self._connection.time()).timestamp()
            with self._connection.pipeline(transaction=False) as pipeline:
                for name in raw.QUEUES:
                    raw.ask_counts(pipeline, name, now, now - overdue_seconds)
                pipeline.smembers(raw.WORKERS)
                pipeline.exists(raw.SUSPENDED)
                pipeline.info("memory")
                *counted, workers, suspended, memory = pipeline.execute(raise_on_error=False)
            for answer in (*counted, workers, suspended):
                if isinstance(answer, exceptions.RedisError):
                    raise answer
            numbers = raw.split(counted, raw.COMMANDS_A_QUEUE)
            enqueued, known = self._heads_and_workers(
                [head for head, *_ in numbers], sorted(workers)
            )
        lines = zip(raw.QUEUES, numbers, enqueued, strict=True)
        return QueueCounts(
            queues={name: raw.line_of(counts, since) for name, counts, since in lines},
            workers=known,
            is_suspended=bool(suspended),
            used_memory_bytes=int(memory["used_memory"]) if isinstance(memory, dict) else None,
        )

    @contextmanager
    def _asked(self) -> Iterator[None]:
        if self._problem and monotonic() < self._rests_until:
            raise QueueUnavailableError(problem=self._problem)
        try:
            yield
        except exceptions.RedisError as error:
            problem = redis_problem(error)
            if isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError):
                self._rests_until = monotonic() + self._rest_seconds
                self._problem = problem
            if problem.code in WRONG_SERVER:
                # Behind a proxy, a new connection may reach the new primary.
                self._connection.connection_pool.disconnect()
            raise QueueUnavailableError(problem=problem) from error

    def _some_facts(self, job_ids: Sequence[str]) -> dict[str, JobFacts]:
        # One transaction: a job that is taken in between would be in no queue and look lost.
        with self._asked(), self._connection.pipeline(transaction=True) as pipeline:
            raw.ask_places(pipeline)
            for job_id in job_ids:
                raw.ask_job(pipeline, job_id)
            answers = pipeline.execute()
        first = 1 + 2 * len(raw.QUEUES)
        places = raw.places_of(answers[:first])
        by_job = dict(zip(job_ids, raw.split(answers[first:], raw.COMMANDS_A_JOB), strict=True))
        living = self._living({name for it in by_job.values() if (name := raw.worker_of(it))})
        return {job_id: raw.facts_of(job_id, by_job[job_id], places, living) for job_id in job_ids}

    def _living(self, names: Iterable[str]) -> frozenset[str]:
        """Those whose key is there; RQ leaves it for a minute after a clean stop."""
        wanted = sorted(names)
        with self._asked(), self._connection.pipeline(transaction=False) as pipeline:
            for name in wanted:
                pipeline.hmget(f"{raw.WORKER}{name}", raw.WORKER_FIELDS)
            answers = pipeline.execute()
        found = zip(wanted, answers, strict=True)
        return frozenset(name for name, answer in found if raw.is_living(answer))

    def _heads_and_workers(
        self, heads: Sequence[bytes | None], keys: Sequence[bytes]
    ) -> tuple[list[datetime | None], tuple[QueueWorker, ...]]:
        """When the first job of each queue was enqueued, and every worker that still lives."""
        with self._connection.pipeline(transaction=False) as pipeline:
            for head in heads:
                raw.ask_enqueued_at(pipeline, head)
            for key in keys:
                pipeline.hmget(key.decode(), raw.WORKER_FIELDS)
            answers = pipeline.execute()
        workers = zip(keys, answers[len(heads) :], strict=True)
        return (
            [raw.time_of(answer) for answer in answers[: len(heads)]],
            tuple(raw.read_worker(key, it) for key, it in workers if raw.is_living(it)),
        )

    def _is_snapshotting(self) -> bool | None:
        try:
            config = cast(Mapping[str, str], self._connection.config_get("save"))
        except exceptions.ResponseError:
            # Hosted servers refuse CONFIG.
            return None
        return bool(config.get("save"))


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


def _is_write_failing(info: Mapping[str, Any]) -> bool:
    names = ("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status")
    return any(info.get(name, "ok") != "ok" for name in names)
