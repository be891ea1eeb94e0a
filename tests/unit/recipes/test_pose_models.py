"""Which models may draw poses, and the words and pictures that each receives."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.database.models import Mascot, TrainedModel
from services.providers.base import ModelCapabilities, Provider
from services.recipes.poses.models import PoseModel, PoseModels
from services.recipes.poses.request import BOOSTERS, PosesRequest, Subject

NAMES = {"default": ("replicate", "a/model"), "huggingface": ("huggingface", "b/model")}
MASCOT = Mascot(id="mas_1", name="Fennel", description="a fox")
TRAINED = TrainedModel(
    id="trm_1",
    name="Pip",
    trigger_word="PIPX",
    provider="replicate",
    trainer="t/trainer",
    version="me/pip:abc",
)


def provider(*, trains: bool = False, **can: Any) -> Provider:
    made = SimpleNamespace(
        name="replicate",
        capabilities=lambda model: ModelCapabilities(model, **can),
        prepare=lambda request: None,
        account=lambda: None,
        close=lambda: None,
    )
    if trains:
        product = lambda trainer: ModelCapabilities(trainer, max_images=0)
        made.trainings = SimpleNamespace(product=product)
    return cast(Provider, made)


def found(models: PoseModels, name: str) -> PoseModel:
    model = models.named(name)
    assert isinstance(model, PoseModel)
    return model


def test_provider_without_a_token_is_named_with_what_to_do() -> None:
    models = PoseModels({"replicate": provider()}, NAMES)
    assert found(models, "default").model == "a/model"
    problem = models.named("huggingface")
    assert isinstance(problem, str)
    assert problem.startswith("Hugging Face is not set up here")
    assert models.named("nobody") == "Choose one of the models."


def test_model_without_pictures_has_a_note() -> None:
    models = PoseModels({"huggingface": provider(max_images=0), "replicate": provider()}, NAMES)
    assert "the mascot's description is sent to it" in found(models, "huggingface").note
    assert found(models, "default").note == ""


def test_trained_model_runs_its_version_and_is_called_by_its_name() -> None:
    own = PoseModels({"replicate": provider(trains=True)}, NAMES).own(TRAINED)
    assert isinstance(own, PoseModel)
    assert (own.id, own.model, own.can.model) == ("trained:trm_1", "me/pip:abc", "Pip")
    assert "no mascot is needed" in own.note


@pytest.mark.parametrize(
    ("providers", "problem"),
    [({}, "Replicate is not set up here"), ({"replicate": provider()}, "runs no trained models")],
)
def test_trained_model_whose_provider_cannot_run_it(
    providers: dict[str, Provider], problem: str
) -> None:
    problem_found = PoseModels(providers, NAMES).own(TRAINED)
    assert isinstance(problem_found, str)
    assert problem in problem_found


@pytest.mark.parametrize(
    ("subject", "enhance", "prompt"),
    [
        (Subject(MASCOT, "ast_1"), True, f"waving. Fennel, a fox, {BOOSTERS}"),
        (Subject(MASCOT, None), False, "waving. Fennel, a fox"),
        (Subject(None, None, TRAINED), True, f"PIPX, waving. {BOOSTERS}"),
        (Subject(None, None, TRAINED), False, "PIPX, waving"),
        (Subject(MASCOT, None, TRAINED), False, "PIPX, waving. Fennel, a fox"),
    ],
)
def test_prompt_has_the_subject_and_only_the_chosen_words(
    subject: Subject, enhance: bool, prompt: str
) -> None:
    assert subject.prompt("waving", BOOSTERS if enhance else "") == prompt


def test_request_keeps_model_and_quality_words() -> None:
    stored = PosesRequest("acc_1", model="trained:trm_1", prompt="waving", enhance=False).as_json()
    assert (stored["source"], stored["model"], stored["enhance"]) == (
        "trained",
        "trained:trm_1",
        False,
    )
