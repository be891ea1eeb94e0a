"""The lists behind the overview's numbers hold what the numbers count, however much is newer."""

from redis import Redis

from services.core.states import RunState
from services.database.engine import Database
from services.gallery.overview import Overviews
from services.monitoring.generations import GenerationList, GenerationReads
from services.monitoring.providers import ProviderReader
from services.providers.durations import DurationEstimator
from services.queue.rq_queue import RqQueue
from tests.integration.jobs.conftest import OPERATOR
from tests.integration.jobs.planted import add_run, ago

NEWER = 70
"""More than a page of the lists."""


def test_each_list_has_what_its_number_counts(database: Database, redis: Redis) -> None:
    durations = DurationEstimator()
    with database.transaction() as session:
        old = 3600.0
        add_run(session, RunState.WAITING, made=old)
        add_run(session, RunState.QUEUED, made=old)
        add_run(session, RunState.NEEDS_REVIEW, made=old)
        add_run(session, RunState.FAILED, made=old, finished_at=ago(0))
        add_run(session, RunState.FAILED, made=200_000, finished_at=ago(190_000))
        for _ in range(NEWER):
            add_run(session, RunState.SUCCEEDED, finished_at=ago(0))
    state = Overviews(database, RqQueue(redis), durations, ProviderReader()).read(OPERATOR)
    reads = GenerationReads(database, durations)
    counts = {
        which: len(reads.page(OPERATOR, counted=which, limit=60).items) for which in GenerationList
    }
    assert counts == {
        GenerationList.RUNNING: state.running + state.waiting,
        GenerationList.REVIEW: state.needs_review,
        GenerationList.FAILED: state.failed_today,
    }
    assert counts[GenerationList.RUNNING] == 2 and counts[GenerationList.FAILED] == 1
