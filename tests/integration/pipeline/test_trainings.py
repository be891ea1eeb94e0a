"""A training from its pictures to a version that draws, and what happens when parts of it go wrong."""

import zipfile
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from services.core.errors import InvalidRequestError
from services.core.states import GenerationState, QueueName, RunState, SlotRole, SlotState
from services.database.models import Asset, TrainedModel
from services.fetch.network import FetchError, FetchFailure
from services.media.archive import write_training_archive
from services.recipes.training import work
from services.recipes.training.trained_models import TrainingState
from services.storage.base import PublicUrl
from services.storage.local_storage import LocalStorage
from tests.integration.pipeline.every_recipe import start_studio, start_training, trained_model
from tests.integration.pipeline.manual_pipeline import ManualPipeline

PRICE = 1_000
"""Of a version and its weights."""


def finished_training(by_hand: ManualPipeline) -> tuple[str, TrainedModel]:
    """The generation and the model of a training that went well."""
    generation = start_training(by_hand.studio, "well")
    by_hand.until(lambda: by_hand.run(generation).state is RunState.SUCCEEDED, 60.0)
    by_hand.studio.assert_sound(generation)
    return generation, trained_model(by_hand.studio, generation)


def test_a_training_ends_with_a_version_its_weights_and_its_losses(hurried: ManualPipeline) -> None:
    generation, model = finished_training(hurried)
    assert hurried.studio.state(generation) is GenerationState.SUCCEEDED
    assert model.version and f"/{model.destination_name}:" in model.version
    assert model.ready_at is not None
    with hurried.context.database.transaction() as session:
        weights = session.get_one(Asset, model.weights_asset_id)
    assert weights.storage_key.startswith("weights/")
    info = hurried.context.storage.head(weights.storage_key)
    assert info and info.byte_count == weights.byte_count > 1_000
    assert [step for step, _ in model.losses] == sorted({step for step, _ in model.losses})
    (attempt,) = hurried.attempts(generation)
    assert "flux_train_replicate" in attempt.logs
    assert attempt.actual_cost_usd is not None
    assert hurried.balance() == 10_000 - PRICE
    assert "model.trained" in hurried.events(generation)


def test_its_parameters_are_sent_exactly_and_nothing_else(hurried: ManualPipeline) -> None:
    generation, model = finished_training(hurried)
    (attempt,) = hurried.attempts(generation)
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
    hurried: ManualPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def write(target, pictures):  # type: ignore[no-untyped-def]
        write_training_archive(target, pictures)
        with zipfile.ZipFile(target) as archive:
            seen.append(sorted(archive.namelist()))

    monkeypatch.setattr(work, "write_training_archive", write)
    finished_training(hurried)
    assert seen == [["001.jpg", "001.txt", *(f"{number:03}.jpg" for number in range(2, 7))]]
    assert list(hurried.context.scratch.iterdir()) == []


def test_a_poll_stores_the_stage_while_it_runs(by_hand: ManualPipeline) -> None:
    generation = start_training(by_hand.studio, "looked")
    by_hand.until(lambda: by_hand.run(generation).stage, 60.0)
    run = by_hand.run(generation)
    assert run.progress is not None and 0.0 <= run.progress <= 1.0
    card = by_hand.studio.services.trained_models.of_account(
        by_hand.studio.actor, run_account(by_hand, generation)
    )[0]
    assert card.state in (TrainingState.STARTING, TrainingState.TRAINING, TrainingState.COMPLETED)


def run_account(by_hand: ManualPipeline, generation: str) -> str:
    """The account of a generation."""
    return by_hand.slots(generation)[0].account_id


def test_archive_and_weights_wait_in_the_queue_for_long_work(hurried: ManualPipeline) -> None:
    generation = start_training(hurried.studio, "queued")
    hurried.hurry()
    (job,) = hurried.tick()
    assert (job.step, job.queue) == ("submit", QueueName.LOW)
    hurried.do(job)
    hurried.until_state_only(generation, RunState.INGESTING)
    hurried.hurry()
    (job,) = hurried.tick()
    assert (job.step, job.queue) == ("ingest", QueueName.LOW)


def test_weights_that_are_gone_cost_the_copy_and_not_the_version(hurried: ManualPipeline) -> None:
    def gone(url: str, target: Path) -> int:
        raise FetchError(FetchFailure.GONE, "404")

    hurried.context = replace(hurried.context, fetch_to=gone)
    hurried.limit(output_window_seconds=-1.0)
    generation = start_training(hurried.studio, "gone")
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    states = {slot.role: slot.state for slot in hurried.slots(generation)}
    assert states == {SlotRole.VERSION: SlotState.FILLED, SlotRole.WEIGHTS: SlotState.FAILED}
    assert hurried.balance() == 10_000 - 800
    assert trained_model(hurried.studio, generation).version
    hurried.studio.assert_sound(generation)


def test_a_network_that_fails_once_is_retried(hurried: ManualPipeline) -> None:
    fetch, tries = hurried.context.fetch_to, []

    def once(url: str, target: Path) -> int:
        tries.append(url)
        if len(tries) == 1:
            raise FetchError(FetchFailure.TRANSIENT, "reset")
        return fetch(url, target)

    hurried.context = replace(hurried.context, fetch_to=once)
    generation = start_training(hurried.studio, "again")
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert hurried.studio.state(generation) is GenerationState.SUCCEEDED
    assert len(tries) == 2


