"""Three hundred runs that go on, forty of which stand still for one of several causes.

No dispatcher and no worker runs beside them: this process gives their signs of life.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import Connection, text

from services.core.states import QueueName, RunState
from services.database.engine import Database
from services.monitoring.processes import write_heartbeat
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue

STEP_SECONDS = 60
SEQ = 1


@dataclass(frozen=True)
class Shape:
    """Runs that are alike; seconds from now on, negative ones have passed; None: not at all."""

    name: str
    count: int
    state: RunState
    due: int
    enqueued: int | None = None
    lease: int | None = None
    accepted: int | None = None
    attempt: str | None = None
    provider: str = "replicate"
    has_job: bool = False
    is_stalled: bool = False


SHAPES = (
    Shape("at the provider", 150, RunState.WAITING, 60, accepted=-10, attempt="running"),
    Shape("in the queue", 60, RunState.QUEUED, 10, enqueued=-8, has_job=True),
    Shape("in line", 50, RunState.QUEUED, -5),
    Shape(
        "job lost",
        12,
        RunState.WAITING,
        -590,
        enqueued=-600,
        accepted=-610,
        attempt="running",
        is_stalled=True,
    ),
    Shape("worker died", 8, RunState.SUBMITTING, -150, lease=-120, is_stalled=True),
    Shape(
        "never rung",
        8,
        RunState.WAITING,
        -600,
        accepted=-610,
        attempt="running",
        is_stalled=True,
    ),
    Shape("nobody knows", 6, RunState.NEEDS_REVIEW, -300, attempt="unknown", is_stalled=True),
    Shape("paused provider", 6, RunState.QUEUED, -400, provider="huggingface", is_stalled=True),
)

PLAN = """
CREATE TEMP TABLE open_plan ON COMMIT DROP AS
SELECT cast(:name AS text) || ' ' || n AS name, 'acc_history' || n % 200 AS account_id,
    now() + (least(cast(:due AS int), 0) - 60) * interval '1 second' AS created_at,
    now() + :due * interval '1 second' AS due_at,
    now() + cast(:rung AS int) * interval '1 second' AS enqueued_at,
    now() + cast(:lease AS int) * interval '1 second' AS lease_until,
    now() + cast(:accepted AS int) * interval '1 second' AS accepted_at,
    left('zz' || md5(cast(:name AS text) || n), 26) AS tail
