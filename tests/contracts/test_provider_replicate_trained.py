"""Replicate: likenesses trained at the simulator, from the zip on disk to a picture."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.providers.base import (
    FailureClass,
    PictureRequest,
    Prediction,
    Predictions,
    PredictionStatus,
    TrainingProvider,
)
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.replicate_replies import PREDICTION_ID, TOKEN, error_of
from tests.contracts.replicate_training_replies import TRAINER, asked, written_set
from tests.waiting import eventually

FAST_TRAINER = "replicate/fast-flux-trainer"
RUNNING = (PredictionStatus.STARTING, PredictionStatus.PROCESSING)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return written_set(tmp_path)


@pytest.fixture
def simulated(simulator_url: str) -> Iterator[ReplicateProvider]:
    made = ReplicateProvider(token=TOKEN, base_url=simulator_url)
    yield made
    made.close()


def settled(runs: Predictions, prediction: Prediction) -> Prediction:
    """Look until it is over."""

    def over() -> Prediction | None:
        found = runs.get(prediction.id)
        return None if found.status in RUNNING else found

    found = eventually(over)
    assert found is not None
    return found


def test_likeness_is_trained_and_drawn(simulated: ReplicateProvider, archive: Path) -> None:
    assert isinstance(simulated, TrainingProvider)
    trainings = simulated.trainings
    prepared = trainings.prepare(asked(archive, "likeness-drawn"))
    made = trainings.create(prepared)
    assert made.input == prepared.payload["input"]
    done = settled(trainings, made)
    assert (done.status, done.failure) == (PredictionStatus.SUCCEEDED, None), done
    assert done.trained_version
    assert done.trained_version.partition(":")[0].endswith("/likeness-drawn")
    assert "Extracted 3 files from zip to input_images" in done.logs
    (weights,) = done.output_urls
    with httpx.Client(transport=httpx.HTTPTransport()) as client:
        assert client.get(weights).headers["content-type"] == "application/x-tar"

    request = PictureRequest(
        done.trained_version, "TOK at sea", 7, aspect_ratio="3:4", options={"lora_scale": 0.9}
    )
    picture = simulated.prepare(request)
    assert picture.payload["input"]["lora_scale"] == 0.9
    assert done.trained_version == f"{picture.model}:{picture.version}"
    drawn = settled(simulated, simulated.create(picture))
    assert drawn.status is PredictionStatus.SUCCEEDED, drawn
    assert len(drawn.output_urls) == 1
    promised, can = trainings.product(TRAINER), simulated.capabilities(done.trained_version)
    assert (promised.options, promised.max_images, promised.aspect_ratios) == (
        can.options,
        can.max_images,
        can.aspect_ratios,
    )


def test_fast_trainer(simulated: ReplicateProvider, archive: Path) -> None:
    parameters = {"trigger_word": "TOK", "lora_type": "subject", "training_steps": 500}
    request = asked(archive, "likeness-fast", trainer=FAST_TRAINER, parameters=parameters)
    made = simulated.trainings.create(simulated.trainings.prepare(request))
    assert settled(simulated.trainings, made).trained_version


def test_destination_is_made_and_found(
    simulated: ReplicateProvider, simulator_url: str, archive: Path
) -> None:
    for _ in range(2):
        prepared = simulated.trainings.prepare(asked(archive, "likeness-twice"))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    address = f"{simulator_url}/v1/models/{prepared.payload['destination']}"
    assert httpx.get(address, headers=headers).json()["visibility"] == "private"


def test_lost_reply_is_found(
    simulated: ReplicateProvider, simulator_url: str, archive: Path
) -> None:
    before = datetime.now(UTC)
    other = simulated.trainings.prepare(asked(archive, "likeness-lost"))
    simulated.trainings.create(other)
    prepared = simulated.trainings.prepare(asked(archive, "likeness-lost"))
    rule = {"match": {"model": TRAINER}, "fault": "drop_after_create", "times": 1}
    httpx.post(f"{simulator_url}/_simulator/faults", json=rule).raise_for_status()
    error = error_of(lambda: simulated.trainings.create(prepared))
    assert error.failure is FailureClass.AMBIGUOUS
    (found,) = simulated.trainings.find(prepared, before)
    assert found.input == prepared.payload["input"]
    assert settled(simulated.trainings, found).trained_version


def test_unsent_one_is_not_found(simulated: ReplicateProvider, archive: Path) -> None:
    prepared = simulated.trainings.prepare(asked(archive, "likeness-unsent"))
    assert simulated.trainings.find(prepared, datetime.now(UTC)) == []


def test_what_is_no_zip_is_bad_input(simulated: ReplicateProvider, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip at all")
    prepared = simulated.trainings.prepare(asked(broken, "likeness-broken"))
    done = settled(simulated.trainings, simulated.trainings.create(prepared))
    assert (done.status, done.failure) == (PredictionStatus.FAILED, FailureClass.BAD_INPUT)
    assert done.error == "input_images must be a zip file"


def test_cancel_ends_it(simulated: ReplicateProvider, archive: Path) -> None:
    parameters = {"trigger_word": "TOK", "steps": 6000}
    request = asked(archive, "likeness-canceled", parameters=parameters)
    made = simulated.trainings.create(simulated.trainings.prepare(request))
    canceled = simulated.trainings.cancel(made.id)
    assert canceled.status is PredictionStatus.CANCELED
    assert canceled.failure is FailureClass.CANCELED


def test_parameter_out_of_bounds_is_refused(simulated: ReplicateProvider, archive: Path) -> None:
    request = asked(archive, "likeness-refused", parameters={"steps": 9000})
    prepared = simulated.trainings.prepare(request)
    error = error_of(lambda: simulated.trainings.create(prepared))
    assert error.failure is FailureClass.BAD_INPUT


def test_unknown_id_is_lost(simulated: ReplicateProvider) -> None:
    error = error_of(lambda: simulated.trainings.get(PREDICTION_ID))
    assert error.failure is FailureClass.LOST
