"""SIGKILL at every checkpoint of every kind of work: nothing is lost, made twice or paid twice."""

from collections.abc import Callable

import pytest

from services.core.states import AttemptState, GenerationState, RunState
from services.database.models import Run
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.checkpoints import CHECKPOINTS
from services.pipeline.failures import Failure
from services.pipeline.leases import Step
from services.pipeline.review import DECLARED_LOST, queue_another_attempt
from services.providers.base import FailureClass
from tests.integration.pipeline.every_recipe import (
    start_edits,
    start_huggingface_poses,
    start_mascots,
    start_poses,
    start_simulation,
    start_studio,
    start_training,
    trained_model,
)
from tests.integration.pipeline.forked import killed_at
from tests.integration.pipeline.manual_pipeline import ManualPipeline
from tests.integration.pipeline.pipeline_setup import FINISHED, PipelineSetup

SENT = ("submit.claimed", "submit.prepared", "submit.committed", "submit.created")
ASKED = (*SENT, "submit.accepted", "poll.claimed", "poll.asked", "poll.saved")
FETCHED = ("ingest.claimed", "ingest.fetched", "ingest.stored", "ingest.filled")
ANSWERED = (
    *("submit.claimed", "submit.prepared", "submit.committed"),
    *("submit.answered", "submit.stored", "submit.accepted"),
    *("ingest.claimed", "ingest.stored", "ingest.filled"),
)
Start = Callable[[PipelineSetup, str], str]

RECIPES: dict[str, tuple[Start, tuple[str, ...]]] = {
    "mascots": (start_mascots, ANSWERED),
    "poses": (start_poses, (*ASKED, *FETCHED)),
    "huggingface": (start_huggingface_poses, ANSWERED),
    "simulations": (start_simulation, (*ASKED, *FETCHED)),
    "training": (start_training, ("submit.archived", *ASKED, *FETCHED)),
    "edits": (start_edits, (*ASKED, *FETCHED, "submit.answered", "submit.stored")),
}
UNKNOWN = ("submit.committed", "submit.created")
"""After a death here the create may exist, or not: it is adopted, or a person decides."""


@pytest.mark.parametrize("kind", RECIPES)
def test_a_kill_anywhere_loses_nothing_and_pays_nothing_twice(
    hurried: ManualPipeline, kind: str
) -> None:
    start, places = RECIPES[kind]
    studio = hurried.studio
    studio.services.accounts.grant(studio.actor, DEFAULT_ACCOUNT_ID, 50_000, "Many starts", kind)
    for place in places:
        generation = start(studio, f"{kind}.{place}")
        die_at(hurried, generation, place)
        settle(hurried, generation, place)


def test_a_kill_anywhere_in_the_studio(hurried: ManualPipeline) -> None:
    training = start_training(hurried.studio, "before")
    hurried.until(lambda: hurried.studio.state(training) in FINISHED, 60.0)
    model = trained_model(hurried.studio, training)
    for place in (*ASKED, *FETCHED):
        generation = start_studio(hurried.studio, f"studio.{place}", model.id)
        die_at(hurried, generation, place)
        settle(hurried, generation, place)


def test_every_checkpoint_of_a_step_is_tried_in_some_recipe() -> None:
    tried = {place for _, places in RECIPES.values() for place in places}
    elsewhere = {
        *("reconcile.claimed", "reconcile.found", "poll.canceled"),
        *("cancel.requested", "cancel.settled", "retry.committed"),
        *(name for name in CHECKPOINTS if name.startswith("dispatch.")),
    }
    assert tried | elsewhere == set(CHECKPOINTS)


def die_at(by_hand: ManualPipeline, generation: str, place: str) -> None:
    """Go on until a step of this generation was killed at the checkpoint."""
    step = place.split(".")[0]
    for _ in range(200):
        by_hand.hurry()
        for job in by_hand.tick():
            if job.step == step and killed_at(by_hand, job, place):
                by_hand.end_lease_if_any(job.run_id)
                return
            if job.step != step:
                by_hand.do(job)
    raise AssertionError(f"no step of {generation} came to {place}")


def declare_lost(by_hand: ManualPipeline, run: Run) -> None:
    """A person found that the provider never received it."""
    lost = Failure(FailureClass.AMBIGUOUS, DECLARED_LOST)
    with by_hand.context.database.transaction() as session:
        queue_another_attempt(
            session,
            Step(run.id, run.seq),
            AttemptState.LOST,
            lost,
            actor=by_hand.studio.actor,
            reason="Not there",
        )


def settle(by_hand: ManualPipeline, generation: str, place: str) -> None:
    """Everything else goes well: what was killed comes to its end, and all adds up."""
    by_hand.until(lambda: by_hand.studio.state(generation) in FINISHED, 60.0)
    state = by_hand.studio.state(generation)
    if state is GenerationState.NEEDS_REVIEW:
        assert place in UNKNOWN
        for run in by_hand.runs(generation):
            if run.state is RunState.NEEDS_REVIEW:
                declare_lost(by_hand, run)
        by_hand.until(lambda: by_hand.studio.state(generation) in FINISHED, 60.0)
        state = by_hand.studio.state(generation)
    assert state is GenerationState.SUCCEEDED, (place, by_hand.studio.describe(generation))
    by_hand.studio.assert_sound(generation)
    assert by_hand.studio.creates() <= by_hand.studio.attempts()