FROM generate_series(1, cast(:count AS int)) AS n
"""
"""Its ids come after all others, as those of what was just started."""

ROWS = (
    """
    INSERT INTO app.generations (id, kind, account_id, person_id, title, request, fingerprint,
        idempotency_key, priority, state, price_credits, estimated_cost_usd, created_at, started_at)
    SELECT 'gen_' || tail, 'poses', account_id, 'per_local', name, '{}', md5(name), tail, 10,
        CASE cast(:state AS text) WHEN 'needs_review' THEN 'needs_review' ELSE 'running' END, 30, 0.04,
        created_at, created_at
    FROM open_plan
    """,
    """
    INSERT INTO app.ledger_entries (id, account_id, kind, amount, idempotency_key, generation_id,
        actor, reason)
    SELECT 'led_' || tail, account_id, 'charge', -30, 'history-charge-' || tail, 'gen_' || tail,
        'per_local', 'Started'
    FROM open_plan
    """,
    """
    INSERT INTO app.slots (id, generation_id, account_id, kind, position, role, run_group, provider,
        model, prompt, seed, input_asset_ids, price_credits, charge_id, state)
    SELECT 'slot_' || tail, 'gen_' || tail, account_id, 'poses', 0, 'pose', 0, :provider,
        'fofr/consistent-character', name, 7, '[]', 30, 'led_' || tail, 'pending'
    FROM open_plan
    """,
    """
    INSERT INTO app.runs (id, generation_id, kind, provider, model, priority, state, seq, due_at,
        enqueued_at, lease_until, worker, attempt_count, created_at, started_at, accepted_at)
    SELECT 'run_' || tail, 'gen_' || tail, 'poses', :provider, 'fofr/consistent-character', 10,
        cast(:state AS text), :seq, due_at, enqueued_at, lease_until,
        CASE WHEN lease_until IS NOT NULL THEN 'a worker that is gone' END,
        CASE WHEN cast(:attempt AS text) IS NULL THEN 0 ELSE 1 END, created_at, created_at, accepted_at
    FROM open_plan
    """,
    """
    INSERT INTO app.run_slots (run_id, slot_id, output_index)
    SELECT 'run_' || tail, 'slot_' || tail, 0 FROM open_plan
    """,
    """
    INSERT INTO app.attempts (id, run_id, number, provider, model, payload, payload_hash, seed,
        state, prediction_id, outputs, estimated_cost_usd, created_at, accepted_at)
    SELECT 'att_' || tail, 'run_' || tail, 1, :provider, 'fofr/consistent-character', '{}', '', 7,
        cast(:attempt AS text), CASE cast(:attempt AS text) WHEN 'running' THEN tail END, '[]', 0.04, created_at, accepted_at
    FROM open_plan WHERE cast(:attempt AS text) IS NOT NULL
    """,
    """
    INSERT INTO app.events (generation_id, run_id, name, actor, detail)
    SELECT 'gen_' || tail, 'run_' || tail, 'run.queued', 'system', '{}' FROM open_plan
    """,
)
PROVIDERS = (
    "INSERT INTO app.provider_states (provider) VALUES ('replicate') ON CONFLICT DO NOTHING",
    """
    INSERT INTO app.provider_states (provider, paused_at, paused_reason)
    VALUES ('huggingface', now(), 'Its payment is overdue')
    ON CONFLICT (provider) DO UPDATE SET paused_at = now(), paused_reason = excluded.paused_reason
    """,
)
"""As a dispatcher registers them, and a failure pauses one."""


def plant(database: Database, redis: Redis, shapes: tuple[Shape, ...] = SHAPES) -> None:
    """Write the rows, enqueue the jobs that are there, and let a worker listen."""
    with database.engine.begin() as connection:
        for statement in PROVIDERS:
            connection.execute(text(statement))
        jobs = [ring for shape in shapes for ring in _plant_shape(connection, shape)]
    RqQueue(redis).enqueue(jobs)
    queues = [name.value for name in QueueName]
    worker = Worker(queues, connection=redis, serializer=JSONSerializer)
    worker.register_birth()  # type: ignore[no-untyped-call]


def live_on(database: Database) -> None:
    """A dispatcher's and a worker's sign of life, by this process."""
    with database.transaction() as session:
        for role, threads in (("dispatcher", 1), ("worker", 5)):
            write_heartbeat(session, f"bench-{role}", role, threads, {})


def stalled_count(shapes: tuple[Shape, ...] = SHAPES) -> int:
    """How many the list should hold."""
    return sum(shape.count for shape in shapes if shape.is_stalled)


def _plant_shape(connection: Connection, shape: Shape) -> list[QueuedStep]:
    """Returns the rings of those whose jobs are there."""
    bound = _bound(shape)
    for statement in (PLAN, *ROWS):
        connection.execute(text(statement), bound)
    runs = connection.execute(text("SELECT 'run_' || tail FROM open_plan")).scalars().all()
    connection.execute(text("DROP TABLE open_plan"))
    if not shape.has_job:
        return []
    return [QueuedStep("submit", run_id, SEQ, QueueName.HIGH, STEP_SECONDS) for run_id in runs]


def _bound(shape: Shape) -> Mapping[str, Any]:
    return {
        "name": shape.name,
        "count": shape.count,
        "state": shape.state.value,
        "due": shape.due,
        "rung": shape.enqueued,
        "lease": shape.lease,
        "accepted": shape.accepted,
        "attempt": shape.attempt,
        "provider": shape.provider,
        "seq": SEQ,
    }
