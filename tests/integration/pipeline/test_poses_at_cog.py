"""Poses of a GPU server of one's own, through the one pipeline: made once, or each failure settled."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from services.container import build_step_context
from services.core.states import AttemptState, GenerationState, RunState
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.leases import Step
from services.pipeline.rate_limits import resume
from services.pipeline.steps.submit import submit
from services.providers.base import FailureClass
from services.recipes.poses.request import PoseMode, PosesRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline, open_manual_pipeline
from tests.integration.pipeline.pipeline_setup import open_pipeline_setup
from tests.integration.pipeline.test_kill_every_recipe import ANSWERED, die_at
from tests.waiting import eventually

PRICE, MASCOT = 30, 10
LONG_SECONDS = 60.0


@pytest.fixture
def by_hand(
    database_url: str, redis_url: str, fast_simulator: str, tmp_path: Path
) -> Iterator[ManualPipeline]:
    """A pipeline that the test turns itself, with a server of one's own."""
    httpx.post(f"{fast_simulator}/_simulator/reset").raise_for_status()
    place = {"COG_BASE_URL": fast_simulator}
    with (
        open_pipeline_setup(database_url, redis_url, fast_simulator, tmp_path, **place) as studio,
        open_manual_pipeline(studio) as opened,
    ):
        opened.limit(lookup_seconds=LONG_SECONDS)
        yield opened


def start(by_hand: ManualPipeline, count: int = 1) -> str:
    """Start poses of the library, as the page does."""
    studio = by_hand.studio
    request = PosesRequest(
        DEFAULT_ACCOUNT_ID,
        finished_mascot(studio.services),
        mode=PoseMode.GALLERY,
        pose_ids=("pose_waving",),
        batch_size=count,
        model="cog",
    )
    return studio.services.poses.start(studio.actor, request, "poses").generation_id


def order(by_hand: ManualPipeline, fault: str, times: int | None = 1) -> None:
    by_hand.studio.fault(fault, times, None, provider="cog", operation="generate")


def container(by_hand: ManualPipeline) -> str:
    """What the container is doing."""
    return str(httpx.get(f"{by_hand.studio.simulator_url}/health-check").json()["status"])


def made(by_hand: ManualPipeline) -> int:
    """How many predictions the container has finished."""
    answer = httpx.get(f"{by_hand.studio.simulator_url}/_simulator/predictions")
    return int(answer.json()["generated"])


def test_a_pose_fills_its_slot_with_picture_and_skeleton(by_hand: ManualPipeline) -> None:
    before = by_hand.balance()
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (slot,), (attempt,) = by_hand.slots(generation), by_hand.attempts(generation)
    assert slot.asset_id and slot.control_skeleton
    given = attempt.payload["input"]
    assert given["image"].startswith("sha256:") and given["pose_image"].startswith("sha256:")
    assert given["image"] != given["pose_image"]
    assert (attempt.estimated_cost_usd, attempt.actual_cost_usd) == (0, 0)
    assert (made(by_hand), by_hand.balance()) == (1, before - MASCOT - PRICE)


@pytest.mark.parametrize("fault", ["setup_failed", "unauthorized", "server_error"])
def test_a_container_that_is_away_is_no_choice_of_the_form(
    by_hand: ManualPipeline, fault: str
) -> None:
    by_hand.studio.fault(fault, None, None, provider="cog")
    poses, actor = by_hand.studio.services.poses, by_hand.studio.actor
    (choice,) = [it for it in poses.models(actor, DEFAULT_ACCOUNT_ID) if it.id == "cog"]
    assert not choice.is_available
    assert f"own/poses cannot be used: Cog at {by_hand.studio.simulator_url}" in choice.problem


def test_a_picture_that_the_answer_only_names_is_downloaded(by_hand: ManualPipeline) -> None:
    order(by_hand, "linked_output")
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (attempt,) = by_hand.attempts(generation)
    assert attempt.outputs[0]["url"].startswith(f"{by_hand.studio.simulator_url}/files/")
    assert by_hand.slots(generation)[0].asset_id


def test_a_busy_container_is_waited_for_and_counts_no_attempt(by_hand: ManualPipeline) -> None:
    order(by_hand, "busy", times=7)
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    attempts = by_hand.attempts(generation)
    assert [it.state for it in attempts[:-1]] == [AttemptState.NOT_SENT] * 7
    assert (by_hand.run(generation).attempt_count, made(by_hand)) == (1, 1)


def test_a_failed_setup_pauses_the_server_and_the_run_waits(
    by_hand: ManualPipeline,
) -> None:
    generation = start(by_hand)
    by_hand.studio.fault("setup_failed", None, None, provider="cog")
    by_hand.round()
    state = by_hand.provider("cog")
    assert state.paused_at and "/weights/poses.safetensors" in (state.paused_reason or "")
    assert by_hand.run(generation).state is RunState.QUEUED
    by_hand.hurry()
    assert by_hand.tick() == []
    httpx.delete(f"{by_hand.studio.simulator_url}/_simulator/faults").raise_for_status()
    with by_hand.context.database.transaction() as session:
        resume(session, "cog")
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED


