"""What RQ keeps of jobs and workers: the keys, and how their raw fields are read."""

import zlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isinf
from typing import Any

from redis.client import Pipeline
from rq.defaults import FORMAT_KEY_PREFIX, RQ_KEY_PREFIX

from services.core.redaction import redact
from services.core.states import QueueName
from services.queue.base import JobFacts, QueueLine, QueueWorker

QUEUES = tuple(QueueName)
SUSPENDED = f"{RQ_KEY_PREFIX}:suspended"
WORKERS = f"{RQ_KEY_PREFIX}:workers"
WORKER = f"{RQ_KEY_PREFIX}:worker:"
WORKER_FIELDS = ("birth", "death", "queues", "state")
LIST = f"{FORMAT_KEY_PREFIX}:queue:{{}}"
STARTED = f"{FORMAT_KEY_PREFIX}:wip:{{}}"
FAILED = f"{FORMAT_KEY_PREFIX}:failed:{{}}"
COMMANDS_A_JOB, COMMANDS_A_QUEUE = 6, 7
_DELAYED = f"{FORMAT_KEY_PREFIX}:scheduled:{{}}"
_JOB = f"{FORMAT_KEY_PREFIX}:job:{{}}"
_RESULTS = f"{FORMAT_KEY_PREFIX}:results:{{}}"
_JOB_FIELDS = ("status", "worker_name", "enqueued_at", "started_at")
_MAX_CHARACTERS = 8_000
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class JobPlaces:
    """Where jobs are: id → (queue, position), and id → when its heartbeat in the registry expires."""

    now: datetime
    waiting: Mapping[str, tuple[QueueName, int]]
    started: Mapping[str, float]


def ask_places(pipeline: Pipeline) -> None:
    """Ask for the clock, and for what each queue holds."""
    pipeline.time()
    for name in QUEUES:
        pipeline.lrange(LIST.format(name.value), 0, -1)
        pipeline.zrange(STARTED.format(name.value), 0, -1, withscores=True)


def ask_job(pipeline: Pipeline, job_id: str) -> None:
    """Ask for everything that is held of a job: COMMANDS_A_JOB commands."""
    key = _JOB.format(job_id)
    # Without its data RQ cannot run it: a late heartbeat leaves such a hash behind.
    pipeline.hexists(key, "data")
    pipeline.hmget(key, _JOB_FIELDS)
    for name in QUEUES:
        pipeline.zscore(FAILED.format(name.value), job_id)
    ask_traceback(pipeline, job_id)


def ask_traceback(pipeline: Pipeline, job_id: str) -> None:
    """Ask for the newest result of a job."""
    pipeline.xrevrange(_RESULTS.format(job_id), count=1)


def ask_enqueued_at(pipeline: Pipeline, job_id: bytes | None) -> None:
    """Ask when a job was enqueued."""
    pipeline.hget(_JOB.format((job_id or b"").decode()), "enqueued_at")


def ask_counts(pipeline: Pipeline, name: QueueName, now: float, overdue: float) -> None:
    """Ask for a queue's first job and its lengths: COMMANDS_A_QUEUE commands."""
    pipeline.lindex(LIST.format(name.value), 0)
    pipeline.llen(LIST.format(name.value))
    pipeline.zcard(STARTED.format(name.value))
    pipeline.zcount(STARTED.format(name.value), 0, now)
    pipeline.zcard(FAILED.format(name.value))
    # A score of -1 means for ever.
    pipeline.zcount(FAILED.format(name.value), 0, overdue)
    pipeline.zcard(_DELAYED.format(name.value))


def split(answers: Sequence[Any], size: int) -> list[list[Any]]:
    """Return the answers in groups of one size."""
    return [list(answers[start : start + size]) for start in range(0, len(answers), size)]


def time_of(raw: bytes | None) -> datetime | None:
    """Parse a time as RQ writes it; None where there is none."""
    words = _text_of(raw)
    try:
        return datetime.strptime(words, _TIME).replace(tzinfo=UTC) if words else None
    except ValueError:
        return None


def clock_of(answer: tuple[int, int]) -> datetime:
    """Parse Redis's answer to TIME."""
    seconds, microseconds = answer
    return datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)


def traceback_of(results: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> str | None:
    """Return the traceback in the newest of a job's results, its end if it is long, masked."""
    packed = results[0][1].get(b"exc_string") if results else None
    if not packed:
        return None
    try:
        text = zlib.decompress(b64decode(packed)).decode("utf-8", "replace")
    except (ValueError, zlib.error):
        return None
    return redact(text.strip())[-_MAX_CHARACTERS:]


def places_of(answers: Sequence[Any]) -> JobPlaces:
    """Read the answers to `ask_places`."""
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
    return JobPlaces(clock_of(clock), waiting, started)


def worker_of(answers: Sequence[Any]) -> str | None:
    """Return the worker that a job's answers name."""
    return _text_of(answers[1][1])


def facts_of(
    job_id: str, answers: Sequence[Any], places: JobPlaces, living: frozenset[str]
) -> JobFacts:
    """Read the answers to `ask_job`; `living` are the workers whose key is there."""
    has_hash, (status, _, enqueued_at, started_at), *failed, results = answers
    worker = worker_of(answers)
    queue, position = places.waiting.get(job_id, (None, None))
    until = places.started.get(job_id)
    lines = (traceback_of(results) or "").splitlines()
    return JobFacts(
        job_id=job_id,
        has_hash=bool(has_hash),
        status=_text_of(status),
        in_queue=queue,
        position=position,
        started_until=_moment(until),
        is_started_over=until is not None and until < places.now.timestamp(),
        is_failed=any(score is not None for score in failed),
        worker=worker,
        has_worker_key=worker in living if worker else None,
        enqueued_at=time_of(enqueued_at),
        started_at=time_of(started_at),
        error=lines[-1].strip()[:500] if lines else None,
    )


def line_of(answers: Sequence[Any], oldest_at: datetime | None) -> QueueLine:
    """Read the answers to `ask_counts`."""
    _, waiting, started, abandoned, failed, overdue, delayed = answers
    return QueueLine(waiting, started, abandoned, failed, overdue, delayed, oldest_at)


def is_living(fields: Sequence[bytes | None]) -> bool:
    """Whether a worker's WORKER_FIELDS are those of a living one."""
    birth, death, *_ = fields
    return birth is not None and death is None


def read_worker(key: bytes, fields: Sequence[bytes | None]) -> QueueWorker:
    """Read a worker from its key and its WORKER_FIELDS."""
    names = (_text_of(fields[2]) or "").split(",")
    return QueueWorker(
        name=key.decode().removeprefix(WORKER),
        queues=tuple(queue for queue in QUEUES if queue.value in names),
        state=_text_of(fields[3]) or "idle",
    )


def _text_of(raw: bytes | None) -> str | None:
    return raw.decode("utf-8", "replace") or None if raw else None


def _moment(score: float | None) -> datetime | None:
    if score is None:
        return None
    # RQ writes infinity where a job may take for ever.
    return datetime.max.replace(tzinfo=UTC) if isinf(score) else datetime.fromtimestamp(score, UTC)
