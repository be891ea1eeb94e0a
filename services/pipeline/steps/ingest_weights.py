"""The last step of a training: the weights are downloaded at once, checked and kept.

A step and a queue of its own: two gigabytes take minutes. The version works without our copy, so it
is never lost with it.
"""

import tempfile
from pathlib import Path

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.errors import StorageError, WeightsRefusedError
from services.core.states import RunState, SlotRole, SlotState
from services.database.models import Asset, Attempt, Run, TrainedModel, new_id
from services.fetch.output_fetcher import FetchError, FetchFailure
from services.media.weights import WeightsFile, extract_weights
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record
from services.pipeline.failures import part_of, step_failed, try_later
from services.pipeline.leases import WEIGHTS_STEP_SECONDS, Step
from services.pipeline.step_context import StepContext, latest_attempt
from services.pipeline.steps.ingest import EXPIRED, is_window_over
from services.pipeline.transitions import (
    close_open_slots,
    fill_slot,
    fill_without_file,
    move_run,
    refresh_generation,
    slots_of,
)
from services.providers.base import FailureClass
from services.storage.keys import weights_key

WEIGHTS_TYPE = "application/octet-stream"
FINAL = (FetchFailure.GONE, FetchFailure.REFUSED_ADDRESS, FetchFailure.TOO_BIG)


def ingest_weights(parts: StepContext, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step_with(step, RunState.INGESTING, worker, _read, WEIGHTS_STEP_SECONDS) as known:
        if known is None:
            return
        checkpoint("weights.claimed")
        run, attempt = known
        parts.scratch.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.TemporaryDirectory(prefix="weights-", dir=parts.scratch) as folder:
                weights = _keep(parts, attempt, Path(folder))
        except (FetchError, StorageError, WeightsRefusedError) as error:
            with parts.database.transaction() as session:
                _settle_error(session, parts, step, run, attempt, error)
            return
        checkpoint("weights.stored")
        with parts.database.transaction() as session:
            _fill(session, parts, step, attempt, weights)
        checkpoint("weights.filled")


def _read(session: Session, run: Run) -> tuple[Run, Attempt]:
    return run, latest_attempt(session, run.id)


def _output(attempt: Attempt, name: str) -> str:
    return next(str(output[name]) for output in attempt.outputs if name in output)


def _keep(parts: StepContext, attempt: Attempt, folder: Path) -> WeightsFile:
    downloaded = folder / "download"
    parts.fetch_to(_output(attempt, "url"), downloaded)
    checkpoint("weights.fetched")
    weights = extract_weights(downloaded, folder / "weights.safetensors")
    parts.storage.put_file(weights_key(weights.sha256), weights.path, WEIGHTS_TYPE)
    return weights


def _settle_error(
    session: Session,
    parts: StepContext,
    step: Step,
    run: Run,
    attempt: Attempt,
    error: FetchError | StorageError | WeightsRefusedError,
) -> None:
    """What can get better is tried again; else the version counts and the copy is refunded."""
    if isinstance(error, FetchError) and error.kind is FetchFailure.GONE:
        _fill_version_alone(session, step, attempt, FailureClass.WINDOW_MISSED, EXPIRED)
    elif isinstance(error, FetchError) and error.kind in FINAL:
        detail = f"The weights were not fetched: {error}"
        _fill_version_alone(session, step, attempt, FailureClass.UNKNOWN, detail)
    elif isinstance(error, WeightsRefusedError):
        _fill_version_alone(session, step, attempt, FailureClass.UNKNOWN, error.sentence)
    else:
        detail = str(error) if isinstance(error, FetchError) else error.sentence
        is_over = is_window_over(session, attempt, parts.limits.output_window_seconds)
        put_off = step_failed if is_over else try_later
        put_off(session, step, run, detail, parts.limits, part_of(error))


def _fill_version_alone(
    session: Session, step: Step, attempt: Attempt, failure: FailureClass, detail: str
) -> None:
    run = _fill_version(session, step, attempt)
    close_open_slots(session, run, SlotState.FAILED, failure, detail)


def _fill(
    session: Session, parts: StepContext, step: Step, attempt: Attempt, weights: WeightsFile
) -> None:
    run = _fill_version(session, step, attempt)
    for slot, _ in slots_of(session, run.id):
        if slot.role is SlotRole.WEIGHTS and slot.state is SlotState.PENDING:
            asset = _asset(parts, slot.account_id, weights)
            session.add(asset)
            session.flush()
            fill_slot(session, slot, asset.id)
            session.execute(
                update(TrainedModel)
                .where(TrainedModel.generation_id == run.generation_id)
                .values(weights_asset_id=asset.id)
            )
    refresh_generation(session, run.generation_id)


def _fill_version(session: Session, step: Step, attempt: Attempt) -> Run:
    """The model can be used from here on."""
    run = move_run(session, step, RunState.SUCCEEDED, progress=1.0)
    version = _output(attempt, "version")
    for slot, _ in slots_of(session, run.id):
        if slot.role is SlotRole.VERSION and slot.state is SlotState.PENDING:
            fill_without_file(slot)
    session.execute(
        update(TrainedModel)
        .where(TrainedModel.generation_id == run.generation_id)
        .values(version=version, ready_at=func.clock_timestamp())
    )
    session.flush()
    record(
        session,
        EventName.MODEL_TRAINED,
        run.generation_id,
        run_id=run.id,
        attempt=attempt.id,
        version=version,
    )
    return run


def _asset(parts: StepContext, account_id: str, weights: WeightsFile) -> Asset:
    key = weights_key(weights.sha256)
    return Asset(
        id=new_id("ast"),
        account_id=account_id,
        sha256=weights.sha256,
        storage_key=key,
        storage_uri=parts.storage.uri(key),
        content_type=WEIGHTS_TYPE,
        byte_count=weights.byte_count,
        checked_at=func.clock_timestamp(),
    )