@pytest.mark.parametrize("fault", ["drop_before_create", "drop_after_create", "cut_output"])
def test_a_lost_answer_is_asked_for_again_under_the_same_id(
    by_hand: ManualPipeline, fault: str
) -> None:
    order(by_hand, fault)
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (attempt,) = by_hand.attempts(generation)
    assert attempt.state is AttemptState.SUCCEEDED
    assert by_hand.events(generation).count("run.submitting") == 1


def test_a_container_that_never_answers_fails_the_run_in_the_end(by_hand: ManualPipeline) -> None:
    before = by_hand.balance()
    by_hand.limit(lookup_seconds=0.2)
    order(by_hand, "drop_after_create", times=None)
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.FAILED
    attempts = by_hand.attempts(generation)
    assert {it.state for it in attempts} == {AttemptState.LOST} and len(attempts) == 3
    assert by_hand.slots(generation)[0].failure == FailureClass.TRANSIENT
    assert (made(by_hand), by_hand.balance()) == (0, before - MASCOT)


def test_a_worker_killed_while_the_container_works_does_not_make_it_twice(
    by_hand: ManualPipeline,
) -> None:
    order(by_hand, "stuck")
    generation = start(by_hand)
    (job,) = by_hand.tick()
    child = os.fork()
    if child == 0:
        try:
            settings = by_hand.studio.services.settings
            submit(build_step_context(settings), Step(job.run_id, job.seq), "forked")
        finally:
            os._exit(1)
    eventually(lambda: container(by_hand) == "BUSY")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    by_hand.end_lease(job.run_id)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (attempt,) = by_hand.attempts(generation)
    assert (attempt.state, made(by_hand)) == (AttemptState.SUCCEEDED, 1)
    # The model's own time, whatever the interruption lasted.
    assert attempt.finished_at and attempt.predict_seconds
    lasted = attempt.finished_at - attempt.created_at
    assert attempt.predict_seconds < lasted.total_seconds()


def test_while_the_container_works_on_it_the_run_waits(by_hand: ManualPipeline) -> None:
    order(by_hand, "drop_before_create")
    generation = start(by_hand)
    by_hand.round()
    (attempt,) = by_hand.attempts(generation)
    order(by_hand, "stuck")
    url = f"{by_hand.studio.simulator_url}/predictions/{attempt.id}"
    body = {"input": {"prompt": "a fox", "image": "data:image/png;base64,"}}
    with ThreadPoolExecutor() as threads:
        other = threads.submit(httpx.put, url, json=body, timeout=1.0)
        eventually(lambda: container(by_hand) == "BUSY")
        by_hand.round()
        run = by_hand.run(generation)
        assert (run.state, run.attempt_count) == (RunState.SUBMITTING, 1)
        assert isinstance(other.exception(), httpx.ReadTimeout)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert (len(by_hand.attempts(generation)), made(by_hand)) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "failure", "attempts"),
    [
        ("malformed", FailureClass.PLATFORM, 2),
        ("platform_error", FailureClass.PLATFORM, 2),
        ("truncated_output", FailureClass.PLATFORM, 2),
        ("server_error", FailureClass.TRANSIENT, 3),
        ("fewer_outputs", FailureClass.EMPTY, 1),
        ("refuse_output", FailureClass.CONTENT_REFUSED, 1),
        ("out_of_memory", FailureClass.TOO_BIG, 1),
    ],
)
def test_a_failure_that_stays_is_refunded(
    by_hand: ManualPipeline, fault: str, failure: FailureClass, attempts: int
) -> None:
    before = by_hand.balance()
    order(by_hand, fault, times=None)
    generation = start(by_hand)
    assert by_hand.finish(generation) is GenerationState.FAILED
    assert by_hand.slots(generation)[0].failure == failure
    assert (len(by_hand.attempts(generation)), by_hand.balance()) == (attempts, before - MASCOT)


@pytest.mark.parametrize("place", ANSWERED)
def test_a_kill_anywhere_fills_the_slot_once(by_hand: ManualPipeline, place: str) -> None:
    before = by_hand.balance()
    generation = start(by_hand)
    die_at(by_hand, generation, place)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    assert by_hand.balance() == before - MASCOT - PRICE
    # Cog forgets an id when it has answered: what was not stored by then is made again.
    was_forgotten = place in ("submit.answered", "submit.stored")
    assert made(by_hand) == (2 if was_forgotten else 1)
    assert len(by_hand.attempts(generation)) == 1
