"""Only our own steps run, whatever somebody writes into Redis; and the hooks of RQ we lean on."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis
from rq import Queue as RedisQueue
from rq import SimpleWorker
from rq.defaults import RQ_KEY_PREFIX
from rq.exceptions import DeserializationError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from rq.worker import BaseWorker

from services.core.states import QueueName
from services.pipeline.dispatcher import STEP_OF
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue
from workers import steps
from workers.steps import StepJob
from workers.worker import ThreadWorker, WorkerThread

BLANK: dict[str, Any] = {
    "_success_callback_name": None,
    "_failure_callback_name": None,
    "_stopped_callback_name": None,
    "_dependency_ids": [],
    "webhooks": [],
    "retries_left": None,
    "retry_intervals": None,
    "repeats_left": None,
    "repeat_intervals": None,
    "rate_limit_key": None,
    "rate_limit_concurrency": None,
}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What the steps were called with."""
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(steps, "_run", lambda _, step: called.append((step.run_id, step.seq)))
    return called


def forge(redis: Redis, job_id: str, call: list[Any], **fields: str) -> None:
    """A job as an intruder writes it: a hash, and its id in a queue."""
    job = {"data": json.dumps(call), "status": "queued", "origin": "high", **fields}
    redis.hset(f"rq:job:{job_id}", mapping=cast(Any, job))
    redis.rpush("rq:queue:high", job_id)


def work_off(redis: Redis) -> ThreadWorker:
    """Do all jobs that wait, as a worker's thread does."""
    thread = WorkerThread("t1", "test", lambda: redis)
    worker = thread._new_worker()  # the worker as the thread makes it
    worker.work(burst=True, logging_level="CRITICAL")
    return worker


def status(redis: Redis, job_id: str) -> JobStatus | None:
    return Job.fetch(job_id, connection=redis, serializer=JSONSerializer).get_status()


def queued_step(run_id: str, step: str = "poll") -> QueuedStep:
    return QueuedStep(step, run_id, 3, QueueName.HIGH, 60)


def test_each_step_of_the_dispatcher_is_a_function_that_a_worker_runs(
    redis: Redis, done: list[tuple[str, int]]
) -> None:
    names = sorted(STEP_OF.values())
    RqQueue(redis).enqueue([queued_step(f"run_{name}", name) for name in names])
    work_off(redis)
    assert sorted(done) == [(f"run_{name}", 3) for name in names]
    assert not redis.keys("rq:job:*"), "a finished job leaves nothing behind"


@pytest.mark.parametrize(
    "call",
    [
        ["os.system", None, ["touch PROOF"], {}],
        ["subprocess.check_output", None, [["touch", "PROOF"]], {}],
        ["workers.steps.install", None, [None, "x"], {}],
        ["workers.steps._run", None, [], {}],
        ["workers.steps.os.system", None, ["touch PROOF"], {}],
        ["poll", "some instance", [], {}],
        ["workers.steps.poll", {"an": "instance"}, ["run_1", 3], {}],
        [{"a": "list"}, None, [], {}],
        ["too", "short"],
    ],
)
def test_a_forged_job_fails_and_the_worker_lives(
    redis: Redis, done: list[tuple[str, int]], tmp_path: Path, call: list[Any]
) -> None:
    proof = tmp_path / "proof"
    forge(redis, "forged", json.loads(json.dumps(call).replace("PROOF", str(proof))))
    with pytest.raises(DeserializationError):
        _ = StepJob.fetch("forged", connection=redis, serializer=JSONSerializer).func_name
    RqQueue(redis).enqueue([queued_step("run_1")])
    work_off(redis)
    assert not proof.exists()
    assert status(redis, "forged") is JobStatus.FAILED
    assert done == [("run_1", 3)]


def test_what_is_no_json_fails_and_the_worker_lives(
    redis: Redis, done: list[tuple[str, int]]
) -> None:
    job = {"data": b"\x80\x04cposix\nsystem\n.", "status": "queued", "origin": "high"}
    redis.hset("rq:job:forged", mapping=cast(Any, job))
    redis.rpush("rq:queue:high", "forged")
    RqQueue(redis).enqueue([queued_step("run_1")])
    work_off(redis)
    assert status(redis, "forged") is JobStatus.FAILED
    assert done == [("run_1", 3)]


