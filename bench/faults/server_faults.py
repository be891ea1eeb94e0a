"""Servers that answer and refuse: a full Redis, a read-only or locked database, a failing dispatcher."""

from sqlalchemy import text

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import RunState

CREATE = {"provider": "replicate", "operation": "create"}
REFUSE_TO_ENQUEUE = (
    """
    CREATE FUNCTION app.planted_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'planted: nothing may be enqueued'; END $$
    """,
    """
    CREATE TRIGGER planted_refusal BEFORE UPDATE OF enqueued_at ON app.runs FOR EACH ROW
    WHEN (NEW.enqueued_at IS NOT NULL) EXECUTE FUNCTION app.planted_refusal()
    """,
)
ENQUEUE_AGAIN = "DROP FUNCTION IF EXISTS app.planted_refusal() CASCADE"


def queue_refuses(environment: Environment, count: int) -> list[str]:
    """Set maxmemory below what Redis uses, so that it refuses writes and still answers."""
    redis = environment.redis
    before = str(redis.config_get("maxmemory")["maxmemory"])

    def restore() -> None:
        redis.config_set("maxmemory", before)

    environment.later(restore)
    redis.config_set("maxmemory", "1")
    return environment.start_poses("a full Redis", count)


def database_read_only(environment: Environment, count: int) -> list[str]:
    """Make each new transaction of the database read-only, as a standby's are."""
    started = environment.start_poses("a read-only database", count)
    name = environment.one("SELECT current_database()")
    environment.later(lambda: _writable(environment, name))
    environment.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    _end_sessions(environment)
    return started


def _writable(environment: Environment, name: str) -> None:
    with environment.services.database.transaction() as session:
        session.execute(text("SET TRANSACTION READ WRITE"))
        session.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    _end_sessions(environment)


def _end_sessions(environment: Environment) -> None:
    """End the sessions of all processes: a setting of the database is read by new ones alone."""
    environment.services.database.close()
    environment.one(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def database_locked(environment: Environment, count: int) -> list[str]:
    """Hold the rows of the runs in a transaction that stays open, as a forgotten client does."""
    words = "locked by somebody"
    environment.fault("slow", count, match=CREATE | {"prompt_contains": words}, seconds=5)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)
    connection = environment.services.database.engine.connect()
    environment.later(connection.close)
    connection.execute(
        text("SELECT id FROM app.runs WHERE generation_id = ANY(:ids) FOR UPDATE"), {"ids": started}
    )
    return started


def dispatcher_failing(environment: Environment, count: int) -> list[str]:
    """Let a trigger refuse that anything is marked as enqueued, so that each tick fails."""

    def enqueue_again() -> None:
        environment.sql(ENQUEUE_AGAIN)

    environment.later(enqueue_again)
    for statement in REFUSE_TO_ENQUEUE:
        environment.sql(statement)
    return environment.start_poses("a failing dispatcher", count)


def database_restored(environment: Environment, count: int) -> list[str]:
    """Let the storage's mark name an event that the database does not have."""
    words = "before the copy"
    environment.fault("slow", count, match=CREATE | {"prompt_contains": words}, seconds=60)
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.WAITING)

    def end() -> None:
        environment.sql("UPDATE app.database_restores SET ended_at = clock_timestamp()")

    environment.later(end)
    environment.sql(
        "INSERT INTO app.database_restores (copied_at, lost_at)"
        " VALUES (clock_timestamp() - interval '1 hour', clock_timestamp())"
    )
    return started


SERVER_FAULTS = {
    "database-restored": Fault(
        "database_restored", database_restored, "a restore is noticed", is_global=True
    ),
    "queue-refuses": Fault(
        "queue_refuses",
        queue_refuses,
        "maxmemory of Redis is set below what is used",
        is_global=True,
    ),
    "database-read-only": Fault(
        "database_read_only", database_read_only, "the database takes no writes", is_global=True
    ),
    "database-locked": Fault(
        "database_locked", database_locked, "another session locks the runs", is_global=True
    ),
    "dispatcher-failing": Fault(
        "dispatcher_failing",
        dispatcher_failing,
        "each tick of the dispatcher fails",
        is_global=True,
    ),
}
