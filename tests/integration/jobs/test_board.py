"""The board's numbers: queues, workers with what they hold, throughput; and without Redis."""

import os
import socket
from datetime import timedelta

from redis import Redis
from sqlalchemy import func, update

from services.core.server_problem import ServerProblem
from services.core.states import QueueName, RunState
from services.database.engine import Database
from services.database.models import Heartbeat, ProviderState
from services.jobs.board import Window
from services.jobs.jobs import Jobs
from services.monitoring.processes import (
    HeldStep,
    held_detail,
    is_running,
    read_processes,
    resident_bytes,
    write_heartbeat,
)
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue
from tests.integration.jobs.conftest import OPERATOR
from tests.integration.jobs.planted import add_run, ago


def test_a_worker_shows_what_it_holds(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        run = add_run(session, RunState.WAITING, seq=4, title="Pip the fox")
        gone_on = add_run(session, RunState.WAITING, seq=5, title="Olga")
        held = [HeldStep(run.id, 4, 12.0), HeldStep(gone_on.id, 4, 300.0)]
        write_heartbeat(
            session, "worker-1", "worker", 5, {"memory_bytes": 9_000_000, **held_detail(held)}
        )
    (worker,) = jobs.board(OPERATOR).workers
    assert worker.process.memory_bytes == 9_000_000 and worker.process.is_alive
    assert [(one.title, one.is_lost) for one in worker.runs] == [("Pip the fox", False)]
    assert worker.runs[0].seconds >= 12.0
    with database.transaction() as session:
        session.execute(update(Heartbeat).values(heartbeat_at=func.now() - timedelta(minutes=5)))
    (worker,) = jobs.board(OPERATOR).workers
    # Of one that went silent, what it took along is what one wants to know.
    assert [(one.title, one.is_lost) for one in worker.runs] == [
        ("Olga", True),
        ("Pip the fox", False),
    ]


def test_the_diagnosis_sees_processes_and_their_steps(database: Database) -> None:
    with database.transaction() as session:
        write_heartbeat(session, "worker-1", "worker", 5, held_detail([HeldStep("run_1", 4, 1.0)]))
        write_heartbeat(session, "worker-old", "worker", 5, {"busy": 1})
        write_heartbeat(session, "worker-far", "worker", 5, {})
        session.execute(
            update(Heartbeat).where(Heartbeat.name == "worker-far").values(host="elsewhere")
        )
        facts = {one.name: one for one in read_processes(session)}
    ours = facts["worker-1"]
    assert (ours.pid, ours.host, ours.exists) == (os.getpid(), socket.gethostname(), True)
    assert ours.held == (HeldStep("run_1", 4, 1.0),) and ours.is_alive
    assert facts["worker-old"].held == ()
    assert facts["worker-far"].exists is None


def test_a_pid_that_was_used_again_does_not_count(database: Database) -> None:
    with database.transaction() as session:
        write_heartbeat(session, "worker-1", "worker", 5, {})
        # Signed in a day before this process, which has its pid now, began.
        session.execute(update(Heartbeat).values(started_at=func.now() - timedelta(days=1)))
        (facts,) = read_processes(session)
    assert facts.exists is False
    assert is_running(2**22 + 1, facts.heartbeat_at) is False
    assert (resident_bytes() or 0) > 1_000_000


def test_queues_and_providers_are_on_the_board(
    jobs: Jobs, database: Database, redis: Redis
) -> None:
    with database.transaction() as session:
        session.add(ProviderState(provider="gemini"))
        session.add(
            ProviderState(provider="replicate", blocked_until=func.now() + timedelta(minutes=1))
        )
        session.add(ProviderState(provider="local"))
    RqQueue(redis).enqueue([QueuedStep("submit", "run_1", 0, QueueName.DEFAULT, 60)])
    board = jobs.board(OPERATOR)
    _, default, low = board.queues
    assert default.line and default.line.waiting == 1 and default.oldest_seconds is not None
    assert low.line and low.line.waiting == 0 and low.oldest_seconds is None
    gemini, replicate = board.providers
    assert (gemini.label, gemini.is_simulated, gemini.blocked_until) == ("Gemini", True, None)
    assert replicate.blocked_until and not replicate.is_simulated
    assert board.queue_problem is None and board.used_memory_bytes


def test_a_redis_that_refuses_a_process_is_named_although_it_can_be_read(
    jobs: Jobs, database: Database, redis: Redis
) -> None:
    full = ServerProblem("Redis", "full", "Redis is full.", "Raise maxmemory.")
    for name in ("worker-host-1-ab-t1-1", "worker-host-9-cd-t1-1"):
        redis.sadd("rq:workers", f"rq:worker:{name}")
        redis.hset(f"rq:worker:{name}", mapping={"birth": "now", "queues": "high"})
    with database.transaction() as session:
        write_heartbeat(session, "worker-host-1-ab", "worker", 1, {"problem": full.as_json()})
    board = jobs.board(OPERATOR)
    assert board.queue_problem == full
    # Of two threads that Redis knows, one belongs to a process that lives.
    assert board.listening == 1


def test_without_redis_the_board_is_there(jobs_without_redis: Jobs, database: Database) -> None:
    with database.transaction() as session:
        add_run(session)
    board = jobs_without_redis.board(OPERATOR)
    assert board.queue_problem and board.queue_problem.code == "refused"
    assert board.counts.total == 1
    assert [view.line for view in board.queues] == [None] * 3


def test_throughput_separates_waiting_from_running(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        for waited, ran in ((10, 20), (20, 40), (30, 60)):
            add_run(
                session,
                RunState.SUCCEEDED,
                made=600 + waited + ran,
                started_at=ago(600 + ran),
                finished_at=ago(600),
            )
        add_run(session, RunState.FAILED, made=100, finished_at=ago(60))
        add_run(session, RunState.CANCELED, made=100, finished_at=ago(60))
        add_run(session, RunState.SUCCEEDED, made=9000, started_at=ago(9000), finished_at=ago(7200))
    pace = jobs.throughput(OPERATOR, Window.HOUR)
    total = pace.total
    assert (total.completed, total.failed, total.wait_p50, total.run_p50) == (3, 1, 20.0, 40.0)
    assert total.wait_p95 == 29.0 and total.run_p95 == 58.0
    assert len(pace.buckets) == 30
    assert sum(one.completed for one in pace.buckets) == 3
    assert sum(one.failed for one in pace.buckets) == 1
    assert any(one.wait_p50 == 20.0 for one in pace.buckets)
    assert jobs.throughput(OPERATOR, Window.DAY).total.completed == 4


def test_throughput_without_runs(jobs: Jobs) -> None:
    pace = jobs.throughput(OPERATOR, Window.HOUR)
    assert pace.total.completed == 0 and pace.total.wait_p50 is None
