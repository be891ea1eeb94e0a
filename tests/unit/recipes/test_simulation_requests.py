"""What a request on the simulations page comes to: prompts, strength and what is wrong with it."""

from dataclasses import replace
from typing import Any

import pytest

from services.core.states import SlotRole
from services.database.models import Reference, Scenario
from services.database.seed import SCENARIOS
from services.providers.base import ModelCapabilities
from services.recipes.simulations.recipe import (
    ResolvedSimulation,
    SimulationRequest,
    problems_of,
)
from services.recipes.simulations.scenarios import strength_words

CAN = ModelCapabilities("a/model")
SDXL = replace(CAN, options=("strength", "steps", "guidance", "negative_prompt"))
SCENARIO = Scenario(
    id="s", name="Level 2", description="a fuller contour.", strength=0.5, version=3
)
REFERENCE = Reference(id="ref_1", asset_id="ast_1", filename="front.jpg")


def resolved(**changes: Any) -> ResolvedSimulation:
    request = SimulationRequest("acc_1", "ref_1", "s", has_consent=True)
    return ResolvedSimulation(replace(request, **changes), REFERENCE, SCENARIO)


def test_each_view_has_its_own_prompt_with_the_scenario_in_it() -> None:
    prompts = resolved().prompts()
    assert list(prompts) == [SlotRole.REAR_VIEW, SlotRole.SIDE_VIEW]
    assert "seen from behind, standing: a fuller contour, same adult" in prompts[SlotRole.REAR_VIEW]
    assert (
        "seen from the side, standing: a fuller contour, same adult"
        in (prompts[SlotRole.SIDE_VIEW])
    )


def test_strength_is_the_scenarios_unless_the_request_has_its_own() -> None:
    assert resolved().options == {"strength": 0.5, "steps": 30}
    assert resolved(strength=0.30000000000000004, steps=25).options == {
        "strength": 0.3,
        "steps": 25,
    }


def test_request_is_stored_with_the_version_and_without_the_consent() -> None:
    stored = resolved().as_json()
    assert (stored["scenario_version"], stored["strength"]) == (3, 0.5)
    assert stored == resolved(strength=0.5, has_consent=False).as_json()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"strength": 0.04}, "strength from 0.05 to 1"),
        ({"strength": 1.01}, "strength from 0.05 to 1"),
        ({"steps": 200}, "30 steps, or 25"),
        ({"has_consent": False}, "Confirm the consent"),
    ],
)
def test_what_is_wrong_is_one_sentence(changes: dict[str, Any], problem: str) -> None:
    (sentence,) = problems_of(resolved(**changes), CAN)
    assert problem in sentence


def test_missing_rows_are_problems() -> None:
    empty = ResolvedSimulation(
        SimulationRequest("acc_1", "gone", "gone", has_consent=True), None, None
    )
    assert [sentence.split(".")[0] for sentence in problems_of(empty, CAN)] == [
        "This photograph is not among the references any more",
        "This scenario cannot be chosen any more",
    ]
    assert empty.prompts() == {}


@pytest.mark.parametrize(
    ("can", "problem"),
    [
        (CAN, ""),
        (SDXL, ""),
        (replace(CAN, options=("guidance",)), "knows no strength and no steps"),
        (replace(SDXL, options=("strength",)), "knows no steps"),
        (replace(SDXL, max_images=0), "takes no picture"),
        (replace(SDXL, max_prompt_characters=10), "reads 10 at most"),
    ],
)
def test_model_that_cannot_do_it_is_refused(can: ModelCapabilities, problem: str) -> None:
    problems = problems_of(resolved(), can)
    assert len(problems) == bool(problem)
    assert problem in "".join(problems)


@pytest.mark.parametrize(
    ("strength", "words"),
    [
        (0.05, "Barely"),
        (0.2, "Very subtle"),
        (0.35, "Very subtle"),
        (0.4, "Moderate"),
        (0.6, "Strong"),
        (0.7, "Strong"),
        (0.8, "may no longer be recognised"),
        (1.0, "may no longer be recognised"),
    ],
)
def test_strength_in_words_follows_the_guides_ranges(strength: float, words: str) -> None:
    assert words in strength_words(strength)


def test_seeded_strengths_are_the_guides() -> None:
    assert [(id_, strength) for id_, _, _, strength in SCENARIOS] == [
        ("projection-level-1", 0.35),
        ("projection-level-2", 0.5),
        ("projection-level-3", 0.7),
    ]
