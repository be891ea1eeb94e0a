"""What a simulated trainer takes, writes and leaves is what the desk sends, reads and keeps."""

import hashlib
from functools import partial
from pathlib import Path

import pytest

from services.media.archive import TrainingPictureFile, write_training_archive
from services.media.weights import extract_weights
from services.recipes.training.trainer_log import TrainingStage, read_log
from simulator.replicate.plan import Plan, Status
from simulator.replicate.run_logs import written
from simulator.replicate.trainings.logs import training_script
from simulator.replicate.trainings.pictures import TrainingSet, read_training_set
from simulator.replicate.trainings.weights import weights_archive
from tests.unit.media.drawn import encoded, scene

VALUES = {"steps": 400, "lora_rank": 32}
PLAN = Plan(0.0, (100.0,), 100.0, Status.SUCCEEDED, None, 3600.0, 100.0)
GIVEN = "TOK, a fox"


def _photo(number: int) -> bytes:
    return encoded(scene(number), "JPEG")


@pytest.fixture
def training_set(tmp_path: Path) -> TrainingSet:
    """What the simulator finds in a zip of ours: six pictures, the first with a caption."""
    pictures = [
        TrainingPictureFile(
            f"{number:02}",
            partial(_photo, number),
            GIVEN if number == 1 else "",
        )
        for number in range(1, 7)
    ]
    write_training_archive(tmp_path / "training.zip", pictures)
    return read_training_set((tmp_path / "training.zip").read_bytes())


def test_our_zip_is_unpacked(training_set: TrainingSet) -> None:
    assert training_set.files == 7
    assert training_set.pictures == tuple(f"{number:02}.jpg" for number in range(1, 7))
    assert training_set.captions == {"01.txt": GIVEN}


def test_its_log_is_read_as_it_grows(training_set: TrainingSet) -> None:
    script = training_script(VALUES, training_set, "seed", PLAN)
    found = [read_log(written(script, now), picture_count=6) for now in range(101)]

    assert list(dict.fromkeys(log.stage for log in found)) == [
        stage for stage in TrainingStage if stage is not TrainingStage.SAVING
    ]
    progress = [log.progress for log in found]
    assert progress == sorted(progress) and progress[-1] == 1.0
    assert [step for step, _ in found[-1].losses] == list(range(0, 401, 8))
    assert all(0.2 < loss < 0.7 for _, loss in found[-1].losses)
    assert list(found[-1].captions) == [f"{number:02}" for number in range(2, 7)]
    assert "Training, step 200 of 400" in [log.sentence for log in found]


def test_its_weights_are_taken(training_set: TrainingSet, tmp_path: Path) -> None:
    (tmp_path / "trained_model.tar").write_bytes(weights_archive(VALUES, training_set, "seed"))

    found = extract_weights(tmp_path / "trained_model.tar", tmp_path / "weights")

    assert found.rank == 32 and found.tensor_count == 16
    assert found.sha256 == hashlib.sha256((tmp_path / "weights").read_bytes()).hexdigest()
