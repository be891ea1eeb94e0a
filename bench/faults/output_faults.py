"""Pictures that are finished and do not arrive, expire, come in part, or cannot be kept."""

import shutil

from bench.faults.environment import Ground
from bench.faults.fault import Plant
from services.core.states import RunState
from services.diagnosis.causes import Cause
from services.remedies.base import RemedyKind

DELIVERY = {"provider": "replicate", "operation": "delivery"}
CREATE = {"provider": "replicate", "operation": "create"}


def output_not_fetched(ground: Ground, count: int) -> list[str]:
    """The provider's files cannot be fetched: its delivery answers 503."""
    ground.fault("server_error", None, match=DELIVERY, status=503)
    ground.later(ground.clear_faults)
    started = ground.start_poses("never fetched", count)
    ground.wait_states(started, RunState.INGESTING)
    return started


def output_expired(ground: Ground, count: int) -> list[str]:
    """The provider deletes what it made before anybody fetches it."""
    words = "expired at once"
    ground.fault("expired_outputs", count, match=CREATE | {"prompt_contains": words})
    started = ground.start_poses(words, count)
    ground.wait_states(started, RunState.FAILED)
    return started


def storage_refuses(ground: Ground, count: int) -> list[str]:
    """A file lies where the storage's folder should be."""
    folder = ground.home / "storage" / "originals"
    away = folder.with_name("originals.away")

    def put_back() -> None:
        folder.unlink(missing_ok=True)
        shutil.move(away, folder)

    started = ground.start_poses("no room to store", count)
    ground.wait_states(started, RunState.WAITING, RunState.INGESTING)
    shutil.move(folder, away)
    folder.write_text("")
    ground.later(put_back)
    ground.wait_for(
        "the storage has refused them",
        lambda: all(run.step_failures > 0 for run in ground.runs(started)),
    )
    return started


def partly_filled(ground: Ground, count: int) -> list[str]:
    """One picture of two fails at the provider."""
    words = "half of them"
    started = []
    for _ in range(count):
        ground.fault("out_of_memory", 1, match=CREATE | {"prompt_contains": words})
        one = ground.start_poses(words, 1, pictures=2)
        ground.wait_for("it ends", lambda one=one: _ended(ground, one))  # type: ignore[misc]
        started += one
    return started


def _ended(ground: Ground, ids: list[str]) -> bool:
    return ground.sql(
        "UPDATE app.generations SET id = id WHERE id = ANY(:ids) AND finished_at IS NOT NULL",
        ids=ids,
    ) == len(ids)


def parent_failed(ground: Ground, count: int) -> list[str]:
    """A mascot's full body is refused; avatar and icon are made from it."""
    name = "Orphan"
    refused = {"provider": "gemini", "prompt_contains": name}
    ground.fault("refuse_output", count, match=refused)
    started = ground.start_mascots(name, count)
    ground.wait_for("they end", lambda: _ended(ground, started))
    return started


def training_at_zero(ground: Ground, count: int) -> list[str]:
    """Trainings whose machine boots for minutes."""
    # By its model: a training has no words to be told by.
    trainer = ground.services.settings.replicate_trainer_model.partition(":")[0]
    ground.fault("cold_start", count, match={"model": trainer}, seconds=ground.slow_seconds)
    started = ground.start_trainings(count)
    ground.wait_states(started, RunState.WAITING)
    return started


OUTPUT_PLANTS = {
    "output-not-fetched": Plant(
        Cause.OUTPUT_NOT_FETCHED,
        output_not_fetched,
        "every download of an output is answered with 503",
        is_global=True,
        remedy=RemedyKind.FETCH_AGAIN,
    ),
    "output-expired": Plant(
        Cause.OUTPUT_EXPIRED,
        output_expired,
        "the simulator deletes the output at once",
        remedy=RemedyKind.MAKE_AGAIN,
    ),
    "storage-refuses": Plant(
        Cause.STORAGE_REFUSES,
        storage_refuses,
        "a file lies in the way of the storage's folder",
        is_global=True,
        remedy=RemedyKind.FETCH_AGAIN,
    ),
    "partly-filled": Plant(
        Cause.PARTLY_FILLED,
        partly_filled,
        "one of two pictures fails at the provider",
        remedy=RemedyKind.MAKE_AGAIN,
    ),
    "parent-failed": Plant(
        Cause.PARENT_FAILED,
        parent_failed,
        "the full body of a mascot is refused",
        is_beside=True,
        remedy=RemedyKind.MAKE_AGAIN,
    ),
    "training-at-zero": Plant(
        Cause.TRAINING_AT_ZERO, training_at_zero, "the training's machine boots for three minutes"
    ),
}
