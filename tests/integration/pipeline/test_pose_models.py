"""Poses by other models: one that knows words alone, and the account's own trained ones."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.core.errors import InvalidRequestError
from services.core.states import Tier
from services.database.models import Account, Generation, Slot, TrainedModel
from services.database.seed import DEFAULT_ACCOUNT_ID
from services.pipeline.start import Starter
from services.providers.base import ModelCapabilities, PreparedRequest, ProviderAccount
from services.providers.durations import Capacity, DurationEstimator
from services.recipes.poses.recipe import Poses
from services.recipes.poses.request import BOOSTERS, PosesRequest
from services.recipes.recipe import RecipeTools
from services.recipes.registry import edit_models, pose_models
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import RecordingQueue
from tests.integration.pipeline.pipeline_setup import PipelineSetup


@dataclass
class Trainings:
    """Answers what a trained model can do."""

    max_images: int = 0

    def product(self, trainer: str) -> ModelCapabilities:
        return ModelCapabilities(trainer, max_images=self.max_images)


@dataclass
class FakeProvider:
    """Knows its models; nothing is ever sent to it."""

    name: str
    trainings: Trainings
    max_images: int = 1

    def capabilities(self, model: str) -> ModelCapabilities:
        return ModelCapabilities(model, max_images=self.max_images, typical_seconds=8.0)

    def prepare(self, request: Any) -> PreparedRequest:
        raise AssertionError("nothing is prepared here")

    def account(self) -> ProviderAccount:
        return ProviderAccount(self.name, "nobody")

    def close(self) -> None:
        return


def poses_of(studio: PipelineSetup, *, has_huggingface: bool = True) -> Poses:
    services = studio.services
    providers = {"replicate": FakeProvider("replicate", Trainings())}
    if has_huggingface:
        providers["huggingface"] = FakeProvider("huggingface", Trainings(), max_images=0)
    tools = RecipeTools(
        services.database,
        Starter(services.database, RecordingQueue()),
        DurationEstimator(),
        Capacity(5),
        providers,
    )
    return Poses(tools, pose_models(services.settings), edit_models(services.settings))


def trained_model(studio: PipelineSetup, **changes: Any) -> str:
    started = studio.start_mascots(key="training").generation_id
    fields: dict[str, Any] = {
        "id": "trm_1",
        "account_id": DEFAULT_ACCOUNT_ID,
        "generation_id": started,
        "name": "Pip",
        "subject_type": "character",
        "trigger_word": "PIPX",
        "provider": "replicate",
        "trainer": "ostris/flux-dev-lora-trainer",
        "destination_name": "pip",
        "parameters": {},
        "version": "studio/pip:abc",
    }
    with studio.services.database.transaction() as session:
        session.add(TrainedModel(**(fields | changes)))
    return "trained:trm_1"


def request_of(**changes: Any) -> PosesRequest:
    return replace(PosesRequest(DEFAULT_ACCOUNT_ID, prompt="waving", count=2), **changes)


def slots(studio: PipelineSetup, generation_id: str) -> list[Slot]:
    with studio.services.database.transaction() as session:
        return list(session.scalars(select(Slot).where(Slot.generation_id == generation_id)))


def test_words_alone_reach_a_model_that_sees_no_picture(fast_studio: PipelineSetup) -> None:
    poses, actor = poses_of(fast_studio), fast_studio.actor
    request = request_of(mascot_id=finished_mascot(fast_studio.services), model="huggingface")
    quote = poses.quote(actor, request)
    assert (quote.problems, quote.picture_count, quote.price_credits) == ((), 2, 60)
    assert quote.cost_usd == pytest.approx(2 * 0.03)
    assert "sees no picture: the mascot's description is sent to it" in quote.note
    made = slots(fast_studio, poses.start(actor, request, "form").generation_id)
    assert {(slot.provider, slot.model) for slot in made} == {
        ("huggingface", "black-forest-labs/FLUX.1-dev")
    }
    assert [slot.input_asset_ids for slot in made] == [[], []]
    assert made[0].prompt == f"waving. Fennel, a orange fox with a scarf, {BOOSTERS}"


def test_provider_that_is_not_set_up_is_reported_and_nothing_starts(
    fast_studio: PipelineSetup,
) -> None:
    poses, actor = poses_of(fast_studio, has_huggingface=False), fast_studio.actor
    request = request_of(mascot_id=finished_mascot(fast_studio.services), model="huggingface")
    assert "Hugging Face is not set up here" in poses.quote(actor, request).problems[0]
    with pytest.raises(InvalidRequestError, match="Hugging Face is not set up"):
        poses.start(actor, request, "form")
    default, huggingface = poses.models(actor, DEFAULT_ACCOUNT_ID)
    assert default.is_available and default.needs_mascot
    assert not huggingface.is_available


def test_trained_model_needs_no_mascot_and_its_prompt_begins_with_the_trigger_word(
    fast_studio: PipelineSetup,
) -> None:
    poses, actor = poses_of(fast_studio), fast_studio.actor
    request = request_of(model=trained_model(fast_studio), enhance=False)
    choice = poses.models(actor, DEFAULT_ACCOUNT_ID)[-1]
    assert (choice.id, choice.label, choice.needs_mascot) == ("trained:trm_1", "Pip", False)
    quote = poses.quote(actor, request)
    assert quote.problems == ()
    assert [prompt.text for prompt in quote.final_prompts] == ["PIPX, waving"]
    started = poses.start(actor, request, "form")
    assert {slot.model for slot in slots(fast_studio, started.generation_id)} == {"studio/pip:abc"}
    with fast_studio.services.database.transaction() as session:
        generation = session.get_one(Generation, started.generation_id)
    assert (generation.title, generation.mascot_id) == ("Pip: waving", None)
    assert generation.request["model"] == "trained:trm_1"


@pytest.mark.parametrize("changes", [{"version": None}, {"archived_at": func.now()}])
def test_trained_model_that_is_not_ready_is_neither_offered_nor_started(
    fast_studio: PipelineSetup, changes: dict[str, Any]
) -> None:
    poses, actor = poses_of(fast_studio), fast_studio.actor
    model = trained_model(fast_studio, **changes)
    assert [choice.id for choice in poses.models(actor, DEFAULT_ACCOUNT_ID)] == [
        "default",
        "huggingface",
    ]
    with pytest.raises(InvalidRequestError, match="not ready yet"):
        poses.start(actor, request_of(model=model), "form")


def test_trained_model_of_another_account_is_nobody_s(fast_studio: PipelineSetup) -> None:
    poses, actor = poses_of(fast_studio), fast_studio.actor
    model = trained_model(fast_studio)
    with fast_studio.services.database.transaction() as session:
        session.add(Account(id="acc_other", name="Other", tier=Tier.FREE))
        session.flush()
        session.execute(update(TrainedModel).values(account_id="acc_other"))
    assert "not there any more" in poses.quote(actor, request_of(model=model)).problems[0]


def test_model_that_needs_a_mascot_has_a_problem_without_one(fast_studio: PipelineSetup) -> None:
    poses, actor = poses_of(fast_studio), fast_studio.actor
    for model in ("default", "huggingface"):
        assert poses.quote(actor, request_of(model=model)).problems[0].startswith("No mascot")
    assert poses.quote(actor, request_of(model="nobody")).problems[0] == "Choose one of the models."
