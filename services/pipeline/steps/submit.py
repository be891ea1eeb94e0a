"""The submit step: commit the attempt, send it once, store what the provider answered.

The attempt is committed before anything is sent, so that no create can be forgotten.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from time import sleep
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from services.core.errors import (
    ArchiveTooLargeError,
    BlankPictureError,
    InvalidRequestError,
    LeaseLostError,
    PictureRefusedError,
    StorageError,
)
from services.core.states import AttemptState, RunState
from services.credits.costs import cost_of, expected_cost
from services.database.models import (
    Asset,
    Attempt,
    DatabaseRestore,
    ProviderState,
    Run,
    RunSlot,
    Slot,
    new_id,
)
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record_run
from services.pipeline.failures import (
    Failure,
    close_attempt,
    component_of,
    retry_or_fail,
    settle_create_error,
    settle_unsent,
    step_failed,
)
from services.pipeline.leases import Step, reschedule
from services.pipeline.rate_limits import closed, is_open
from services.pipeline.step_context import StepContext, update_attempt
from services.pipeline.steps.accept import accept
from services.pipeline.transitions import fail_run, lock_generation, move_run, note_work_begun
from services.providers.base import (
    FailureClass,
    Prediction,
    Predictions,
    PreparedRequest,
    ProviderError,
    SynchronousResult,
)
from services.recipes.registry import work_of
from services.recipes.work import RunInputs, StoredOutput, store_picture

logger = logging.getLogger("atelier.pipeline")

STORAGE_PAUSES_SECONDS = (0.5, 1.0, 2.0)
MAX_SEED = 2**31 - 1
"""Seeds begin at 1: 0 means a random one to some models."""


def submit(context: StepContext, step: Step, worker: str) -> None:
    """Submit a queued run to its provider, if the step is still to be done."""
    with context.claimed(step, RunState.QUEUED, worker, _read) as inputs:
        if inputs is None:
            return
        checkpoint("submit.claimed")
        prepared = _prepare(context, step, inputs)
        if prepared is None:
            return
        checkpoint("submit.prepared")
        committed = _commit_attempt(context, step, inputs, prepared)
        if committed is None:
            return
        attempt, is_in_copy = committed
        checkpoint("submit.committed")
        predictions = context.predictions(inputs.run)
        if predictions is None:
            generate(context, step, inputs.run, attempt.id, prepared)
        elif not is_in_copy or not _adopted(
            context, step, inputs.run, predictions, attempt, prepared
        ):
            _create(context, step, inputs.run, predictions, attempt, prepared)


def _read(session: Session, run: Run) -> RunInputs | None:
    """Read what a new attempt is made from; None, and the step ended, when the provider is closed."""
    rows = session.execute(
        select(Slot, _attempts_of_slots(run.id), closed(run.provider))
        .join(RunSlot, RunSlot.slot_id == Slot.id)
        .where(RunSlot.run_id == run.id)
        .order_by(RunSlot.output_index)
        .execution_options(populate_existing=True)
    ).all()
    slots, (first, attempts, is_closed) = [row[0] for row in rows], rows[0]
    if is_closed:
        reschedule(session, Step(run.id, run.seq), 0.0)
        return None
    # Another attempt has another seed: its input must differ from the first one's there.
    seed = (first.seed + attempts - 1) % MAX_SEED + 1
    return RunInputs(run, slots, tuple(_assets(session, first.input_asset_ids)), seed)


def inputs_of_attempt(session: Session, run: Run, attempt: Attempt) -> RunInputs:
    """Read once more what an attempt was made from."""
    query = select(Slot).join(RunSlot).where(RunSlot.run_id == run.id)
    slots = session.scalars(query.order_by(RunSlot.output_index)).all()
    assets = tuple(_assets(session, slots[0].input_asset_ids))
    return RunInputs(run, slots, assets, attempt.seed)


def _attempts_of_slots(run_id: str) -> ScalarSelect[int]:
    """Count in all runs of its slots: a retry, too, must differ from an earlier run's attempts."""
    slots = select(RunSlot.slot_id).where(RunSlot.run_id == run_id).correlate(None)
    return (
        select(func.count(Attempt.id.distinct()))
        .join(RunSlot, RunSlot.run_id == Attempt.run_id)
        .where(RunSlot.slot_id.in_(slots))
        .correlate(None)
        .scalar_subquery()
    )


