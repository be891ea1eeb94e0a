"""Reads RQ's jobs with plain commands, pipelined: RQ's own counts clean up in the caller.

No command here writes, and no key changes.
"""

import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isinf
from time import monotonic
from typing import Any, cast

from redis import Redis, exceptions
from redis.client import Pipeline
from rq.defaults import FORMAT_KEY_PREFIX, RQ_KEY_PREFIX

from services.core.errors import QueueUnavailableError
from services.core.redaction import redact
from services.core.states import QueueName
from services.queue.base import JobFacts, QueueCounts, QueueLine, QueueState, QueueWorker

MOST_CHARACTERS = 8_000
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def text_of(raw: bytes | None) -> str | None:
    """A text field; None where it is missing or empty."""
    return raw.decode("utf-8", "replace") or None if raw else None


def time_of(raw: bytes | None) -> datetime | None:
    """A time as RQ writes it; None where there is none."""
    words = text_of(raw)
    try:
        return datetime.strptime(words, _TIME).replace(tzinfo=UTC) if words else None
    except ValueError:
        return None


def queues_of(raw: bytes | None) -> tuple[QueueName, ...]:
    """Our queues among the names that a worker listens to."""
    names = (text_of(raw) or "").split(",")
    return tuple(queue for queue in QueueName if queue.value in names)


