"""Requeue and PollNow make a step due; a run that a living worker holds is refused."""

from datetime import timedelta

from sqlalchemy import func

from services.core.states import GenerationState, RunState
from services.database.models import Heartbeat
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.pipeline.steps.submit import submit
from tests.integration.diagnosis.remedies.remedy_setup import RemedySetup

LATER = func.clock_timestamp() + timedelta(minutes=5)


def test_lost_job_is_requeued_with_a_new_seq(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose()
    (lost,) = by_hand.tick()
    assert by_hand.tick() == []
    outcome = setup.apply_once("requeue", lost.run_id)
    assert outcome.after["seq"] == lost.seq + 1
    (again,) = by_hand.tick()
    assert (again.run_id, again.seq) == (lost.run_id, lost.seq + 1)
    by_hand.do(lost)
    assert by_hand.run(generation).state is RunState.QUEUED
    by_hand.do(again)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert setup.timeline_remedies(generation) == ["requeue"]


def test_run_of_a_living_worker_is_refused_and_of_a_silent_one_requeued(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.pose()
    run = by_hand.run(generation)
    setup.hold(run.id, RunState.QUEUED)
    dry_run = setup.dry_run("requeue", run.id)
    assert dry_run.problem and "working on it right now" in dry_run.problem
    assert setup.dry_run("poll_now", run.id).problem == "It does not wait at a provider."
    with by_hand.context.database.transaction() as session:
        session.delete(session.get_one(Heartbeat, "worker-1"))
    assert "no heartbeat" in setup.dry_run("requeue", run.id).sentence
    setup.apply_once("requeue", run.id)
    submit(by_hand.context, Step(run.id, run.seq), "worker-1/thread-2")
    assert by_hand.attempts(generation) == []
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


def test_run_that_ended_or_needs_review_is_not_requeued(setup: RemedySetup) -> None:
    in_doubt, ended = setup.in_doubt(), setup.pose(key="ended")
    setup.by_hand.finish(ended)
    for generation, words in ((ended, "has ended"), (in_doubt, "decision")):
        run = setup.by_hand.run(generation)
        problem = setup.dry_run("requeue", run.id).problem
        assert problem and words in problem


def test_scheduled_poll_becomes_due(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.stuck()
    run = by_hand.run(generation)
    by_hand.change_run(run.id, due_at=LATER)
    assert by_hand.tick() == []
    setup.apply_once("poll_now", run.id)
    (job,) = by_hand.tick()
    assert (job.step, job.seq) == ("poll", run.seq)


def test_poll_whose_job_was_lost_gets_a_new_seq(setup: RemedySetup) -> None:
    by_hand = setup.by_hand
    generation = setup.stuck()
    run = by_hand.run(generation)
    by_hand.change_run(run.id, due_at=LATER, enqueued_at=func.clock_timestamp())
    setup.apply_once("poll_now", run.id)
    (job,) = by_hand.tick()
    assert job.seq == run.seq + 1
    poll(by_hand.context, Step(run.id, run.seq), "late")
    assert by_hand.run(generation).seq == run.seq + 1
