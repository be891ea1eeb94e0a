"""A training from its pictures to a version that draws, and what happens when parts of it go wrong."""

import zipfile
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from services.database.models import Asset, TrainedModel
from services.errors import InvalidRequestError
from services.generations import training_submit
from services.http.fetch import FetchError, FetchFailure
from services.images.archive import write_training_archive
from services.statuses import GenerationState, QueueName, RunState, SlotRole, SlotState
from services.trained_models import TrainingState
from tests.integration.pipeline.by_hand import ByHand
from tests.integration.pipeline.every_recipe import start_studio, start_training, trained_model

PRICE = 1_000
"""Of a version and its weights."""


def finished_training(by_hand: ByHand) -> tuple[str, TrainedModel]:
    """The generation and the model of a training that went well."""
    generation = start_training(by_hand.studio, "well")
    by_hand.until(lambda: by_hand.run(generation).state is RunState.SUCCEEDED, 60.0)
    by_hand.studio.assert_sound(generation)
    return generation, trained_model(by_hand.studio, generation)


def test_a_training_ends_with_a_version_its_weights_and_its_losses(by_hand: ByHand) -> None:
    generation, model = finished_training(by_hand)
    assert by_hand.studio.state(generation) is GenerationState.SUCCEEDED
    assert model.version and f"/{model.destination_name}:" in model.version
    assert model.ready_at is not None
    with by_hand.parts.database.transaction() as session:
        weights = session.get_one(Asset, model.weights_asset_id)
    assert weights.storage_key.startswith("weights/")
    info = by_hand.parts.storage.head(weights.storage_key)
    assert info and info.byte_count == weights.byte_count > 1_000
    assert [step for step, _ in model.losses] == sorted({step for step, _ in model.losses})
    (attempt,) = by_hand.attempts(generation)
    assert "flux_train_replicate" in attempt.logs
    assert attempt.actual_cost_usd is not None
    assert by_hand.balance() == 10_000 - PRICE
    assert "model.trained" in by_hand.events(generation)


def test_its_parameters_are_sent_exactly_and_nothing_else(by_hand: ByHand) -> None:
    generation, model = finished_training(by_hand)
    (attempt,) = by_hand.attempts(generation)
    given = dict(attempt.payload["input"])
    assert given.pop("input_images").startswith("http")
    assert given.pop("trigger_word") == model.trigger_word
    assert given == {
        "steps": 100,
        "lora_rank": 16,
        "optimizer": "adamw8bit",
        "batch_size": 1,
        "resolution": "512,768,1024",
        "autocaption": True,
        "learning_rate": 0.0004,
    }


