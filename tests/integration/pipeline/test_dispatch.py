"""What is enqueued, when, in which order and how far ahead; by ticks against the real Redis."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from redis import Redis
from sqlalchemy import func, select, update

from services.core.states import QueueName, RunState, Tier
from services.database.engine import Database
from services.database.models import Account, Heartbeat, ProviderState, QueueState, Run
from services.monitoring.processes import write_heartbeat
from services.pipeline.dispatcher import Dispatcher, DispatchRules
from services.pipeline.rate_limits import lock_limits
from services.queue.rq_queue import RqQueue
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup

NO_RATE = {"replicate": None, "gemini": None}


@pytest.fixture
def mascot(fast_studio: PipelineSetup) -> str:
    """A mascot to pose."""
    return finished_mascot(fast_studio.services)


@pytest.fixture
def dispatchers(database: Database, redis: Redis) -> Iterator[list[Dispatcher]]:
    """Two dispatchers that job everything that is due."""
    rules = DispatchRules(rates=NO_RATE, min_jobs=1000)
    both = [Dispatcher(database, RqQueue(redis), rules) for _ in range(2)]
    both[0].register({"replicate": "token", "gemini": "key"})
    yield both


def new_dispatcher(database: Database, redis: Redis, min_jobs: int) -> Dispatcher:
    rules = DispatchRules(rates=NO_RATE, min_jobs=min_jobs)
    dispatcher = Dispatcher(database, RqQueue(redis), rules)
    dispatcher.register({"replicate": "token", "gemini": "key"})
    return dispatcher


def jobs(redis: Redis, *queues: QueueName) -> list[str]:
    """The job ids in these queues (all when none is named), doubles too."""
    return [
        job.decode()
        for queue in queues or QueueName
        for job in cast(list[bytes], redis.lrange(f"rq:queue:{queue.value}", 0, -1))
    ]


def make_all_due(database: Database) -> None:
    """As if time had passed."""
    with database.transaction() as session:
        a_second_ago = func.clock_timestamp() - timedelta(seconds=1)
        session.execute(update(Run).values(due_at=a_second_ago))


def test_two_dispatchers_at_once_ring_each_run_once(
    fast_studio: PipelineSetup,
    mascot: str,
    dispatchers: list[Dispatcher],
    database: Database,
    redis: Redis,
) -> None:
    for number in range(3):
        fast_studio.start_poses(mascot, count=20, key=f"{number}")
    with database.transaction() as session:
        begun = select(Run.id).order_by(Run.id).limit(40).scalar_subquery()
        session.execute(update(Run).where(Run.id.in_(begun)).values(state=RunState.WAITING))
    ready = threading.Barrier(2)

    def tick_often(dispatcher: Dispatcher) -> int:
        ready.wait()
        return sum(dispatcher.tick().enqueued for _ in range(8))

    with ThreadPoolExecutor(2) as threads:
        enqueued = list(threads.map(tick_often, dispatchers))
    assert sum(enqueued) == 60
    assert len(jobs(redis)) == len(set(jobs(redis))) == 60


def test_jobs_that_redis_lost_are_requeued_with_a_new_fencing_token(
    fast_studio: PipelineSetup,
    mascot: str,
    dispatchers: list[Dispatcher],
    database: Database,
    redis: Redis,
) -> None:
    fast_studio.start_poses(mascot, count=3)
    assert dispatchers[0].tick().enqueued == 3
    before = set(jobs(redis))
    redis.flushall()
    assert dispatchers[0].tick().enqueued == 0
    make_all_due(database)
    tick = dispatchers[1].tick()
    assert (tick.lost, tick.enqueued) == (3, 3)
    assert len(jobs(redis)) == 3 and not before & set(jobs(redis))


def test_a_job_that_still_waits_in_its_queue_is_not_requeued(
    fast_studio: PipelineSetup,
    mascot: str,
    dispatchers: list[Dispatcher],
    database: Database,
    redis: Redis,
) -> None:
    fast_studio.start_poses(mascot, count=3)
    dispatchers[0].tick()
    before = jobs(redis)
    make_all_due(database)
    tick = dispatchers[0].tick()
    assert (tick.lost, tick.enqueued) == (0, 0)
    assert jobs(redis) == before
    with database.transaction() as session:
        assert (
            session.scalars(select(Run.id).where(Run.due_at < func.clock_timestamp())).all() == []
        )


def test_pro_goes_before_free_and_older_before_newer(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis
) -> None:
    expected = []
    for number, tier in enumerate([Tier.FREE, Tier.FREE, Tier.PRO, Tier.UNLIMITED]):
        with database.transaction() as session:
            session.execute(update(Account).values(tier=tier))
        fast_studio.start_poses(mascot, key=f"{number}")
        with database.transaction() as session:
            expected.append(session.scalars(select(Run.id).order_by(Run.id.desc())).first())
    order = [expected[index] for index in (2, 3, 0, 1)]
    for length in (1, 2, 3, 4):
        assert new_dispatcher(database, redis, min_jobs=length).tick().enqueued == 1
        enqueued = jobs(redis, QueueName.HIGH) + jobs(redis, QueueName.DEFAULT)
        assert {job.rsplit("-", 1)[0] for job in enqueued} == set(order[:length])
    assert [len(jobs(redis, queue)) for queue in QueueName] == [2, 2, 0]


def test_two_hundred_waiting_runs_fill_the_queue_only_twice_as_far_as_the_threads(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis
) -> None:
    for number in range(10):
        fast_studio.start_poses(mascot, count=20, key=f"{number}")
    with database.transaction() as session:
        for worker in ("one", "two", "dead"):
            write_heartbeat(session, worker, "worker", 8, {})
        a_minute_ago = func.clock_timestamp() - timedelta(minutes=1)
        session.execute(
            update(Heartbeat).where(Heartbeat.name == "dead").values(heartbeat_at=a_minute_ago)
        )
    dispatcher = new_dispatcher(database, redis, min_jobs=10)
    for _ in range(5):
        dispatcher.tick()
        assert len(jobs(redis)) == 32
    for job in jobs(redis)[:5]:
        redis.lrem("rq:queue:high", 1, job)
    assert dispatcher.tick().enqueued == 5
    assert len(jobs(redis)) == 32


def test_work_that_the_provider_has_begun_goes_before_new_submits(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis
) -> None:
    fast_studio.start_poses(mascot, count=3)
    with database.transaction() as session:
        begun = session.scalars(select(Run.id).order_by(Run.id.desc())).first()
        session.execute(update(Run).where(Run.id == begun).values(state=RunState.WAITING))
    assert new_dispatcher(database, redis, min_jobs=1).tick().enqueued == 1
    assert jobs(redis) == [f"{begun}-0"]


@pytest.mark.parametrize("paused", [QueueName.HIGH, QueueName.DEFAULT])
def test_a_paused_queue_leaves_its_room_to_the_other_one(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis, paused: QueueName
) -> None:
    for tier in (Tier.PRO, Tier.FREE):
        with database.transaction() as session:
            session.execute(update(Account).values(tier=tier))
        fast_studio.start_poses(mascot, count=2, key=tier.value)
    with database.transaction() as session:
        session.add(QueueState(queue=paused, paused_at=func.now(), paused_by="test"))
    dispatcher = new_dispatcher(database, redis, min_jobs=2)
    assert [dispatcher.tick().enqueued for _ in range(2)] == [2, 0]
    assert jobs(redis, paused) == []
    with database.transaction() as session:
        session.execute(update(QueueState).values(paused_at=None))
    assert new_dispatcher(database, redis, min_jobs=4).tick().enqueued == 2
    assert len(jobs(redis, paused)) == 2


@pytest.mark.parametrize(
    ("per_second", "seconds", "admitted"),
    [(1.0, 0.0, 0), (1.0, 0.3, 0), (1.0, 1.1, 1), (1.0, 60.0, 1), (10.0, 60.0, 5)],
)
def test_the_gate_admits_what_the_rate_allows_and_never_a_burst(
    database: Database,
    dispatchers: list[Dispatcher],
    per_second: float,
    seconds: float,
    admitted: int,
) -> None:
    with database.transaction() as session:
        since = func.clock_timestamp() - timedelta(seconds=seconds)
        session.execute(update(ProviderState).values(bucket_tokens=0, bucket_at=since))
    with database.transaction() as session:
        limits = lock_limits(session, ["replicate"], {"replicate": per_second}, {})["replicate"]
        assert limits.admitted_submits(100) == admitted
        limits.consume_submits(admitted)
        session.flush()
        slow = lock_limits(session, ["replicate"], {"replicate": 0.01}, {})["replicate"]
        assert slow.admitted_submits(100) == 0
        unlimited = lock_limits(session, ["replicate", "nobody"], {"replicate": None}, {})
        assert unlimited["replicate"].admitted_submits(100) == 100
        assert unlimited.keys() == {"replicate"}


def test_a_tick_spends_what_it_rings(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis
) -> None:
    fast_studio.start_poses(mascot, count=20)
    rules = DispatchRules(rates={"replicate": 10.0}, min_jobs=100)
    dispatcher = Dispatcher(database, RqQueue(redis), rules)
    dispatcher.register({"replicate": "token"})
    with database.transaction() as session:
        a_minute_ago = func.clock_timestamp() - timedelta(minutes=1)
        session.execute(update(ProviderState).values(bucket_at=a_minute_ago))
    assert dispatcher.tick().enqueued == 5
    # The bucket itself: another tick would job whatever a slow machine's clock has let in since.
    with database.transaction() as session:
        tokens = session.scalars(select(ProviderState.bucket_tokens)).one()
    assert tokens < 1


def test_a_slow_provider_leaves_threads_to_the_others(
    fast_studio: PipelineSetup, redis: Redis, mascot: str
) -> None:
    database = fast_studio.services.database
    slow = fast_studio.start_poses(mascot, 12, "slow").generation_id
    quick = fast_studio.start_mascots(key="quick").generation_id
    dispatcher = new_dispatcher(database, redis, 100)
    with database.transaction() as session:
        write_heartbeat(session, "worker-1", "worker", 4, {})
        session.execute(
            update(Run)
            .where(Run.generation_id == slow)
            .values(state=RunState.WAITING, step_failures=1)
        )
        session.execute(
            update(Run).where(Run.generation_id == quick).values(state=RunState.INGESTING)
        )
    make_all_due(database)
    dispatcher.tick()
    taken = jobs(redis)
    assert len(taken) == 2 + 1, "half of four threads, and the other provider's step"
    dispatcher.tick()
    assert jobs(redis) == taken, "no more while these are in flight"
    with database.transaction() as session:
        session.execute(
            update(Run).where(Run.generation_id == slow).values(step_failures=0, enqueued_at=None)
        )
    make_all_due(database)
    dispatcher.tick()
    assert len(set(jobs(redis))) > len(taken), "it answers again"


@pytest.mark.parametrize("reason", ["paused", "blocked", "undecided", "nothing"])
def test_what_waits_too_long_is_ended_and_refunded(
    fast_studio: PipelineSetup, redis: Redis, mascot: str, reason: str
) -> None:
    database = fast_studio.services.database
    generation = fast_studio.start_poses(mascot, 2, "waits").generation_id
    rules = DispatchRules(rates={"replicate": None}, max_wait_seconds=3600.0)
    dispatcher = Dispatcher(database, RqQueue(redis), rules)
    dispatcher.register({"replicate": "token"})
    now = func.clock_timestamp()
    with database.transaction() as session:
        balance = session.get_one(Account, "acc_studio").balance
        states: dict[str, dict[str, Any]] = {
            "paused": {"paused_at": now, "paused_reason": "Out of funds."},
            "blocked": {"blocked_until": now + timedelta(hours=5)},
        }
        if values := states.get(reason):
            session.execute(update(ProviderState).values(**values))
        old: dict[str, Any] = {"created_at": now - timedelta(hours=2)}
        if reason == "undecided":
            old["state"] = RunState.NEEDS_REVIEW
        session.execute(update(Run).where(Run.generation_id == generation).values(**old))
    dispatcher.tick()
    with database.transaction() as session:
        runs = session.scalars(select(Run).where(Run.generation_id == generation)).all()
        assert {run.failure for run in runs} == {"waited_too_long"}
        words = {
            "paused": "Out of funds",
            "blocked": "no more requests until",
            "undecided": "Nobody decided",
            "nothing": "to be sent",
        }
        assert all(words[reason] in (run.failure_detail or "") for run in runs)
        assert session.get_one(Account, "acc_studio").balance == balance + 60
    fast_studio.assert_sound(generation)
    assert jobs(redis) == []


def test_what_has_not_waited_too_long_goes_on(
    fast_studio: PipelineSetup, redis: Redis, mascot: str
) -> None:
    database = fast_studio.services.database
    fast_studio.start_poses(mascot, 2, "goes on")
    new_dispatcher(database, redis, 100).tick()
    assert len(jobs(redis)) == 2


def test_a_server_gets_no_more_submits_than_it_works_on_at_once(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis
) -> None:
    fast_studio.start_poses(mascot, 4)
    rules = DispatchRules(rates=NO_RATE, concurrency={"replicate": 2}, min_jobs=1000)
    dispatcher = Dispatcher(database, RqQueue(redis), rules)
    dispatcher.register({"replicate": "token"})
    assert dispatcher.tick().enqueued == 2
    assert dispatcher.tick().enqueued == 0
    with database.transaction() as session:
        sent = session.scalars(select(Run).where(Run.enqueued_at.is_not(None)).limit(1)).one()
        sent.state = RunState.SUBMITTING
        sent.lease_until = func.clock_timestamp() + timedelta(minutes=1)
    assert dispatcher.tick().enqueued == 0
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == sent.id).values(state=RunState.SUCCEEDED))
    assert dispatcher.tick().enqueued == 1


def test_a_tick_says_whether_it_left_due_work_out(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis
) -> None:
    fast_studio.start_poses(mascot, count=3)
    full = new_dispatcher(database, redis, min_jobs=2).tick()
    assert (full.enqueued, full.is_behind) == (2, True)
    rest = new_dispatcher(database, redis, min_jobs=10).tick()
    assert (rest.enqueued, rest.is_behind) == (1, False)
