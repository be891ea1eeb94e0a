"""The jobs service on its own database and Redis."""

import pytest
from redis import Redis

from services.core.actors import Actor
from services.core.states import Role
from services.database.engine import Database
from services.jobs.jobs import Jobs
from services.monitoring.providers import ProviderReader
from services.providers.durations import DurationEstimator
from services.queue.rq_queue import RqQueue, connect

ADMIN = Actor("ada", "Ada", Role.ADMIN)
OPERATOR = Actor("olga", "Olga", Role.OPERATOR)
VIEWER = Actor("vic", "Vic", Role.VIEWER)


@pytest.fixture
def jobs(database: Database, redis: Redis) -> Jobs:
    return Jobs(
        database,
        RqQueue(redis),
        DurationEstimator(),
        ProviderReader(simulated=frozenset({"gemini"})),
    )


@pytest.fixture
def jobs_without_redis(database: Database) -> Jobs:
    reads = RqQueue(connect("redis://127.0.0.1:1/0"))
    return Jobs(database, reads, DurationEstimator(), ProviderReader())
