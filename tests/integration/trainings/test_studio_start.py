"""Starting pictures of a trained model, alone and beside another one."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func

from services.core.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.core.states import Kind, SlotRole
from services.database.models import Generation, TrainedModel
from tests.integration.trainings.training_setup import OPERATOR, VERSION, VIEWER, TrainingSetup


def test_each_picture_is_ordered_from_the_trained_version(setup: TrainingSetup) -> None:
    model = setup.ready()
    request = setup.studio_request(model, count=3, aspect_ratio="3:4", lora_scale=0.8)
    quote = setup.studio.quote(VIEWER, request)
    assert (quote.picture_count, quote.price_credits, quote.problems) == (3, 60, ())
    assert quote.cost_usd == pytest.approx(3 * 10 * 0.000975)
    started = setup.studio.start(OPERATOR, request, "form")
    slots = setup.slots(started.generation_id)
    assert {slot.model for slot in slots} == {f"studio/atelier-mira4821:{VERSION}"}
    assert [slot.prompt for slot in slots] == [quote.final_prompts[0].text] * 3
    assert slots[0].prompt.startswith("mira4821, a woman, reading in a café, ")
    assert [slot.options for slot in slots] == [{"lora_scale": 0.8}] * 3
    assert (slots[0].role, slots[0].aspect_ratio) == (SlotRole.STUDIO, "3:4")
    assert len({slot.run_group for slot in slots}) == len({slot.seed for slot in slots}) == 3


def test_compared_pictures_are_pairs_with_the_same_seed(setup: TrainingSetup) -> None:
    earlier, later = setup.ready("mira0001"), setup.ready("mira0002")
    request = setup.studio_request(
        later, prompt="MIRA0002 by the sea", count=2, compare_model_id=earlier.id
    )
    quote = setup.studio.quote(VIEWER, request)
    assert (quote.picture_count, quote.price_credits, quote.problems) == (4, 80, ())
    assert [prompt.text.split(",")[0] for prompt in quote.final_prompts] == [
        "MIRA0002 by the sea",
        "mira0001 by the sea",
    ]
    slots = setup.slots(setup.studio.start(OPERATOR, request, "form").generation_id)
    assert [slot.model for slot in slots] == [later.version, earlier.version] * 2
    assert slots[0].seed == slots[1].seed
    assert slots[2].seed == slots[3].seed != slots[0].seed


def test_given_seed_counts_up_from_picture_to_picture(setup: TrainingSetup) -> None:
    request = setup.studio_request(setup.ready(), count=3, seed=41)
    started = setup.studio.start(OPERATOR, request, "form")
    assert [slot.seed for slot in setup.slots(started.generation_id)] == [41, 42, 43]


def test_same_request_is_offered_what_it_made(setup: TrainingSetup) -> None:
    request = setup.studio_request(setup.ready())
    started = setup.studio.start(OPERATOR, request, "form")
    existing = setup.studio.quote(VIEWER, request).existing
    assert existing and existing.generation_id == started.generation_id
    assert setup.studio.start(OPERATOR, request, "form").is_new is False


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"prompt": " "}, "The prompt is empty"),
        ({"prompt": "x" * 600}, "500 at most"),
        ({"count": 0}, "1 to 4 pictures"),
        ({"count": 5}, "1 to 4 pictures"),
        ({"lora_scale": 2.1}, "from -1 to 2"),
        ({"lora_scale": -1.1}, "from -1 to 2"),
        ({"aspect_ratio": "7:1"}, "no pictures of 7:1"),
        ({"seed": 0}, "Choose a seed"),
        ({"trained_model_id": "mod_nobody"}, "Choose a trained model"),
        ({"compare_model_id": "mod_nobody"}, "not there any more"),
        ({"account_id": "acc_nobody"}, "Choose a trained model"),
    ],
)
def test_impossible_request_has_problems_and_starts_nothing(
    setup: TrainingSetup, changes: dict[str, Any], problem: str
) -> None:
    request = replace(setup.studio_request(setup.ready()), **changes)
    problems = setup.studio.quote(VIEWER, request).problems
    assert any(problem in sentence for sentence in problems), problems
    with pytest.raises(InvalidRequestError):
        setup.studio.start(OPERATOR, request, "form")
    assert not setup.all(Generation, Generation.kind == Kind.STUDIO)


def test_model_that_is_not_ready_makes_no_pictures(setup: TrainingSetup) -> None:
    training = setup.model(setup.start())
    archived = setup.ready("olga4821", archived_at=func.clock_timestamp())
    for model, problem in ((training, "has no trained version"), (archived, "is archived")):
        request = setup.studio_request(model)
        assert problem in setup.studio.quote(VIEWER, request).problems[0]
        with pytest.raises(InvalidRequestError, match=problem):
            setup.studio.start(OPERATOR, request, "form")
    ready = setup.ready("anna4821")
    beside = setup.studio_request(ready, compare_model_id=training.id)
    with pytest.raises(InvalidRequestError, match="has no trained version"):
        setup.studio.start(OPERATOR, beside, "form")
    itself = setup.studio_request(ready, compare_model_id=ready.id)
    assert "compared with itself" in setup.studio.quote(VIEWER, itself).problems[0]


def test_capabilities_are_those_of_the_trainers_models(setup: TrainingSetup) -> None:
    model: TrainedModel = setup.ready()
    assert setup.studio.capabilities(VIEWER, model.id).aspect_ratios == ("1:1", "3:4")
    with pytest.raises(NotFoundError):
        setup.studio.capabilities(VIEWER, "mod_nobody")
    with pytest.raises(NotAllowedError):
        setup.studio.start(VIEWER, setup.studio_request(model), "form")
