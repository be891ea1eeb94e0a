"""What is read of RQ's jobs in every situation, and that nothing in Redis changes by reading."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from redis import Redis
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from services.core.errors import QueueUnavailableError
from services.core.redaction import redact
from services.core.states import QueueName
from services.queue.base import QueuedStep
from services.queue.rq_queue import BATCH, RqQueue, connect
from tests.redis_contents import contents
from workers.worker import WorkerThread

JOB = "run_1-0"


@pytest.fixture
def reads(redis: Redis) -> RqQueue:
    return RqQueue(redis)


def enqueue(redis: Redis, run_id: str = "run_1", queue: QueueName = QueueName.DEFAULT) -> None:
    RqQueue(redis).enqueue([QueuedStep("submit", run_id, 0, queue, 60)])


def taken(redis: Redis, seconds: int) -> str:
    """The job as a worker takes it, whose heartbeat holds for so many seconds; its name."""
    queue = Queue("default", connection=redis, serializer=JSONSerializer)
    worker = Worker([queue], name="thread-1", connection=redis, serializer=JSONSerializer)
    worker.register_birth()  # type: ignore[no-untyped-call]
    job = Job.fetch(JOB, connection=redis, serializer=JSONSerializer)
    redis.lrem("rq:queue:default", 1, JOB)
    with redis.pipeline() as pipeline:
        job.prepare_for_execution(worker.name, pipeline=pipeline)
        Execution.create(job, ttl=seconds, pipeline=pipeline, worker_name=worker.name)
        pipeline.execute()
    return worker.name


def test_a_waiting_job_has_its_queue_and_place(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis, "run_0")
    enqueue(redis)
    facts = reads.job_facts([JOB])[JOB]
    assert (facts.has_hash, facts.status, facts.in_queue, facts.position) == (
        True,
        "queued",
        QueueName.DEFAULT,
        1,
    )
    assert facts.enqueued_at and abs(datetime.now(UTC) - facts.enqueued_at) < timedelta(minutes=5)
    assert (facts.worker, facts.has_worker_key, facts.started_until) == (None, None, None)


def test_a_job_that_redis_lost_has_no_hash(redis: Redis, reads: RqQueue) -> None:
    facts = reads.job_facts([JOB])[JOB]
    assert not facts.has_hash and facts.status is None and facts.in_queue is None


def test_what_a_late_heartbeat_leaves_is_no_job(redis: Redis, reads: RqQueue) -> None:
    redis.hset(f"rq:job:{JOB}", "last_heartbeat", "x")
    assert not reads.job_facts([JOB])[JOB].has_hash


def test_a_job_without_its_hash_still_counts_in_its_queue(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis)
    redis.delete(f"rq:job:{JOB}")
    facts = reads.job_facts([JOB])[JOB]
    assert not facts.has_hash and facts.position == 0


def test_a_job_lost_at_dequeue_is_queued_and_in_no_list(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis)
    redis.lpop("rq:queue:default")
    facts = reads.job_facts([JOB])[JOB]
    assert facts.has_hash and facts.status == "queued"
    assert facts.in_queue is None and facts.started_until is None


def test_a_started_job_names_its_living_worker(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis)
    name = taken(redis, seconds=60)
    facts = reads.job_facts([JOB])[JOB]
    assert (facts.status, facts.worker, facts.has_worker_key) == ("started", name, True)
    assert facts.started_until and facts.started_until > datetime.now(UTC)
    assert facts.started_at and not facts.is_started_over


@pytest.mark.parametrize(
    "die",
    [
        lambda redis: redis.delete("rq:worker:thread-1"),
        lambda redis: redis.hset("rq:worker:thread-1", "death", "now"),
    ],
    ids=["its key is gone", "it stopped cleanly"],
)
def test_a_started_job_of_a_dead_worker(
    redis: Redis, reads: RqQueue, die: Callable[[Redis], None]
) -> None:
    enqueue(redis)
    taken(redis, seconds=60)
    die(redis)
    facts = reads.job_facts([JOB])[JOB]
    assert facts.has_worker_key is False and not facts.is_started_over


def test_a_sign_of_life_that_is_over(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis)
    taken(redis, seconds=60)
    (raw,) = cast(list[bytes], redis.zrange("rq:wip:default", 0, -1))
    member = raw.decode()
    assert member.startswith(f"{JOB}:")
    redis.zadd("rq:wip:default", {member: 1.0})
    assert reads.job_facts([JOB])[JOB].is_started_over
    # A second execution that still lives counts.
    redis.zadd("rq:wip:default", {f"{JOB}:another": float("inf")})
    facts = reads.job_facts([JOB])[JOB]
    assert not facts.is_started_over and facts.started_until == datetime.max.replace(tzinfo=UTC)


def test_a_failed_job_has_its_traceback(redis: Redis, redis_url: str, reads: RqQueue) -> None:
    # No process was installed, so the step fails as an error of ours does.
    enqueue(redis)
    thread = WorkerThread("t1", "test", lambda: connect(redis_url))
    thread._new_worker().work(burst=True, logging_level="CRITICAL")
    facts = reads.job_facts([JOB])[JOB]
    assert (facts.is_failed, facts.status, facts.in_queue) == (True, "failed", None)
    assert facts.error == "IndexError: list index out of range"
    texts = reads.tracebacks([JOB, "run_2-0"])
    assert list(texts) == [JOB] and "Traceback" in texts[JOB]


def test_more_jobs_than_one_read_takes(redis: Redis, reads: RqQueue) -> None:
    jobs = [QueuedStep("poll", f"run_{n}", 0, QueueName.LOW, 60) for n in range(BATCH + 5)]
    RqQueue(redis).enqueue(jobs)
    facts = reads.job_facts([one.job_id for one in jobs])
    assert [facts[one.job_id].position for one in jobs] == list(range(BATCH + 5))


def test_counts_and_state_of_the_queues(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis)
    taken(redis, seconds=60)
    for number in (2, 3):
        enqueue(redis, f"run_{number}", QueueName.LOW)
    redis.zadd("rq:failed:low", {"run_9-0": 1.0})
    redis.sadd("rq:workers", "rq:worker:long-dead")
    counted = reads.counts()
    low, default = counted.queues[QueueName.LOW], counted.queues[QueueName.DEFAULT]
    assert (low.waiting, low.active, low.failed, default.active) == (2, 0, 1, 1)
    assert low.oldest_at and default.oldest_at is None and counted.waiting == 2
    assert [(one.name, one.queues) for one in counted.workers] == [
        ("thread-1", (QueueName.DEFAULT,))
    ]
    assert counted.used_memory_bytes and not counted.is_suspended
    redis.set("rq:suspended", 1)
    assert reads.counts().is_suspended
    assert (counted.listening(QueueName.DEFAULT), counted.listening(QueueName.LOW)) == (1, 0)


def test_reading_changes_nothing(redis: Redis, reads: RqQueue) -> None:
    enqueue(redis)
    taken(redis, seconds=60)
    enqueue(redis, "run_2")
    redis.zadd("rq:wip:high", {"run_7-1:dead": 1.0})
    redis.zadd("rq:failed:default", {"run_8-0": 1.0})
    redis.sadd("rq:workers", "rq:worker:long-dead")
    before = contents(redis)
    reads.job_facts([JOB, "run_2-0", "run_7-1", "run_8-0", "run_none-0"])
    reads.tracebacks([JOB, "run_8-0"])
    reads.counts()
    assert contents(redis) == before


def test_an_unavailable_redis_is_reported() -> None:
    away = RqQueue(connect("redis://127.0.0.1:1/0"))
    for read in (
        lambda: away.job_facts([JOB]),
        lambda: away.tracebacks([JOB]),
        away.counts,
    ):
        with pytest.raises(QueueUnavailableError):
            read()


def test_a_redis_that_hangs_is_waited_for_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hanging.setblocking(False)
        url = f"redis://127.0.0.1:{hanging.getsockname()[1]}/0"
        reads = RqQueue(connect(url, timeout_seconds=0.05), rest_seconds=3600.0)
        for _ in range(3):
            with pytest.raises(QueueUnavailableError):
                reads.counts()
        hanging.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hanging.accept()


def test_a_traceback_gives_no_secret_away() -> None:
    redacted = redact(
        "GET https://s3.example/key?X-Amz-Signature=abc failed"
        " with r8_abcdefghijklmnop at postgresql://me:secret@host/db, Bearer abcdefghijk"
    )
    assert "https://s3.example/key…" in redacted and "://host/db" in redacted
    for secret in ("Signature", "r8_", "secret", "abcdefghijk"):
        assert secret not in redacted
