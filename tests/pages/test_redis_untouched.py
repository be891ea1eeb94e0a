"""Opening a page changes nothing in Redis: RQ's own counts would clean up and run callbacks."""

from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func
from streamlit.testing.v1 import AppTest

from services.container import Services
from services.core.states import QueueName, RunState
from services.database.models import ProviderState
from services.queue.base import QueuedStep
from services.queue.rq_queue import RqQueue, connect
from tests.integration.jobs.planted import add_attempt, add_run, ago
from tests.pages.conftest import Open
from tests.redis_contents import contents
from workers.worker import WorkerThread

PAGES = sorted(path.parent.name for path in (Path(__file__).parents[2] / "pages").glob("*/page.py"))


@pytest.fixture
def troubled(fresh_services: Services, redis: Redis, redis_url: str) -> str:
    """Services with enqueued runs, a failed job, a dead worker and registries that are overdue."""
    with fresh_services.database.transaction() as session:
        session.add(ProviderState(provider="replicate", paused_at=func.now(), paused_reason="x"))
        enqueued = add_run(session, enqueued_at=ago(1))
        broken = add_run(session, RunState.WAITING, seq=1, lease_until=ago(-60))
        add_attempt(session, broken)
    queue = RqQueue(redis)
    queue.enqueue([QueuedStep("poll", broken.id, 0, QueueName.HIGH, 60)])
    # No process was installed, so the step fails as an error of ours does.
    thread = WorkerThread("t1", "dead", lambda: connect(redis_url))
    thread._new_worker().work(burst=True, logging_level="CRITICAL")
    queue.enqueue([QueuedStep("submit", enqueued.id, 0, QueueName.HIGH, 60)])
    redis.sadd("rq:workers", "rq:worker:long-dead")
    redis.zadd("rq:wip:high", {f"{broken.id}-1:execution": 1.0})
    redis.zadd("rq:failed:default", {"run_gone-0": 1.0})
    redis.zadd("rq:scheduled:low", {"run_late-0": 1.0})
    return broken.id


def test_no_page_changes_a_key(troubled: str, redis: Redis, opened: Open) -> None:
    before = contents(redis)
    assert f"rq:job:{troubled}-0".encode() in before and "jobs" in PAGES
    for page in PAGES:
        at = opened(page)
        assert not at.exception, page
        assert contents(redis) == before, page
    assert "run_gone" in str(before) and _detail(opened("jobs"), troubled).code
    assert contents(redis) == before


def _detail(at: AppTest, run_id: str) -> AppTest:
    """The run's dialog, with its traceback."""
    at.session_state["jobs_asked"] = f"run:{run_id}"
    return at.run()
