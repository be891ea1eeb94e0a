"""What is stored of a training's request, what the trainer receives, and words for a new model."""

import pytest

from services.providers.base import ModelCapabilities
from services.recipes.training.request import (
    DEFAULTS,
    PATTERN,
    ModelTrainingRequest,
    request_problems,
    trigger_word_problem,
    word_from,
)

CAN = ModelCapabilities("a/trainer", options=("trigger_word", *DEFAULTS))


def test_defaults_are_the_guides_without_what_the_trainer_lacks() -> None:
    assert DEFAULTS == {
        "steps": 1000,
        "lora_rank": 16,
        "optimizer": "adamw8bit",
        "batch_size": 1,
        "resolution": "512,768,1024",
        "autocaption": True,
        "learning_rate": 0.0004,
    }
    assert request_problems(ModelTrainingRequest("acc_1", "Mira"), CAN) == []


def test_cleaned_request_has_captions_of_chosen_pictures_and_a_persons_gender_alone() -> None:
    request = ModelTrainingRequest(
        "acc_1",
        " Mira\x00 ",
        "style",
        "woman",
        " mira1 ",
        ("b", "a", "b"),
        (("a", " "), ("b", " a lake\x07 "), ("gone", "x")),
    ).cleaned()
    assert (request.name, request.gender, request.trigger_word) == ("Mira", None, "mira1")
    assert (request.reference_ids, request.captions) == (("b", "a"), (("b", "a lake"),))
    assert request.as_json()["parameters"] == DEFAULTS


def test_twice_the_steps_take_twice_as_long() -> None:
    assert ModelTrainingRequest("acc_1", "Mira").effort == 1.0
    assert ModelTrainingRequest("acc_1", "Mira", parameters=(("steps", 2500),)).effort == 2.5


@pytest.mark.parametrize(
    ("word", "is_good"),
    [
        ("user42585527", True),
        ("mira", True),
        ("a_b_9", True),
        ("a" * 30, True),
        ("abc", False),
        ("a" * 31, False),
        ("1abc", False),
        ("_abc", False),
        ("Mira1", False),
        ("mira 1", False),
        ("mirä1", False),
        ("mira1\n", False),
        ("", False),
    ],
)
def test_shape_of_a_trigger_word(word: str, is_good: bool) -> None:
    assert (trigger_word_problem(word) is None) is is_good


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mira", "mira0042"),
        ("Zoë & Émile 3", "zoeemile30042"),
        ("42", "model0042"),
        ("", "model0042"),
        ("美咲", "model0042"),
        ("A very long name that never ends", "averylongnamethatnev0042"),
    ],
)
def test_word_is_made_from_the_name_and_always_fits(name: str, expected: str) -> None:
    assert word_from(name, 42) == expected
    assert PATTERN.fullmatch(word_from(name, 999_999_999))