def test_forged_callbacks_webhooks_retries_and_repeats_are_dropped(
    redis: Redis, done: list[tuple[str, int]], tmp_path: Path
) -> None:
    forge(
        redis,
        "forged",
        ["workers.steps.poll", None, ["run_1", 3], {}],
        success_callback_name="os.system",
        failure_callback_name="os.system",
        stopped_callback_name="os.system",
        webhooks=json.dumps([{"url": "http://127.0.0.1:1/", "job_status": "finished"}]),
        retries_left="5",
        retry_intervals="[0]",
        repeats_left="5",
        repeat_intervals="[0]",
        rate_limit_key="forged",
        rate_limit_concurrency="1",
        dependency_ids='["another"]',
    )
    job = StepJob.fetch("forged", connection=redis, serializer=JSONSerializer)
    assert {name: getattr(job, name) for name in BLANK} == BLANK
    work_off(redis)
    assert done == [("run_1", 3)]


def test_our_own_jobs_hold_nothing_but_their_step(redis: Redis) -> None:
    RqQueue(redis).enqueue([queued_step("run_1")])
    job = Job.fetch("run_1-3", connection=redis, serializer=JSONSerializer)
    assert (job.func_name, job.args, job.kwargs) == ("workers.steps.poll", ["run_1", 3], {})
    assert (job.timeout, job.result_ttl, job.failure_ttl) == (60, 0, 7 * 24 * 3600)
    fresh = StepJob.fetch("run_1-3", connection=redis, serializer=JSONSerializer)
    assert {name: getattr(fresh, name) for name in BLANK} == BLANK


def test_a_workers_thread_needs_no_signals_no_commands_and_no_fork(redis: Redis) -> None:
    worker = WorkerThread("t1", "worker-a", lambda: redis)._new_worker()
    assert [queue.name for queue in worker.queues] == ["high", "default", "low"]
    assert (worker.job_class, worker.serializer) == (StepJob, JSONSerializer)
    assert worker.death_penalty_class is TimerDeathPenalty
    assert worker.default_result_ttl == 0
    assert worker.name == "worker-a-t1-1"
    assert isinstance(worker, SimpleWorker)
    worker.subscribe()
    assert worker.pubsub_thread is None


def test_a_thread_that_stops_takes_no_further_job(
    redis: Redis, done: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    RqQueue(redis).enqueue([queued_step("run_1")])
    worker = WorkerThread("t1", "test", lambda: redis)._new_worker()
    take: Callable[..., Any] = RedisQueue.dequeue_any

    def stopped_meanwhile(*arguments: Any, **options: Any) -> Any:
        taken = take(*arguments, **options)
        worker.stop()
        return taken

    monkeypatch.setattr(worker.queue_class, "dequeue_any", stopped_meanwhile)
    worker.work(burst=True, logging_level="CRITICAL")
    assert done == []


def test_a_thread_outlives_whatever_ends_rqs_loop(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = WorkerThread("t1", "test", lambda: redis)
    tries: list[str] = []

    def fail(worker: ThreadWorker, **_: Any) -> None:
        tries.append(worker.name)
        if len(tries) == 3:
            thread.stop()
        raise RuntimeError("RQ's clean-up")

    monkeypatch.setattr(ThreadWorker, "work", fail)
    monkeypatch.setattr("workers.worker.RECONNECT_SECONDS", 0.0)
    thread.run()
    assert tries == ["test-t1-1", "test-t1-2", "test-t1-3"]


def test_the_private_hooks_of_rq_that_we_lean_on_are_still_there() -> None:
    assert "_install_signal_handlers" in vars(BaseWorker)
    assert "self._install_signal_handlers()" in inspect.getsource(BaseWorker.work)
    assert "self._stop_requested" in inspect.getsource(BaseWorker.work)
    assert "self.subscribe()" in inspect.getsource(BaseWorker.bootstrap)
    assert list(inspect.signature(SimpleWorker.execute_job).parameters) == ["self", "job", "queue"]
    assert "self._deserialize_data()" in inspect.getsource(Job.func_name.fget)  # type: ignore[attr-defined]
    read = inspect.getsource(Job._deserialize_data)
    assert "self._func_name, self._instance, self._args, self._kwargs = " in read
    restored = inspect.getsource(Job.restore)
    assert all(f"self.{name} = " in restored for name in BLANK)
    # services/queue reads these keys without RQ.
    assert RQ_KEY_PREFIX == "rq"