def _assets(session: Session, asset_ids: list[str]) -> Iterator[Asset]:
    if asset_ids:
        found = session.scalars(select(Asset).where(Asset.id.in_(asset_ids)))
        assets = {asset.id: asset for asset in found}
        yield from (assets[asset_id] for asset_id in asset_ids)


def _prepare(context: StepContext, step: Step, inputs: RunInputs) -> PreparedRequest | None:
    """Read the inputs and upload them; on failure the step is ended here."""
    run = inputs.run
    try:
        return work_of(run.kind).prepare(context, inputs)
    except StorageError as error:
        with context.database.transaction() as session:
            component = component_of(error)
            step_failed(session, step, run, error.sentence, context.limits, component)
    except (PictureRefusedError, ArchiveTooLargeError, InvalidRequestError) as error:
        with context.database.transaction() as session:
            fail_run(session, step, FailureClass.BAD_INPUT, error.sentence)
    except ProviderError as error:
        with context.database.transaction() as session:
            settle_unsent(session, step, run, error, context.limits)
    return None


def _commit_attempt(
    context: StepContext, step: Step, inputs: RunInputs, prepared: PreparedRequest
) -> tuple[Attempt, bool] | None:
    """Commit the attempt; it may be sent from here on. None when the provider was closed.

    True beside it: the run was in a copy to which the database was restored. Between this commit and
    the create nothing may ask the database: a failure would leave a create that is unknown.
    """
    run = inputs.run
    with context.database.transaction() as session:
        try:
            moved = move_run(
                session,
                step,
                RunState.SUBMITTING,
                keeps_lease=True,
                locks_generation=False,
                condition=closed(run.provider).is_not(True),
                attempt_count=Run.attempt_count + 1,
            )
        except LeaseLostError:
            if is_open(session, run.provider):
                raise
            reschedule(session, step, 0.0)
            return None
        stored_state = lock_generation(session, moved.generation_id)
        attempt = _new_attempt(session, context, inputs, prepared)
        session.add(attempt)
        note_work_begun(session, moved.generation_id, stored_state)
        record_run(
            session,
            EventName.RUN_SUBMITTING,
            moved,
            attempt=attempt.id,
            provider=run.provider,
            model=prepared.model,
        )
        restored = select(DatabaseRestore.id).where(DatabaseRestore.copied_at >= run.created_at)
        is_in_copy = session.scalar(restored.limit(1)) is not None
    return attempt, is_in_copy


def _new_attempt(
    session: Session, context: StepContext, inputs: RunInputs, prepared: PreparedRequest
) -> Attempt:
    run, canonical = inputs.run, json.dumps(prepared.payload, sort_keys=True, ensure_ascii=False)
    median_seconds = context.durations(session, run.provider, run.model)
    seconds = median_seconds or context.capabilities(run).typical_seconds
    count = work_of(run.kind).billed_outputs(len(inputs.slots))
    return Attempt(
        id=new_id("att"),
        run_id=run.id,
        # These three are read by the insert itself: no statements of their own.
        number=_next_number(run.id),
        token_fingerprint=_token_fingerprint(run.provider),
        estimated_cost_usd=expected_cost(run.provider, run.model, seconds, count),
        provider=run.provider,
        model=prepared.model,
        version=prepared.version,
        payload=prepared.payload,
        payload_hash=hashlib.sha256(canonical.encode()).hexdigest(),
        seed=inputs.seed,
        state=AttemptState.SUBMITTING,
        outputs=[],
    )


def _next_number(run_id: str) -> ScalarSelect[int]:
    newest = func.coalesce(func.max(Attempt.number), 0)
    return select(newest + 1).where(Attempt.run_id == run_id).scalar_subquery()


def _token_fingerprint(provider: str) -> ScalarSelect[str | None]:
    return (
        select(ProviderState.token_fingerprint)
        .where(ProviderState.provider == provider)
        .scalar_subquery()
    )


def _adopted(
    context: StepContext,
    step: Step,
    run: Run,
    predictions: Predictions,
    attempt: Attempt,
    prepared: PreparedRequest,
) -> bool:
    """Whether this run was sent before the database was restored to an older copy, and is adopted."""
    try:
        # Its pictures were uploaded once more, under other addresses; the seed tells runs apart.
        found = predictions.find(prepared, run.created_at, compares_files=False)
    except ProviderError as error:
        with context.database.transaction() as session:
            settle_create_error(session, step, attempt.id, error, context.limits)
        return True
    deadline = context.capabilities(run).deadline_seconds
    with context.database.transaction() as session:
        candidates = not_ours_yet(session, found)
        if len(candidates) == 1:
            accept(session, context, step, attempt, candidates[0], deadline, EventName.RUN_ADOPTED)
    return len(candidates) == 1


