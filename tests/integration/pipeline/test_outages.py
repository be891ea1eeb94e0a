"""The database's and Redis's connections break under real processes; everything continues."""

from functools import partial

import psycopg
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from services.core.states import AttemptState, GenerationState
from services.database.models import Attempt
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup
from tests.waiting import eventually

OUTAGES = 3
PATIENCE_SECONDS = 60.0


def end_all_connections(database_url: str) -> int:
    """End every other connection to this database, as a restart of the server does."""
    plain = make_url(database_url).set(drivername="postgresql")
    url = plain.render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(ended[0]) if ended else 0


def end_redis_connections(redis: Redis) -> None:
    """End every connection to Redis and lose all that it held."""
    redis.flushall()
    redis.client_kill_filter(_type="normal", skipme=True)


def has_begun(studio: PipelineSetup, generation_id: str) -> bool:
    return studio.state(generation_id) is not GenerationState.QUEUED


def unsent(studio: PipelineSetup) -> int:
    """How many attempts nobody knows about."""
    unknown = select(func.count()).where(Attempt.state == AttemptState.UNKNOWN)
    with studio.services.database.transaction() as session:
        return session.scalars(unknown).one()


def test_everything_continues_after_the_database_and_redis_were_away(
    fast_studio: PipelineSetup, database_url: str, redis: Redis
) -> None:
    mascot = finished_mascot(fast_studio.services)
    fast_studio.start("dispatcher")
    fast_studio.start("worker")
    eventually(lambda: redis.smembers("rq:workers"), PATIENCE_SECONDS)
    generations = []
    for number in range(OUTAGES):
        generation = fast_studio.start_poses(mascot, count=4, key=f"{number}").generation_id
        generations.append(generation)
        eventually(partial(has_begun, fast_studio, generation), PATIENCE_SECONDS)
        assert end_all_connections(database_url) > 0
        end_redis_connections(redis)
    for generation in generations:
        state = fast_studio.wait_finished(generation, PATIENCE_SECONDS)
        assert state in (GenerationState.SUCCEEDED, GenerationState.NEEDS_REVIEW)
        fast_studio.assert_sound(generation)
    # A commit that was cut off just before its order was sent leaves it unsent, for a person.
    assert fast_studio.creates() == 4 * OUTAGES - unsent(fast_studio)
    assert all(process.poll() is None for process in fast_studio.processes)