def traceback_of(results: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> str | None:
    """The traceback in the newest entry of a job's results, its end if it is long.

    Secrets in it are masked.
    """
    packed = results[0][1].get(b"exc_string") if results else None
    if not packed:
        return None
    try:
        text = zlib.decompress(b64decode(packed)).decode("utf-8", "replace")
    except (ValueError, zlib.error):
        return None
    return redact(text.strip())[-MOST_CHARACTERS:]


def last_line(text: str | None) -> str | None:
    """The line that says what went wrong; None without a text."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:500] if lines else None


QUEUES = tuple(QueueName)
REST_SECONDS = 5.0
"""A Redis that hangs costs a second of waiting: so long it is not asked again."""
BATCH = 500
"""Jobs in one round trip: an answer of a second would be taken for no answer."""
_JOB = f"{FORMAT_KEY_PREFIX}:job:{{}}"
_RESULTS = f"{FORMAT_KEY_PREFIX}:results:{{}}"
_LIST = f"{FORMAT_KEY_PREFIX}:queue:{{}}"
_STARTED = f"{FORMAT_KEY_PREFIX}:wip:{{}}"
_FAILED = f"{FORMAT_KEY_PREFIX}:failed:{{}}"
_DELAYED = f"{FORMAT_KEY_PREFIX}:scheduled:{{}}"
_SUSPENDED = f"{RQ_KEY_PREFIX}:suspended"
_WORKERS = f"{RQ_KEY_PREFIX}:workers"
_WORKER = f"{RQ_KEY_PREFIX}:worker:"
_JOB_FIELDS = ("status", "worker_name", "enqueued_at", "started_at")
_WORKER_FIELDS = ("birth", "death", "queues", "state", "last_heartbeat")
_COMMANDS_A_JOB, _COMMANDS_A_QUEUE = 6, 6


@dataclass(frozen=True)
class _JobPlaces:
    """Where jobs are: id → (queue, position), and id → when its heartbeat in the registry expires."""

    now: datetime
    waiting: Mapping[str, tuple[QueueName, int]]
    started: Mapping[str, float]


class RqJobReads:
    """The Redis of RQ's queues."""

    def __init__(self, connection: Redis, rest_seconds: float = REST_SECONDS) -> None:
        self._connection = connection
        self._rest_seconds = rest_seconds
        self._rests_until = 0.0

    def job_facts(self, job_ids: Sequence[str]) -> Mapping[str, JobFacts]:
        """Two round trips for each 500 jobs; queues and hashes are of one and the same moment."""
        facts: dict[str, JobFacts] = {}
        for start in range(0, len(job_ids), BATCH):
            facts.update(self._some_facts(job_ids[start : start + BATCH]))
        return facts

    def _some_facts(self, job_ids: Sequence[str]) -> dict[str, JobFacts]:
        places, answers_by_job = self._places_and_answers(job_ids)
        names = {name for answers in answers_by_job.values() if (name := text_of(answers[1][1]))}
        living = self._living(names)
        return {
            job_id: _facts(job_id, answers_by_job[job_id], places, living) for job_id in job_ids
        }

    def tracebacks(self, job_ids: Iterable[str]) -> Mapping[str, str]:
        """One round trip."""
        wanted = list(job_ids)
        with self._asked(), self._connection.pipeline(transaction=False) as pipeline:
            for job_id in wanted:
                pipeline.xrevrange(_RESULTS.format(job_id), count=1)
            answers = pipeline.execute()
        found = {
            job_id: traceback_of(answer) for job_id, answer in zip(wanted, answers, strict=True)
        }
        return {job_id: traceback for job_id, traceback in found.items() if traceback}

    def counts(self) -> QueueCounts:
        """Three round trips, whatever lies in Redis."""
        with self._asked():
            now = _time(self._connection.time())
            with self._connection.pipeline(transaction=False) as pipeline:
                for name in QUEUES:
                    _count(pipeline, name, now.timestamp())
                pipeline.smembers(_WORKERS)
                pipeline.exists(_SUSPENDED)
                pipeline.info("memory")
                *counted, workers, suspended, memory = pipeline.execute()
            numbers = _split(counted, _COMMANDS_A_QUEUE)
            enqueued, known = self._heads_and_workers(
                [head for head, *_ in numbers], sorted(workers)
            )
        lines = zip(QUEUES, numbers, enqueued, strict=True)
        return QueueCounts(
            queues={name: _line(counts, since) for name, counts, since in lines},
            workers=known,
            is_suspended=bool(suspended),
            used_memory_bytes=int(memory["used_memory"]),
        )

    def queue_state(self) -> QueueState:
        """Of the counts, what the diagnosis needs."""
        counted = self.counts()
        return QueueState(
            depths={name: line.waiting for name, line in counted.queues.items()},
            is_suspended=counted.is_suspended,
            listening={
                name: sum(name in worker.queues for worker in counted.workers) for name in QUEUES
            },
        )

    @contextmanager
    def _asked(self) -> Iterator[None]:
        if monotonic() < self._rests_until:
            raise QueueUnavailableError()
        try:
            yield
        except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
            self._rests_until = monotonic() + self._rest_seconds
            raise QueueUnavailableError() from error
        except exceptions.RedisError as error:
            raise QueueUnavailableError() from error

    def _places_and_answers(
        self, job_ids: Sequence[str]
    ) -> tuple[_JobPlaces, dict[str, list[Any]]]:
        # One transaction: a job that is taken in between would be in no queue and look lost.
        with self._asked(), self._connection.pipeline(transaction=True) as pipeline:
            pipeline.time()
            for name in QUEUES:
                pipeline.lrange(_LIST.format(name.value), 0, -1)
                pipeline.zrange(_STARTED.format(name.value), 0, -1, withscores=True)
            for job_id in job_ids:
                _ask(pipeline, job_id)
            answers = pipeline.execute()
        first = 1 + 2 * len(QUEUES)
        answers_by_job = dict(zip(job_ids, _split(answers[first:], _COMMANDS_A_JOB), strict=True))
        return _job_places(answers[:first]), answers_by_job

    def _living(self, names: Iterable[str]) -> frozenset[str]:
        """Those whose key is there; RQ leaves it for a minute after a clean stop."""
        wanted = sorted(names)
        with self._asked(), self._connection.pipeline(transaction=False) as pipeline:
            for name in wanted:
                pipeline.hmget(f"{_WORKER}{name}", _WORKER_FIELDS)
            answers = pipeline.execute()
        return frozenset(
            name for name, answer in zip(wanted, answers, strict=True) if _is_living(answer)
        )

    def _heads_and_workers(
        self, heads: Sequence[bytes | None], keys: Sequence[bytes]
    ) -> tuple[list[datetime | None], tuple[QueueWorker, ...]]:
        """When the first job of each queue was enqueued, and every worker that still lives."""
        with self._connection.pipeline(transaction=False) as pipeline:
            for head in heads:
                pipeline.hget(_JOB.format((head or b"").decode()), "enqueued_at")
            for key in keys:
                pipeline.hmget(key.decode(), _WORKER_FIELDS)
            answers = pipeline.execute()
        workers = zip(keys, answers[len(heads) :], strict=True)
        return (
            [time_of(cast(bytes | None, raw)) for raw in answers[: len(heads)]],
            tuple(_worker(key, answer) for key, answer in workers if _is_living(answer)),
        )


def _ask(pipeline: Pipeline, job_id: str) -> None:
    key = _JOB.format(job_id)
    # Without its data RQ cannot run it: a late heartbeat leaves such a hash behind.
    pipeline.hexists(key, "data")
    pipeline.hmget(key, _JOB_FIELDS)
    for name in QUEUES:
        pipeline.zscore(_FAILED.format(name.value), job_id)
    pipeline.xrevrange(_RESULTS.format(job_id), count=1)


def _job_places(answers: Sequence[Any]) -> _JobPlaces:
    clock, *lists = answers
    waiting = {
        job_id.decode(): (name, position)
        for name, job_ids in zip(QUEUES, lists[::2], strict=True)
        for position, job_id in enumerate(job_ids)
    }
    started: dict[str, float] = {}
    for member, score in (pair for pairs in lists[1::2] for pair in pairs):
        # A member is `<job>:<execution>`; a job that ran twice has two.
        job_id = member.decode().partition(":")[0]
        started[job_id] = max(score, started.get(job_id, score))
    return _JobPlaces(_time(clock), waiting, started)


def _time(clock: tuple[int, int]) -> datetime:
    seconds, microseconds = clock
    return datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)


