"""One small start of each kind of work, for tests that hold for all of them."""

from collections.abc import Callable

from sqlalchemy import select

from services.core.states import GenerationState, Kind
from services.database.models import TrainedModel
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.recipes.edits.recipe import EditsRequest
from services.recipes.poses.request import PosesRequest
from services.recipes.simulations.recipe import SimulationRequest
from services.recipes.studio.recipe import StudioRequest
from services.recipes.training.request import ModelTrainingRequest
from tests.factories import finished_mascot
from tests.integration.pipeline.pipeline_setup import PipelineSetup

COLOURS = ("teal", "orange", "purple", "gold", "navy", "crimson")
EXPECTED_SLOTS = {
    Kind.MASCOTS: 3,
    Kind.POSES: 2,
    Kind.SIMULATIONS: 2,
    Kind.TRAINING: 2,
    Kind.STUDIO: 1,
    Kind.EDITS: 2,
}


def start_mascots(studio: PipelineSetup, key: str) -> str:
    """One variation: a full body, and two pictures made from it."""
    return studio.start_mascots(key=key).generation_id


def start_poses(studio: PipelineSetup, key: str) -> str:
    """Two pictures of one pose."""
    return studio.start_poses(finished_mascot(studio.services), 2, key=key).generation_id


def start_huggingface_poses(studio: PipelineSetup, key: str) -> str:
    """One picture by a model that takes text only."""
    request = PosesRequest(
        DEFAULT_ACCOUNT_ID, finished_mascot(studio.services), "waving", 1, model="huggingface"
    )
    return studio.services.poses.start(studio.actor, request, key).generation_id


def start_simulation(studio: PipelineSetup, key: str) -> str:
    """Rear and side view of one photograph."""
    request = SimulationRequest(
        DEFAULT_ACCOUNT_ID, studio.upload("teal"), "projection-level-2", has_consent=True
    )
    return studio.services.simulations.start(studio.actor, request, key).generation_id


def start_training(studio: PipelineSetup, key: str) -> str:
    """Six pictures, the first with a caption; few steps, so that it is quick."""
    references = tuple(studio.upload(colour) for colour in COLOURS)
    request_for = ModelTrainingRequest(
        DEFAULT_ACCOUNT_ID,
        "Pip",
        subject_type="character",
        trigger_word=f"pip_{key.replace('.', '_')}",
        reference_ids=references,
        captions=((references[0], "a teal ball"),),
        parameters=(("steps", 100),),
    )
    return studio.services.training.start(studio.actor, request_for, key).generation_id


def trained_model(studio: PipelineSetup, generation_id: str) -> TrainedModel:
    """What a training's start wrote, as it is now."""
    with studio.services.database.transaction() as session:
        return session.scalars(
            select(TrainedModel).where(TrainedModel.generation_id == generation_id)
        ).one()


def start_studio(studio: PipelineSetup, key: str, model_id: str) -> str:
    """One picture of a trained model."""
    request = StudioRequest(DEFAULT_ACCOUNT_ID, model_id, "on a beach", 1)
    return studio.services.studio.start(studio.actor, request, key).generation_id


def start_edits(studio: PipelineSetup, key: str) -> str:
    """A background removed, and an export of what is left."""
    asset_id = studio.asset_of(studio.upload("gold"))
    request = EditsRequest(DEFAULT_ACCOUNT_ID, (asset_id,), "remove", presets=("tiktok",))
    return studio.services.edits.start(studio.actor, request, key).generation_id


STARTS: dict[str, Callable[[PipelineSetup, str], str]] = {
    "mascots": start_mascots,
    "poses": start_poses,
    "poses by hugging face": start_huggingface_poses,
    "simulations": start_simulation,
    "training": start_training,
    "edits": start_edits,
}
"""All that needs nothing but a reference or a mascot; the Studio needs a training before."""


def trained(studio: PipelineSetup) -> str:
    """The id of a model whose training has ended; processes must be running."""
    generation = start_training(studio, "before")
    assert studio.wait_finished(generation, 90.0) is GenerationState.SUCCEEDED
    return trained_model(studio, generation).id
