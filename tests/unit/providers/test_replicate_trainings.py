"""What trainers and their products can do, and what is refused before anything is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.providers.base import FailureClass, ProviderError, TrainingProvider, TrainingRequest
from services.providers.replicate.provider import ReplicateProvider, ReplicateTrainings

TRAINER = "ostris/flux-dev-lora-trainer"
FAST_TRAINER = "replicate/fast-flux-trainer"
NOBODY = "http://replicate.invalid"


@pytest.fixture
def trainings() -> Iterator[ReplicateTrainings]:
    provider = ReplicateProvider(token="r8_unit0123456789abcdef", base_url=NOBODY)
    assert isinstance(provider, TrainingProvider)
    yield provider.trainings
    provider.close()


@pytest.mark.parametrize(
    ("trainer", "seconds"), [(TRAINER, 1800.0), (FAST_TRAINER, 130.0), (f"{TRAINER}:abc", 1800.0)]
)
def test_trainers(trainings: ReplicateTrainings, trainer: str, seconds: float) -> None:
    can = trainings.capabilities(trainer)
    assert can.model == trainer.partition(":")[0]
    assert (can.typical_seconds, can.deadline_seconds) == (seconds, 7200.0)
    assert "trigger_word" in can.options
    assert not {"num_repeats", "input_images"} & set(can.options)


def test_each_trainer_has_its_own_parameters(trainings: ReplicateTrainings) -> None:
    durations = set(trainings.capabilities(TRAINER).options)
    fast = set(trainings.capabilities(FAST_TRAINER).options)
    assert fast == {"trigger_word", "lora_type", "training_steps"}
    assert durations & fast == {"trigger_word"}
    assert {"steps", "learning_rate", "lora_rank", "resolution", "autocaption"} <= durations
    assert not any("key" in name or "token" in name for name in durations)


def test_unknown_trainer_has_no_parameters(trainings: ReplicateTrainings) -> None:
    can = trainings.capabilities("acme/trainer")
    assert (can.model, can.options, can.deadline_seconds) == ("acme/trainer", (), 7200.0)


def test_product_is_a_model_with_weights_of_its_own(trainings: ReplicateTrainings) -> None:
    can = trainings.product(TRAINER)
    assert {"lora_scale", "steps", "guidance"} <= set(can.options)
    assert (can.takes_prompt, can.max_images, can.typical_seconds) == (True, 1, 10.0)
    assert "3:4" in can.aspect_ratios


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"parameters": {"num_repeats": 10}}, "bad_input"),
        ({"parameters": {"input_images": "https://a.example/set.zip"}}, "bad_input"),
        ({"parameters": {"hf_token": "x"}}, "bad_input"),
        ({"trainer": FAST_TRAINER, "parameters": {"steps": 500}}, "bad_input"),
        ({"destination_name": ""}, "bad_input"),
        ({"destination_name": "acme/rosa"}, "bad_input"),
        ({"destination_name": "Rosa"}, "bad_input"),
        ({"destination_name": "../rosa"}, "bad_input"),
        ({"trainer": "acme/trainer"}, "configuration"),
        ({"trainer": "no-slash"}, "configuration"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    trainings: ReplicateTrainings, tmp_path: Path, fields: dict[str, Any], failure: str
) -> None:
    durations: dict[str, Any] = {
        "trainer": TRAINER,
        "destination_name": "rosa",
        "archive": tmp_path / "never-opened.zip",
        "parameters": {"trigger_word": "TOK"},
    }
    with pytest.raises(ProviderError) as caught:
        trainings.prepare(TrainingRequest(**{**durations, **fields}))
    assert (caught.value.failure, caught.value.reached) == (FailureClass(failure), False)
    assert not caught.value.pauses_provider
