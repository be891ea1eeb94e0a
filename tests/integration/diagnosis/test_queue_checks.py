"""What the check-up finds about Redis, and that failed jobs are deleted."""

from collections.abc import Iterator

import pytest
from redis import Redis

from services.core.states import QueueName
from services.database.engine import Database
from services.health.check import CheckStatus, CheckUpTargets
from services.monitoring.processes import write_heartbeat
from services.queue import rq_queue
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue
from tests.integration.diagnosis.conftest import MakeTargets, check
from tests.waiting import eventually
from workers.worker import WorkerThread


@pytest.fixture
def redis_settings(redis: Redis) -> Iterator[Redis]:
    """Redis, whose settings are put back: the server is everybody's."""
    names = ("maxmemory-policy", "maxmemory", "appendonly", "save")
    before = {name: str(redis.config_get(name)[name]) for name in names}
    yield redis
    for name, value in before.items():
        redis.config_set(name, value)


def test_the_embedded_redis_is_well(targets: CheckUpTargets) -> None:
    for name in ("Redis", "Redis persistence", "Jobs"):
        assert check(targets, name).status is CheckStatus.OK
    assert "append-only" in check(targets, "Redis persistence").finding


def test_a_redis_that_is_away_fails_once_and_the_rest_is_unknown(make_targets: MakeTargets) -> None:
    targets = make_targets(REDIS_URL="redis://:hidden@127.0.0.1:1/0")
    away = check(targets, "Redis")
    assert away.status is CheckStatus.FAILED
    assert "REDIS_URL" in str(away.fix) and "hidden" not in away.finding
    assert check(targets, "Jobs").status is CheckStatus.UNKNOWN
    assert check(targets, "Clocks").status is CheckStatus.OK


def test_without_a_redis_the_fix_is_to_start_run(make_targets: MakeTargets) -> None:
    answered = check(make_targets(REDIS_URL=None), "Redis")
    assert answered.status is CheckStatus.FAILED
    assert "Start ./run" in str(answered.fix)


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("maxmemory-policy", "allkeys-lru", "allkeys-lru"),
        ("maxmemory", "500kb", "of maxmemory is used"),
        ("appendonly", "no", "Nothing in Redis outlives"),
    ],
)
def test_a_redis_that_may_forget_is_a_warning(
    targets: CheckUpTargets, redis_settings: Redis, name: str, value: str, finding: str
) -> None:
    redis_settings.config_set(name, value)
    answered = check(targets, "Redis persistence")
    assert answered.status is CheckStatus.WARNING
    assert finding in answered.finding and answered.fix


def test_snapshots_persist_the_data_too(targets: CheckUpTargets, redis_settings: Redis) -> None:
    redis_settings.config_set("appendonly", "no")
    redis_settings.config_set("save", "3600 1")
    assert "snapshots" in check(targets, "Redis persistence").finding


def test_a_suspended_queue_fails(targets: CheckUpTargets, redis: Redis) -> None:
    redis.set("rq:suspended", 1)
    answered = check(targets, "Jobs")
    assert answered.status is CheckStatus.FAILED
    assert "rq resume" in str(answered.fix)


def test_threads_of_a_killed_worker_do_not_count(
    targets: CheckUpTargets, redis: Redis, database: Database
) -> None:
    with database.transaction() as session:
        write_heartbeat(session, "worker-host-2-ab", "worker", 1, {})
    for name in ("worker-host-1-cd-t1-1", "worker-host-1-cd-t2-3", "worker-host-2-ab-t1-1"):
        redis.sadd("rq:workers", f"rq:worker:{name}")
        redis.hset(f"rq:worker:{name}", mapping={"birth": "now", "queues": "high"})
    assert "Listening threads: 1." in check(targets, "Jobs").finding


def test_counting_cleans_nothing_up(targets: CheckUpTargets, redis: Redis) -> None:
    redis.zadd("rq:failed:default", {"long-gone": 1.0, "for-ever": -1})
    redis.zadd("rq:wip:high", {"left": 1.0})
    answered = check(targets, "Jobs")
    assert answered.status is CheckStatus.WARNING
    assert "1 failed jobs are listed beyond" in answered.finding
    assert "left by a dead worker: 1. Failed, stored 7 days: 2." in answered.finding
    assert (redis.zcard("rq:failed:default"), redis.zcard("rq:wip:high")) == (2, 1)


def test_a_failed_job_goes_after_its_time(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rq_queue, "FAILURE_TTL_SECONDS", 1)
    # No process was installed, so the step fails as an error of ours does.
    RqQueue(redis).enqueue([QueuedStep("submit", "run_1", 0, QueueName.DEFAULT, 60)])
    _burst(redis_url)
    assert redis.zcard("rq:failed:default") == 1
    assert redis.exists("rq:job:run_1-0", "rq:results:run_1-0") == 2
    eventually(lambda: not redis.exists("rq:job:run_1-0", "rq:results:run_1-0"))
    eventually(lambda: redis.zcount("rq:failed:default", 0, _time(redis)) == 1)
    _burst(redis_url)
    assert redis.zcard("rq:failed:default") == 0


def _burst(redis_url: str) -> None:
    thread = WorkerThread("t1", "test", lambda: rq_queue.connect(redis_url))
    thread._new_worker().work(burst=True, logging_level="CRITICAL")


def _time(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1_000_000
