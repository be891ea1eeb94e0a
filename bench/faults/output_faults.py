"""Outputs that are not downloaded, expire, arrive partly or cannot be stored."""

import shutil

from bench.faults.environment import Environment
from bench.faults.fault import Fault
from services.core.states import RunState

DELIVERY = {"provider": "replicate", "operation": "delivery"}
CREATE = {"provider": "replicate", "operation": "create"}


def output_not_fetched(environment: Environment, count: int) -> list[str]:
    """Answer every download of an output with 503."""
    environment.fault("server_error", None, match=DELIVERY, status=503)
    environment.later(environment.clear_faults)
    started = environment.start_poses("never fetched", count)
    environment.wait_states(started, RunState.INGESTING)
    return started


def output_expired(environment: Environment, count: int) -> list[str]:
    """Delete outputs at the provider before they are downloaded."""
    words = "expired at once"
    environment.fault("expired_outputs", count, match=CREATE | {"prompt_contains": words})
    started = environment.start_poses(words, count)
    environment.wait_states(started, RunState.FAILED)
    return started


def storage_refuses(environment: Environment, count: int) -> list[str]:
    """Put a file where storage has its folder."""
    folder = environment.home / "storage" / "originals"
    away = folder.with_name("originals.away")

    def restore() -> None:
        folder.unlink(missing_ok=True)
        shutil.move(away, folder)

    started = environment.start_poses("cannot be stored", count)
    environment.wait_states(started, RunState.WAITING, RunState.INGESTING)
    shutil.move(folder, away)
    folder.write_text("")
    environment.later(restore)
    environment.wait_for(
        "storage has refused them",
        lambda: all(run.step_failures > 0 for run in environment.runs(started)),
    )
    return started


def partly_filled(environment: Environment, count: int) -> list[str]:
    """Fail one of two pictures at the provider."""
    words = "half of them"
    started = []
    for _ in range(count):
        environment.fault("out_of_memory", 1, match=CREATE | {"prompt_contains": words})
        one = environment.start_poses(words, 1, pictures=2)
        environment.wait_for("it ends", lambda one=one: _ended(environment, one))  # type: ignore[misc]
        started += one
    return started


def _ended(environment: Environment, ids: list[str]) -> bool:
    return environment.sql(
        "UPDATE app.generations SET id = id WHERE id = ANY(:ids) AND finished_at IS NOT NULL",
        ids=ids,
    ) == len(ids)


def parent_failed(environment: Environment, count: int) -> list[str]:
    """Refuse a mascot's full body, from which avatar and icon are derived."""
    name = "Orphan"
    refused = {"provider": "gemini", "prompt_contains": name}
    environment.fault("refuse_output", count, match=refused)
    started = environment.start_mascots(name, count)
    environment.wait_for("they end", lambda: _ended(environment, started))
    return started


def training_at_zero(environment: Environment, count: int) -> list[str]:
    """Let the trainings' machine boot for minutes."""
    # Matched by model: a training has no prompt.
    trainer = environment.services.settings.replicate_trainer_model.partition(":")[0]
    environment.fault(
        "cold_start", count, match={"model": trainer}, seconds=environment.slow_seconds
    )
    started = environment.start_trainings(count)
    environment.wait_states(started, RunState.WAITING)
    return started


OUTPUT_FAULTS = {
    "output-not-fetched": Fault(
        "output_not_fetched",
        output_not_fetched,
        "every download of an output is answered with 503",
        is_global=True,
        remedy="redownload",
    ),
    "output-expired": Fault(
        "output_expired",
        output_expired,
        "the simulator deletes the output at once",
        remedy="regenerate",
    ),
    "storage-refuses": Fault(
        "storage_refuses",
        storage_refuses,
        "a file takes the place of storage's folder",
        is_global=True,
        remedy="redownload",
    ),
    "partly-filled": Fault(
        "partly_filled",
        partly_filled,
        "one of two pictures fails at the provider",
        remedy="regenerate",
    ),
    "parent-failed": Fault(
        "parent_failed",
        parent_failed,
        "the full body of a mascot is refused",
        is_beside=True,
        remedy="retry",
    ),
    "training-at-zero": Fault(
        "training_at_zero", training_at_zero, "the training's machine boots for three minutes"
    ),
}