def test_weights_that_end_half_way_are_refused_and_the_version_works(
    hurried: ManualPipeline,
) -> None:
    hurried.studio.fault("truncated_output", provider="replicate", operation="create")
    generation = start_training(hurried.studio, "half")
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert hurried.studio.state(generation) is GenerationState.PARTIAL
    assert trained_model(hurried.studio, generation).version
    assert hurried.balance() == 10_000 - 800
    with pytest.raises(InvalidRequestError, match="works without it"):
        hurried.studio.services.retry.start(hurried.studio.actor, generation)


def test_a_failed_training_is_fully_refunded_and_can_be_retried(hurried: ManualPipeline) -> None:
    hurried.studio.fault("out_of_memory", provider="replicate", operation="create")
    generation = start_training(hurried.studio, "failed")
    hurried.until(lambda: hurried.studio.state(generation) is GenerationState.FAILED, 60.0)
    assert hurried.balance() == 10_000
    hurried.studio.services.retry.start(hurried.studio.actor, generation)
    hurried.until(lambda: hurried.studio.state(generation) is GenerationState.SUCCEEDED, 60.0)
    assert hurried.balance() == 10_000 - PRICE
    hurried.studio.assert_sound(generation)


def test_a_canceled_training_is_canceled_at_the_provider(by_hand: ManualPipeline) -> None:
    by_hand.studio.fault("stuck", provider="replicate", operation="create")
    generation = start_training(by_hand.studio, "canceled")
    by_hand.until_state_only(generation, RunState.WAITING)
    by_hand.studio.services.cancel.cancel(by_hand.studio.actor, generation)
    by_hand.until(lambda: by_hand.studio.state(generation) is GenerationState.CANCELED, 30.0)
    assert by_hand.balance() == 10_000


def test_a_lost_answer_of_a_training_is_found_and_adopted(hurried: ManualPipeline) -> None:
    hurried.studio.fault("drop_after_create", provider="replicate", operation="create")
    generation = start_training(hurried.studio, "lost")
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert "run.adopted" in hurried.events(generation)
    assert len(hurried.attempts(generation)) == 1


def test_a_missing_version_is_refused_before_any_charge(hurried: ManualPipeline) -> None:
    _, model = finished_training(hurried)
    name, _, version = str(model.version).partition(":")
    deleted = httpx.delete(
        f"{hurried.studio.simulator_url}/v1/models/{name}/versions/{version}",
        headers={"Authorization": f"Bearer {hurried.studio.env['REPLICATE_API_TOKEN']}"},
    )
    deleted.raise_for_status()
    before = hurried.balance()
    with pytest.raises(InvalidRequestError, match="train it anew"):
        start_studio(hurried.studio, "gone", model.id)
    assert hurried.balance() == before


def test_the_trained_version_draws_in_the_studio(hurried: ManualPipeline) -> None:
    _, model = finished_training(hurried)
    generation = start_studio(hurried.studio, "studio", model.id)
    assert hurried.finish(generation) is GenerationState.SUCCEEDED
    (attempt,) = hurried.attempts(generation)
    assert model.trigger_word in attempt.payload["input"]["prompt"]
    assert attempt.payload["input"]["lora_scale"] == 1.0
    with hurried.context.database.transaction() as session:
        assert session.scalars(select(TrainedModel)).one().version


def test_weights_of_a_training_that_could_not_be_published_are_stored_and_published_again(
    hurried: ManualPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hurried.balance()
    hurried.studio.fault("publish_failed", times=1, provider="replicate", operation="create")
    generation = start_training(hurried.studio, "unpublished")
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    states = {slot.role: slot.state for slot in hurried.slots(generation)}
    assert states == {SlotRole.VERSION: SlotState.FAILED, SlotRole.WEIGHTS: SlotState.FILLED}
    version = next(it for it in hurried.slots(generation) if it.role is SlotRole.VERSION)
    assert version.failure == "unpublished"
    assert "Failed to create trained image" in (version.failure_detail or "")
    assert hurried.balance() == before - 200
    assert trained_model(hurried.studio, generation).version is None
    hurried.studio.assert_sound(generation)

    link = PublicUrl("https://bucket.example/weights?signature=1", 3600)
    monkeypatch.setattr(LocalStorage, "public_url", lambda *_: link)
    hurried.studio.services.retry.start(hurried.studio.actor, generation)
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    assert hurried.studio.state(generation) is GenerationState.SUCCEEDED
    first, second = hurried.attempts(generation)
    assert "input_images" in first.payload["input"]
    assert "input_images" not in second.payload["input"]
    model = trained_model(hurried.studio, generation)
    assert model.version and model.weights_asset_id
    assert hurried.balance() == before - 1000
    hurried.studio.assert_sound(generation)


def test_weights_that_the_provider_cannot_read_are_not_trained_anew(
    hurried: ManualPipeline,
) -> None:
    hurried.studio.fault("publish_failed", times=1, provider="replicate", operation="create")
    generation = start_training(hurried.studio, "unread")
    hurried.until(lambda: hurried.run(generation).state is RunState.SUCCEEDED, 60.0)
    before = hurried.balance()
    hurried.studio.services.retry.start(hurried.studio.actor, generation)
    hurried.until(lambda: hurried.run(generation).state is RunState.FAILED, 60.0)
    assert "S3_BUCKET" in (hurried.run(generation).failure_detail or "")
    assert hurried.balance() == before
    assert len(hurried.attempts(generation)) == 1
