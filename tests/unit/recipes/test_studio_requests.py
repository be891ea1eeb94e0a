"""The prompt that a trained model is sent, and how many pictures a request asks for."""

import pytest

from services.database.models import TrainedModel
from services.providers.base import ModelCapabilities
from services.recipes.studio.recipe import (
    BOOSTERS,
    PromptedModel,
    ResolvedModels,
    StudioRequest,
    final_prompt,
    options_of,
    request_problems,
)


def model(
    word: str = "mira1", subject_type: str = "person", gender: str | None = None
) -> TrainedModel:
    return TrainedModel(
        id=f"mod_{word}",
        name="Mira",
        trigger_word=word,
        subject_type=subject_type,
        gender=gender,
        version="o/n:v",
    )


@pytest.mark.parametrize(
    ("words", "trained", "expected"),
    [
        ("by the sea", model(), "mira1, by the sea"),
        ("by the sea", model(gender="man"), "mira1, a man, by the sea"),
        ("by the sea", model(gender="non-binary"), "mira1, by the sea"),
        ("a boat", model(subject_type="style"), "in the style of mira1, a boat"),
        ("a photo of Mira1 by the sea", model(), "a photo of Mira1 by the sea"),
        ("mira12 by the sea", model(), "mira1, mira12 by the sea"),
    ],
)
def test_trigger_word_is_put_in_front_where_it_is_missing(
    words: str, trained: TrainedModel, expected: str
) -> None:
    assert final_prompt(words, trained) == f"{expected}, {BOOSTERS}"


def test_comparing_makes_two_of_each() -> None:
    assert StudioRequest("acc_1", "a", count=3).picture_count == 3
    assert StudioRequest("acc_1", "a", count=3, compare_model_id="b").picture_count == 6
    assert StudioRequest("acc_1", "a", count=-3).picture_count == 0


def test_model_without_a_strength_is_asked_for_none() -> None:
    plain = ModelCapabilities("o/n")
    request = StudioRequest("acc_1", "a", "by the sea", lora_scale=0.5)
    resolved = ResolvedModels(PromptedModel(model(), "mira1, by the sea"))
    assert options_of(request, plain) == {}
    assert request_problems(request, resolved, plain) == [
        "This model's likeness has one strength. Put it back to 1."
    ]