def _count(pipeline: Pipeline, name: QueueName, now: float) -> None:
    pipeline.lindex(_LIST.format(name.value), 0)
    pipeline.llen(_LIST.format(name.value))
    pipeline.zcard(_STARTED.format(name.value))
    pipeline.zcount(_STARTED.format(name.value), 0, now)
    pipeline.zcard(_FAILED.format(name.value))
    pipeline.zcard(_DELAYED.format(name.value))


def _split(answers: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(answers[start : start + size]) for start in range(0, len(answers), size)]


def _line(numbers: Sequence[Any], oldest_at: datetime | None) -> QueueLine:
    _, waiting, started, abandoned, failed, delayed = numbers
    return QueueLine(waiting, started, abandoned, failed, delayed, oldest_at)


def _is_living(fields: Sequence[bytes | None]) -> bool:
    birth, death, *_ = fields
    return birth is not None and death is None


def _worker(key: bytes, fields: Sequence[bytes | None]) -> QueueWorker:
    _, _, queues, state, heartbeat = fields
    return QueueWorker(
        name=key.decode().removeprefix(_WORKER),
        queues=queues_of(queues),
        state=text_of(state) or "idle",
        heartbeat_at=time_of(heartbeat),
    )


def _facts(
    job_id: str, answers: Sequence[Any], places: _JobPlaces, living: frozenset[str]
) -> JobFacts:
    has_hash, (status, worker_name, enqueued_at, started_at), *failed, results = answers
    worker = text_of(worker_name)
    queue, position = places.waiting.get(job_id, (None, None))
    until = places.started.get(job_id)
    return JobFacts(
        job_id=job_id,
        has_hash=bool(has_hash),
        status=text_of(status),
        in_queue=queue,
        position=position,
        started_until=_moment(until),
        is_started_over=until is not None and until < places.now.timestamp(),
        is_failed=any(score is not None for score in failed),
        worker=worker,
        has_worker_key=worker in living if worker else None,
        enqueued_at=time_of(enqueued_at),
        started_at=time_of(started_at),
        error=last_line(traceback_of(results)),
    )


def _moment(score: float | None) -> datetime | None:
    if score is None:
        return None
    # RQ writes infinity where a job may take for ever.
    return datetime.max.replace(tzinfo=UTC) if isinf(score) else datetime.fromtimestamp(score, UTC)