def test_the_archive_holds_pictures_and_captions_alone_and_goes_afterwards(
    by_hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def write(target, pictures):  # type: ignore[no-untyped-def]
        summary = write_training_archive(target, pictures)
        with zipfile.ZipFile(target) as archive:
            seen.append(sorted(archive.namelist()))
        return summary

    monkeypatch.setattr(training_submit, "write_training_archive", write)
    finished_training(by_hand)
    assert seen == [["001.jpg", "001.txt", *(f"{number:03}.jpg" for number in range(2, 7))]]
    assert list(by_hand.parts.scratch.iterdir()) == []


def test_a_look_tells_the_stage_while_it_runs(by_hand: ByHand) -> None:
    generation = start_training(by_hand.studio, "looked")
    by_hand.until(lambda: by_hand.run(generation).stage, 60.0)
    run = by_hand.run(generation)
    assert run.progress is not None and 0.0 <= run.progress <= 1.0
    card = by_hand.studio.services.trained_models.of_account(
        by_hand.studio.actor, run_account(by_hand, generation)
    )[0]
    assert card.state in (TrainingState.STARTING, TrainingState.TRAINING, TrainingState.COMPLETED)


def run_account(by_hand: ByHand, generation: str) -> str:
    """The account of a generation."""
    return by_hand.slots(generation)[0].account_id


def test_archive_and_weights_wait_in_the_queue_for_long_work(by_hand: ByHand) -> None:
    generation = start_training(by_hand.studio, "queued")
    by_hand.hurry()
    (ring,) = by_hand.tick()
    assert (ring.step, ring.queue) == ("submit", QueueName.LOW)
    by_hand.do(ring)
    by_hand.until_state_only(generation, RunState.INGESTING)
    by_hand.hurry()
    (ring,) = by_hand.tick()
    assert (ring.step, ring.queue) == ("keep_weights", QueueName.LOW)


def test_weights_that_are_gone_cost_the_copy_and_not_the_version(by_hand: ByHand) -> None:
    def gone(url: str, target: Path) -> int:
        raise FetchError(FetchFailure.GONE, "404")

    by_hand.parts = replace(by_hand.parts, fetch_to=gone)
    generation = start_training(by_hand.studio, "gone")
    by_hand.until(lambda: by_hand.run(generation).state is RunState.SUCCEEDED, 60.0)
    states = {slot.role: slot.state for slot in by_hand.slots(generation)}
    assert states == {SlotRole.VERSION: SlotState.FILLED, SlotRole.WEIGHTS: SlotState.FAILED}
    assert by_hand.balance() == 10_000 - 800
    assert trained_model(by_hand.studio, generation).version
    by_hand.studio.assert_sound(generation)


def test_a_network_that_fails_once_is_tried_again(by_hand: ByHand) -> None:
    fetch, tries = by_hand.parts.fetch_to, []

    def once(url: str, target: Path) -> int:
        tries.append(url)
        if len(tries) == 1:
            raise FetchError(FetchFailure.TRANSIENT, "reset")
        return fetch(url, target)

    by_hand.parts = replace(by_hand.parts, fetch_to=once)
    generation = start_training(by_hand.studio, "again")
    by_hand.until(lambda: by_hand.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert by_hand.studio.state(generation) is GenerationState.SUCCEEDED
    assert len(tries) == 2


def test_weights_that_end_half_way_are_refused_and_the_version_works(by_hand: ByHand) -> None:
    by_hand.studio.fault("truncated_output", provider="replicate", operation="create")
    generation = start_training(by_hand.studio, "half")
    by_hand.until(lambda: by_hand.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert by_hand.studio.state(generation) is GenerationState.PARTIAL
    assert trained_model(by_hand.studio, generation).version
    assert by_hand.balance() == 10_000 - 800
    with pytest.raises(InvalidRequestError, match="works without it"):
        by_hand.studio.services.retry.start(by_hand.studio.actor, generation)


def test_a_failed_training_is_refunded_whole_and_can_be_made_again(by_hand: ByHand) -> None:
    by_hand.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = start_training(by_hand.studio, "failed")
    by_hand.until(lambda: by_hand.studio.state(generation) is GenerationState.FAILED, 60.0)
    assert by_hand.balance() == 10_000
    by_hand.studio.services.retry.start(by_hand.studio.actor, generation)
    by_hand.until(lambda: by_hand.studio.state(generation) is GenerationState.SUCCEEDED, 60.0)
    assert by_hand.balance() == 10_000 - PRICE
    by_hand.studio.assert_sound(generation)


def test_a_canceled_training_is_canceled_at_the_provider(by_hand: ByHand) -> None:
    by_hand.studio.fault("stuck", provider="replicate", operation="create")
    generation = start_training(by_hand.studio, "canceled")
    by_hand.until_state_only(generation, RunState.WAITING)
    by_hand.studio.services.cancel.cancel(by_hand.studio.actor, generation)
    by_hand.until(lambda: by_hand.studio.state(generation) is GenerationState.CANCELED, 30.0)
    assert by_hand.balance() == 10_000


def test_a_lost_answer_of_a_training_is_found_and_adopted(by_hand: ByHand) -> None:
    by_hand.studio.fault("drop_after_create", provider="replicate", operation="create")
    generation = start_training(by_hand.studio, "lost")
    by_hand.until(lambda: by_hand.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert "run.adopted" in by_hand.events(generation)
    assert len(by_hand.attempts(generation)) == 1


def test_a_version_that_is_gone_is_told_before_any_charge(by_hand: ByHand) -> None:
    _, model = finished_training(by_hand)
    name, _, version = str(model.version).partition(":")
    deleted = httpx.delete(
        f"{by_hand.studio.simulator_url}/v1/models/{name}/versions/{version}",
        headers={"Authorization": f"Bearer {by_hand.studio.env['REPLICATE_API_TOKEN']}"},
    )
    deleted.raise_for_status()
    before = by_hand.balance()
    with pytest.raises(InvalidRequestError, match="train it anew"):
        start_studio(by_hand.studio, "gone", model.id)
    assert by_hand.balance() == before


def test_the_trained_version_draws_in_the_studio(by_hand: ByHand) -> None:
    _, model = finished_training(by_hand)
    generation = start_studio(by_hand.studio, "studio", model.id)
    assert by_hand.finish(generation) is GenerationState.SUCCEEDED
    (attempt,) = by_hand.attempts(generation)
    assert model.trigger_word in attempt.payload["input"]["prompt"]
    assert attempt.payload["input"]["lora_scale"] == 1.0
    with by_hand.parts.database.transaction() as session:
        assert session.scalars(select(TrainedModel)).one().version