def not_ours_yet(session: Session, found: list[Prediction]) -> list[Prediction]:
    """Return the predictions that no attempt has."""
    ids = [prediction.id for prediction in found]
    known = set(
        session.scalars(select(Attempt.prediction_id).where(Attempt.prediction_id.in_(ids)))
    )
    return [prediction for prediction in found if prediction.id not in known]


def _create(
    context: StepContext,
    step: Step,
    run: Run,
    predictions: Predictions,
    attempt: Attempt,
    prepared: PreparedRequest,
) -> None:
    try:
        prediction = predictions.create(prepared)
    except ProviderError as error:
        with context.database.transaction() as session:
            settle_create_error(session, step, attempt.id, error, context.limits)
        return
    # Logged before it is stored: should the database be unavailable, the link is not lost.
    logger.info("[Replicate] Prediction created: %s", prediction.web_url)
    checkpoint("submit.created")
    deadline = context.capabilities(run).deadline_seconds
    with context.database.transaction() as session:
        accept(session, context, step, attempt, prediction, deadline, EventName.RUN_ACCEPTED)
    checkpoint("submit.accepted")


def generate(
    context: StepContext, step: Step, run: Run, attempt_id: str, prepared: PreparedRequest
) -> None:
    """Send an attempt to a synchronous provider and store its answer."""
    provider = context.synchronous_provider(run.provider)
    try:
        result = provider.generate(replace(prepared, attempt_id=attempt_id))
    except ProviderError as error:
        with context.database.transaction() as session:
            settle_create_error(session, step, attempt_id, error, context.limits)
        return
    checkpoint("submit.answered")
    _store_answer(context, step, attempt_id, result)


def _store_answer(
    context: StepContext, step: Step, attempt_id: str, result: SynchronousResult
) -> None:
    """Store the pictures that exist nowhere else before the answer is committed."""
    outputs: list[dict[str, Any]] = []
    failure: Failure | None = None
    for image in result.images:
        try:
            outputs.append(_store_with_retries(context, image.content).as_json())
            continue
        except BlankPictureError as error:
            failure = Failure(FailureClass.BLANK, error.sentence)
        except (StorageError, PictureRefusedError) as error:
            failure = Failure(FailureClass.PLATFORM, error.sentence, component=component_of(error))
        outputs.append({"failure": failure.kind.value, "detail": failure.detail})
    outputs += [{"url": url} for url in result.urls]
    if failure and all("failure" in output for output in outputs):
        with context.database.transaction() as session:
            run = session.get_one(Run, step.run_id)
            close_attempt(session, attempt_id, AttemptState.FAILED, failure)
            retry_or_fail(session, step, run, failure, context.limits)
        return
    checkpoint("submit.stored")
    with context.database.transaction() as session:
        seconds: Any = result.predict_seconds
        if seconds is None:
            seconds = func.extract("epoch", func.clock_timestamp() - Attempt.created_at)
        update_attempt(
            session,
            attempt_id,
            state=AttemptState.SUCCEEDED,
            version=result.model_version or Attempt.version,
            outputs=outputs,
            accepted_at=Attempt.created_at,
            finished_at=func.clock_timestamp(),
            predict_seconds=seconds,
            actual_cost_usd=cost_of(AttemptState.SUCCEEDED, seconds, len(outputs)),
        )
        run = move_run(session, step, RunState.INGESTING, locks_generation=False)
        record_run(
            session, EventName.RUN_ANSWERED, run, response=result.response_id, pictures=len(outputs)
        )
    checkpoint("submit.accepted")


def _store_with_retries(context: StepContext, content: bytes) -> StoredOutput:
    """Wait a few seconds for the storage before a paid answer is given up."""
    for pause_seconds in STORAGE_PAUSES_SECONDS:
        try:
            return store_picture(context.storage, content, keeps_blank=context.keeps_blank)
        except StorageError as error:
            logger.warning("storage.unavailable %s", error.sentence)
            sleep(pause_seconds)
    return store_picture(context.storage, content, keeps_blank=context.keeps_blank)
