"""The dispatcher process sleeps until something is due: it is notified, or knows the time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import event, func, select, text, update

from services.core.settings_loader import load_settings
from services.core.states import GenerationState, QueueName
from services.database.engine import Database
from services.database.models import Generation, ProviderState, QueueState, Run
from services.pipeline.cancel import request_cancel
from services.pipeline.dispatcher import Dispatcher, DispatchRules
from services.pipeline.rate_limits import pause, resume
from services.queue.rq_queue import RqQueue
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup
from tests.waiting import eventually
from workers.dispatcher import DispatcherProcess

HOUR = 3600.0
LISTENING = text("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
Running = Callable[..., AbstractContextManager[Dispatcher]]


@pytest.fixture
def mascot(fast_studio: PipelineSetup) -> str:
    """A mascot to pose."""
    return finished_mascot(fast_studio.services)


@pytest.fixture
def running(database_url: str, redis: Redis) -> Running:
    """Run a dispatcher in a thread, asleep when the block begins."""

    @contextmanager
    def run(safety_seconds: float = HOUR, rate: float | None = None) -> Iterator[Dispatcher]:
        database = Database(database_url, 2)
        rules = DispatchRules(rates={"replicate": rate}, requeue_after_seconds=HOUR)
        dispatcher = Dispatcher(database, RqQueue(redis), rules)
        settings = load_settings(env_file=None).model_copy(
            update={
                "dispatch_tick_seconds": safety_seconds,
                "replicate_api_token": SecretStr("r8_" + "simulated0" * 4),
            }
        )
        process = DispatcherProcess(settings, dispatcher, database)
        thread = threading.Thread(target=process.run, daemon=True)
        thread.start()
        try:
            eventually(lambda: listeners(database))
            yield dispatcher
        finally:
            process.stop()
            thread.join(10)
            database.close()
        assert not thread.is_alive()

    return run


def listeners(database: Database) -> list[int]:
    with database.transaction() as session:
        return list(session.scalars(LISTENING))


def has_enqueued(redis: Redis, count: int) -> bool:
    return sum(int(redis.llen(f"rq:queue:{queue.value}")) for queue in QueueName) == count


@pytest.fixture
def unnotified(database: Database) -> Iterator[None]:
    """No notification leaves the database."""
    for action in ("DISABLE", "ENABLE"):
        with database.transaction() as session:
            session.execute(text(f"ALTER TABLE app.runs {action} TRIGGER notify_due"))
        if action == "DISABLE":
            yield


def test_a_committed_run_is_enqueued_without_waiting_for_the_safety_tick(
    fast_studio: PipelineSetup, mascot: str, redis: Redis, running: Running
) -> None:
    with running():
        for count in (1, 2, 3):
            fast_studio.start_poses(mascot, key=f"{count}")
            eventually(partial(has_enqueued, redis, count))


def test_a_run_that_is_due_later_is_enqueued_then(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis, running: Running
) -> None:
    with running():
        with database.transaction() as session:
            assert pause(session, "replicate", "test")
        fast_studio.start_poses(mascot)
        with database.transaction() as session:
            later = func.clock_timestamp() + timedelta(seconds=0.4)
            session.execute(update(Run).values(due_at=later))
            resume(session, "replicate")
        eventually(partial(has_enqueued, redis, 1))
        with database.transaction() as session:
            assert session.scalars(select(Run.enqueued_at > Run.created_at)).one()


def test_a_lost_notification_is_healed_by_the_safety_tick(
    unnotified: None, fast_studio: PipelineSetup, mascot: str, redis: Redis, running: Running
) -> None:
    with running(safety_seconds=0.2):
        fast_studio.start_poses(mascot)
        eventually(partial(has_enqueued, redis, 1))


def test_a_killed_connection_is_reopened_and_nothing_is_missed(
    unnotified: None,
    fast_studio: PipelineSetup,
    mascot: str,
    database: Database,
    redis: Redis,
    running: Running,
) -> None:
    with running():
        (killed,) = listeners(database)
        fast_studio.start_poses(mascot)
        with database.transaction() as session:
            session.execute(select(func.pg_terminate_backend(killed)))
        # Nobody notified it: a new connection is a reason to tick.
        eventually(partial(has_enqueued, redis, 1))
        assert killed not in listeners(database)


def test_a_resumed_provider_and_a_resumed_queue_wake_the_dispatcher(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis, running: Running
) -> None:
    with running():
        with database.transaction() as session:
            pause(session, "replicate", "test")
        fast_studio.start_poses(mascot, key="paused provider")
        with database.transaction() as session:
            resume(session, "replicate")
        eventually(partial(has_enqueued, redis, 1))

        with database.transaction() as session:
            session.add_all(
                QueueState(queue=queue, paused_at=func.now(), paused_by="test")
                for queue in QueueName
            )
        fast_studio.start_poses(mascot, key="paused queue")
        with database.transaction() as session:
            session.execute(update(QueueState).values(paused_at=None))
        eventually(partial(has_enqueued, redis, 2))


def test_a_blocked_and_rate_limited_provider_is_served_as_soon_as_it_admits_a_create(
    fast_studio: PipelineSetup, mascot: str, database: Database, redis: Redis, running: Running
) -> None:
    with running(rate=20.0):
        with database.transaction() as session:
            soon = func.clock_timestamp() + timedelta(seconds=0.3)
            session.execute(update(ProviderState).values(blocked_until=soon))
        # More than the bucket ever holds.
        fast_studio.start_poses(mascot, count=14)
        eventually(partial(has_enqueued, redis, 10))  # The queue's capacity.


def test_a_cancel_request_whose_process_died_is_settled_at_once(
    fast_studio: PipelineSetup, mascot: str, database: Database, running: Running
) -> None:
    with database.transaction() as session:
        session.add(QueueState(queue=QueueName.HIGH, paused_at=func.now(), paused_by="test"))
        session.add(QueueState(queue=QueueName.DEFAULT, paused_at=func.now(), paused_by="test"))
    with running():
        started = fast_studio.start_poses(mascot)
        with database.transaction() as session:
            generation = session.get_one(Generation, started.generation_id)
            request_cancel(session, fast_studio.actor, generation, "test")
        eventually(lambda: fast_studio.state(started.generation_id) is GenerationState.CANCELED)


def test_a_tick_with_nothing_due_costs_one_statement(
    fast_studio: PipelineSetup, mascot: str, database_url: str, redis: Redis
) -> None:
    database = Database(database_url, 1)
    dispatcher = Dispatcher(database, RqQueue(redis), DispatchRules(rates={"replicate": None}))
    dispatcher.register({"replicate": "token"})
    fast_studio.start_poses(mascot)
    assert dispatcher.tick().enqueued == 1

    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    tick = dispatcher.tick()
    assert len(statements) == 1, statements
    # It sleeps until the job may be lost.
    assert tick.next_seconds is not None and 5.0 < tick.next_seconds <= 10.0
    database.close()
