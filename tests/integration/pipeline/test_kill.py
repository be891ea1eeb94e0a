"""Whole processes of ours are killed with SIGKILL inside a step; nothing may be lost.

`test_kill_every_recipe` kills at every checkpoint of every recipe; here a dispatcher, a queue and
leases that really run out find what was left.
"""

from services.core.states import GenerationState
from services.pipeline.checkpoints import CHECKPOINTS
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup

POSES = ("submit.claimed", "submit.created", "poll.asked", "ingest.stored")
"""One death in each state that a run can be left in."""
SYNCHRONOUS = ("submit.answered",)
RECONCILE = ("reconcile.claimed", "reconcile.found")
DISPATCH = ("dispatch.recovered", "dispatch.selected", "dispatch.enqueued", "dispatch.committed")


def test_every_checkpoint_that_is_tried_here_is_there() -> None:
    tried = {*POSES, *SYNCHRONOUS, *RECONCILE, *DISPATCH}
    assert tried <= set(CHECKPOINTS)


def test_a_worker_killed_in_the_middle_of_poses_loses_nothing(studio: PipelineSetup) -> None:
    mascot = finished_mascot(studio.services)
    studio.start("dispatcher")
    started = []
    for boundary in POSES:
        started.append(studio.start_poses(mascot, key=boundary).generation_id)
        studio.wait_for_death(studio.start("worker", dies_at=boundary))
    studio.start("worker")
    for generation in started:
        assert studio.wait_finished(generation) is GenerationState.SUCCEEDED
        studio.assert_sound(generation)
    assert studio.creates() == studio.attempts()


def test_a_worker_killed_while_gemini_answers_makes_another_attempt(studio: PipelineSetup) -> None:
    studio.start("dispatcher")
    started = []
    for boundary in SYNCHRONOUS:
        started.append(studio.start_mascots(key=boundary).generation_id)
        studio.wait_for_death(studio.start("worker", dies_at=boundary))
    studio.start("worker")
    for generation in started:
        assert studio.wait_finished(generation) is GenerationState.SUCCEEDED
        studio.assert_sound(generation)
    assert studio.creates() <= studio.attempts()


def test_a_lost_create_is_adopted_after_a_kill_during_reconcile(
    studio: PipelineSetup,
) -> None:
    mascot = finished_mascot(studio.services)
    studio.start("dispatcher")
    started = []
    for boundary in RECONCILE:
        studio.fault("drop_after_create", provider="replicate", operation="create")
        started.append(studio.start_poses(mascot, key=boundary).generation_id)
        studio.wait_for_death(studio.start("worker", dies_at=boundary))
    studio.start("worker")
    for generation in started:
        assert studio.wait_finished(generation) is GenerationState.SUCCEEDED
        studio.assert_sound(generation)
    assert studio.creates() == len(RECONCILE)


def test_a_dispatcher_killed_anywhere_loses_nothing(studio: PipelineSetup) -> None:
    mascot = finished_mascot(studio.services)
    first = studio.start_poses(mascot, key="first").generation_id
    for boundary in ("dispatch.selected", "dispatch.enqueued", "dispatch.committed"):
        studio.wait_for_death(studio.start("dispatcher", dies_at=boundary))
    dispatcher = studio.start("dispatcher")
    studio.wait_for_death(studio.start("worker", dies_at="poll.claimed"))
    dispatcher.kill()
    dispatcher.wait()
    studio.wait_for_death(studio.start("dispatcher", dies_at="dispatch.recovered"))
    studio.start("dispatcher")
    studio.start("worker")
    assert studio.wait_finished(first) is GenerationState.SUCCEEDED
    studio.assert_sound(first)
    assert studio.creates() == 1
