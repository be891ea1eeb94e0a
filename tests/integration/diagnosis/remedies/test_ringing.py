"""Ring again and poll now: a step is due at once, and a worker that lives is left alone."""

from datetime import timedelta

from sqlalchemy import func

from services.core.states import GenerationState, RunState
from services.database.models import Heartbeat
from services.pipeline.leases import Step
from services.pipeline.steps.poll import poll
from services.pipeline.steps.submit import submit
from services.remedies.base import RemedyKind
from tests.integration.diagnosis.remedies.surgery import Surgery

LATER = func.clock_timestamp() + timedelta(minutes=5)


def test_a_lost_ring_is_rung_again_under_a_new_number(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose()
    (lost,) = by_hand.tick()
    assert by_hand.tick() == []
    outcome = surgery.order(RemedyKind.REQUEUE, lost.run_id)
    assert outcome.after["seq"] == lost.seq + 1
    (again,) = by_hand.tick()
    assert (again.run_id, again.seq) == (lost.run_id, lost.seq + 1)
    by_hand.do(lost)
    assert by_hand.run(generation).state is RunState.QUEUED
    by_hand.do(again)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert surgery.told(generation) == ["requeue"]


def test_a_living_worker_keeps_its_run_and_a_silent_one_loses_it(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.pose()
    run = by_hand.run(generation)
    surgery.hold(run.id, RunState.QUEUED)
    look = surgery.look(RemedyKind.REQUEUE, run.id)
    assert look.problem and "working on it right now" in look.problem
    assert surgery.look(RemedyKind.POLL_NOW, run.id).problem == "It does not wait at a provider."
    with by_hand.parts.database.transaction() as session:
        session.delete(session.get_one(Heartbeat, "worker-1"))
    assert "no sign of life" in surgery.look(RemedyKind.REQUEUE, run.id).sentence
    surgery.order(RemedyKind.REQUEUE, run.id)
    submit(by_hand.parts, Step(run.id, run.seq), "worker-1/thread-2")
    assert by_hand.attempts(generation) == []
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


def test_nothing_is_rung_for_what_has_ended_or_waits_for_a_person(surgery: Surgery) -> None:
    in_doubt, ended = surgery.in_doubt(), surgery.pose(key="ended")
    surgery.by_hand.finish(ended)
    for generation, words in ((ended, "has ended"), (in_doubt, "decision")):
        run = surgery.by_hand.run(generation)
        problem = surgery.look(RemedyKind.REQUEUE, run.id).problem
        assert problem and words in problem


def test_a_look_is_made_now_instead_of_later(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.stuck()
    run = by_hand.run(generation)
    by_hand.change_run(run.id, due_at=LATER)
    assert by_hand.tick() == []
    surgery.order(RemedyKind.POLL_NOW, run.id)
    (ring,) = by_hand.tick()
    assert (ring.step, ring.seq) == ("poll", run.seq)


def test_a_look_whose_ring_was_lost_gets_a_new_number(surgery: Surgery) -> None:
    by_hand = surgery.by_hand
    generation = surgery.stuck()
    run = by_hand.run(generation)
    by_hand.change_run(run.id, due_at=LATER, enqueued_at=func.clock_timestamp())
    surgery.order(RemedyKind.POLL_NOW, run.id)
    (ring,) = by_hand.tick()
    assert ring.seq == run.seq + 1
    poll(by_hand.parts, Step(run.id, run.seq), "late")
    assert by_hand.run(generation).seq == run.seq + 1
