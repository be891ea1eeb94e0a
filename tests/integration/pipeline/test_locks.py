"""A row that another session locks stops its own run alone, and costs nobody a try or credits."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import update
from sqlalchemy.engine import make_url

from services.core.errors import DatabaseBusyError
from services.core.states import GenerationState, RunState
from services.database.models import Generation, Run
from services.pipeline import dispatcher
from services.pipeline.leases import LeaseRenewer, Step
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from workers import steps

LOCKS = {
    "run": "SELECT 1 FROM app.runs WHERE id = %(run)s FOR UPDATE",
    "generation": "SELECT 1 FROM app.generations WHERE id = %(generation)s FOR UPDATE",
}


@contextmanager
def locked(by_hand: ManualPipeline, statement: str, generation_id: str) -> Iterator[None]:
    """Somebody's open transaction that holds this row."""
    url = make_url(by_hand.context.database.url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as other:
        run_id = by_hand.run(generation_id).id
        other.execute(statement.encode(), {"run": run_id, "generation": generation_id})
        yield
        other.rollback()


@pytest.fixture
def two(by_hand: ManualPipeline) -> tuple[str, str]:
    """Two started poses of one mascot."""
    mascot = finished_mascot(by_hand.studio.services)
    first, second = (by_hand.studio.start_poses(mascot, key=key) for key in ("1", "2"))
    return first.generation_id, second.generation_id


@pytest.mark.parametrize("lock", LOCKS)
def test_expired_leases_beside_a_locked_one_are_recovered(
    by_hand: ManualPipeline, two: tuple[str, str], lock: str
) -> None:
    stuck, other = two
    by_hand.tick()
    for generation in two:
        by_hand.change_run(by_hand.run(generation).id, worker="died")
        by_hand.end_lease(by_hand.run(generation).id)
    with locked(by_hand, LOCKS[lock], stuck):
        by_hand.dispatcher.tick()
        assert by_hand.events(other).count("run.recovered") == 1
        assert by_hand.events(stuck).count("run.recovered") == 0
    by_hand.dispatcher.tick()
    assert by_hand.events(stuck).count("run.recovered") == 1


@pytest.mark.parametrize("lock", LOCKS)
def test_lost_jobs_beside_a_locked_one_are_requeued(
    by_hand: ManualPipeline, two: tuple[str, str], lock: str
) -> None:
    stuck, other = two
    by_hand.tick()
    by_hand.hurry()
    with locked(by_hand, LOCKS[lock], stuck):
        by_hand.dispatcher.tick()
        assert by_hand.events(other).count("run.requeued") == 1
        assert by_hand.events(stuck).count("run.requeued") == 0
    by_hand.dispatcher.tick()
    assert by_hand.events(stuck).count("run.requeued") == 1


def test_the_leases_beside_a_locked_one_are_renewed(
    by_hand: ManualPipeline, two: tuple[str, str]
) -> None:
    stuck, other = two
    jobs = by_hand.tick()
    renewer = LeaseRenewer(by_hand.context.database, lease_seconds=30.0, step_limit_seconds=240.0)
    for job in jobs:
        by_hand.end_lease(job.run_id)
        renewer.hold(Step(job.run_id, job.seq), now=0.0)
    with locked(by_hand, LOCKS["run"], stuck):
        assert renewer.renew(now=1.0) == len(jobs) - 1
    assert by_hand.dispatcher.tick().recovered == 1
    assert by_hand.events(other).count("run.recovered") == 0


def test_a_locked_provider_keeps_the_work_of_others_going(
    by_hand: ManualPipeline, two: tuple[str, str]
) -> None:
    lock = "SELECT 1 FROM app.provider_states WHERE provider = 'replicate' FOR UPDATE"
    by_hand.change_run(by_hand.run(two[1]).id, provider="gemini")
    with locked(by_hand, lock, two[0]):
        assert [job.run_id for job in by_hand.tick()] == [by_hand.run(two[1]).id]


def test_a_canceled_batch_that_is_locked_does_not_stop_the_tick(
    by_hand: ManualPipeline, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "LOCK_SECONDS", 0.05)
    canceled, other = two
    with by_hand.context.database.transaction() as session:
        asked = update(Generation).where(Generation.id == canceled)
        session.execute(asked.values(cancel_requested_at=Generation.created_at))
    with locked(by_hand, LOCKS["generation"], canceled):
        assert by_hand.run(other).id in [job.run_id for job in by_hand.tick()]
    by_hand.dispatcher.tick()
    assert by_hand.studio.state(canceled) is GenerationState.CANCELED


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.INGESTING])
def test_a_step_that_waits_for_a_lock_is_tried_again_without_counting(
    by_hand: ManualPipeline, two: tuple[str, str], state: RunState, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = two[0]
    by_hand.until_run(generation, state)
    by_hand.hurry()
    (job,) = [job for job in by_hand.tick() if job.run_id == by_hand.run(generation).id]
    steps.install(by_hand.context, "test")

    def busy(*_: object) -> None:
        raise DatabaseBusyError()

    monkeypatch.setattr("services.pipeline.step_context.LeaseRenewer.hold", busy)
    with pytest.raises(DatabaseBusyError):
        getattr(steps, job.step)(job.run_id, job.seq)
    monkeypatch.undo()
    run: Run = by_hand.run(generation)
    assert (run.state, run.step_failures, run.lease_until) == (state, 0, None)
    assert run.enqueued_at is None and run.seq == job.seq + 1
    by_hand.finish(generation)
