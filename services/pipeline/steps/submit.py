"""The submit step: make the attempt known, send it once, save what the provider said.

The attempt is committed before anything is sent, so that no create can be forgotten.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from time import sleep

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.orm import Session

from services.core.errors import (
    ArchiveTooLargeError,
    InvalidRequestError,
    PictureRefusedError,
    StorageError,
)
from services.core.states import AttemptState, Kind, RunState
from services.credits.costs import estimated_usd, settle_cost
from services.database.models import Asset, Attempt, ProviderState, Run, RunSlot, Slot, new_id
from services.media.fit import fitted_png, fitting_size
from services.media.skeleton_drawing import control_picture
from services.media.skeletons import skeleton_of
from services.pipeline.accept import accept
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record
from services.pipeline.failures import (
    Failure,
    close_attempt,
    part_of,
    retry_or_fail,
    settle_create_error,
    settle_refused,
    settle_unsent,
    step_failed,
)
from services.pipeline.leases import Step, reschedule
from services.pipeline.rate_limits import closed, is_open
from services.pipeline.step_context import StepContext
from services.pipeline.steps.prepare_training import prepare_training
from services.pipeline.steps.store_output import StoredPicture, store_output
from services.pipeline.transitions import fail_run, move_run, note_work_begun, slots_of
from services.providers.base import (
    FailureClass,
    InputImage,
    ModelCapabilities,
    PictureRequest,
    Predictions,
    PreparedRequest,
    ProviderError,
    SynchronousResult,
)

logger = logging.getLogger("atelier.pipeline")

STORAGE_PAUSES_SECONDS = (0.5, 1.0, 2.0)
SEEDS = 2**31 - 1
"""Seeds are 1 to this: 0 means a random one to some models."""


def submit(parts: StepContext, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step_with(step, RunState.QUEUED, worker, _read) as order:
        if order is None:
            return
        checkpoint("submit.claimed")
        prepared = _prepare(parts, step, order)
        if prepared is None:
            return
        checkpoint("submit.prepared")
        attempt = _commit_attempt(parts, step, order, prepared)
        if attempt is None:
            return
        checkpoint("submit.committed")
        predictions = parts.predictions(order.run)
        if predictions is not None:
            _create(parts, step, order.run, predictions, attempt, prepared)
        else:
            _generate(parts, step, order.run, attempt.id, prepared)


@dataclass(frozen=True)
class _Order:
    """What is to be asked for; all its slots want the same. `seed` is this attempt's."""

    run: Run
    slots: list[Slot]
    inputs: list[Asset]
    attempt_number: int
    seed: int


def _read(session: Session, run: Run) -> _Order | None:
    """None, and the step put back, when the gate closed after it was rung."""
    newest = select(func.max(Attempt.number)).where(Attempt.run_id == run.id).scalar_subquery()
    attempts, asked_before, is_closed = session.execute(
        select(newest, _attempts_of_slots(run.id), closed(run.provider))
    ).one()
    if is_closed:
        reschedule(session, Step(run.id, run.seq), 0.0)
        return None
    slots = [slot for slot, _ in slots_of(session, run.id)]
    inputs = [session.get_one(Asset, asset_id) for asset_id in slots[0].input_asset_ids]
    return _Order(run, slots, inputs, (attempts or 0) + 1, _seed(slots[0], asked_before + 1))


def _attempts_of_slots(run_id: str) -> ScalarSelect[int]:
    """In all runs of its slots: a retry of an earlier run must be told apart at the provider, too."""
    slots = select(RunSlot.slot_id).where(RunSlot.run_id == run_id)
    return (
        select(func.count(Attempt.id.distinct()))
        .join(RunSlot, RunSlot.run_id == Attempt.run_id)
        .where(RunSlot.slot_id.in_(slots))
        .scalar_subquery()
    )


def _prepare(parts: StepContext, step: Step, order: _Order) -> PreparedRequest | None:
    """Read the inputs and upload them; on failure the step is ended here."""
    run = order.run
    try:
        if run.kind is Kind.TRAINING:
            return prepare_training(parts, run, order.slots[0])
        return parts.providers[run.provider].prepare(_request_of(parts, order))
    except StorageError as error:
        with parts.database.transaction() as session:
            step_failed(session, step, run, error.sentence, parts.limits, part_of(error))
    except (PictureRefusedError, ArchiveTooLargeError, InvalidRequestError) as error:
        with parts.database.transaction() as session:
            fail_run(session, step, FailureClass.BAD_INPUT, error.sentence)
    except ProviderError as error:
        with parts.database.transaction() as session:
            settle_unsent(session, step, run, error, parts.limits)
    return None


def _request_of(parts: StepContext, order: _Order) -> PictureRequest:
    first, can = order.slots[0], parts.capabilities(order.run)
    return PictureRequest(
        model=order.run.model,
        prompt=first.prompt,
        seed=order.seed,
        images=tuple(_input_image(parts, asset, can) for asset in order.inputs),
        aspect_ratio=first.aspect_ratio,
        output_count=len(order.slots),
        control_image=_control_image(first),
        options=first.options,
    )


def _input_image(parts: StepContext, asset: Asset, can: ModelCapabilities) -> InputImage:
    """The stored picture, in a size that the model takes."""
    content = parts.storage.get(asset.storage_key)
    name = asset.storage_key.rsplit("/", 1)[-1]
    size = fitting_size(asset.width, asset.height, can.image_max_side, can.image_multiple)
    if size == (asset.width, asset.height):
        return InputImage(name, asset.content_type, content)
    return InputImage("input.png", "image/png", fitted_png(content, size))


def _control_image(slot: Slot) -> InputImage | None:
    """Drawn from the skeleton that the slot was started with, whatever the library says now."""
    if slot.control_skeleton is None:
        return None
    content = control_picture(skeleton_of(slot.control_skeleton))
    return InputImage("pose.png", "image/png", content)


def _commit_attempt(
    parts: StepContext, step: Step, order: _Order, prepared: PreparedRequest
) -> Attempt | None:
    """From here on it may be sent; None when the gate has closed meanwhile."""
    run = order.run
    attempt = _new_attempt(order, prepared)
    with parts.database.transaction() as session:
        if not is_open(session, run.provider):
            # It waits in the database, as all others do.
            reschedule(session, step, 0.0)
            return None
        moved = move_run(
            session,
            step,
            RunState.SUBMITTING,
            keep_lease=True,
            attempt_count=Run.attempt_count + 1,
        )
        attempt.estimated_cost_usd = _estimated_usd(session, parts, order)
        session.add(attempt)
        note_work_begun(session, moved.generation_id)
        record(
            session,
            EventName.RUN_SUBMITTING,
            moved.generation_id,
            run_id=run.id,
            attempt=attempt.id,
            provider=run.provider,
            model=prepared.model,
        )
    return attempt


def _estimated_usd(session: Session, parts: StepContext, order: _Order) -> float:
    run = order.run
    durations = parts.durations(session, run.provider, run.model)
    seconds = durations or parts.capabilities(run).typical_seconds
    pictures = 1 if run.kind is Kind.TRAINING else len(order.slots)
    return pictures * estimated_usd(session, run.provider, run.model, seconds)


def _new_attempt(order: _Order, prepared: PreparedRequest) -> Attempt:
    canonical = json.dumps(prepared.payload, sort_keys=True, ensure_ascii=False)
    return Attempt(
        id=new_id("att"),
        run_id=order.run.id,
        number=order.attempt_number,
        provider=order.run.provider,
        model=prepared.model,
        version=prepared.version,
        payload=prepared.payload,
        payload_hash=hashlib.sha256(canonical.encode()).hexdigest(),
        seed=order.seed,
        # Read by the insert itself: no statement of its own.
        token_fingerprint=_token_fingerprint(order.run.provider),
        state=AttemptState.SUBMITTING,
        outputs=[],
    )


def _token_fingerprint(provider: str) -> ScalarSelect[str | None]:
    return (
        select(ProviderState.token_fingerprint)
        .where(ProviderState.provider == provider)
        .scalar_subquery()
    )


def _seed(first: Slot, number: int) -> int:
    """Another attempt asks with another seed: its input must be told apart at the provider."""
    return (first.seed + number - 2) % SEEDS + 1


def _create(
    parts: StepContext,
    step: Step,
    run: Run,
    predictions: Predictions,
    attempt: Attempt,
    prepared: PreparedRequest,
) -> None:
    try:
        prediction = predictions.create(prepared)
    except ProviderError as error:
        with parts.database.transaction() as session:
            settle_create_error(session, step, attempt.id, error, parts.limits)
        return
    # Logged before it is saved: should the database be away now, the link is not lost with it.
    logger.info("[Replicate] Prediction created: %s", prediction.web_url)
    checkpoint("submit.created")
    deadline = parts.capabilities(run).deadline_seconds
    with parts.database.transaction() as session:
        accept(session, parts, step, attempt, prediction, deadline, EventName.RUN_ACCEPTED)
    checkpoint("submit.accepted")


def _generate(
    parts: StepContext, step: Step, run: Run, attempt_id: str, prepared: PreparedRequest
) -> None:
    try:
        result = parts.synchronous_provider(run.provider).generate(prepared)
    except ProviderError as error:
        with parts.database.transaction() as session:
            settle_refused(session, step, attempt_id, error, parts.limits)
        return
    checkpoint("submit.answered")
    _keep_answer(parts, step, attempt_id, result)


def _keep_answer(
    parts: StepContext, step: Step, attempt_id: str, result: SynchronousResult
) -> None:
    """The bytes exist nowhere else: they are stored before the answer counts."""
    try:
        outputs = [_keep_stubbornly(parts, image.content) for image in result.images]
    except (StorageError, PictureRefusedError) as error:
        failure = Failure(FailureClass.PLATFORM, error.sentence, part=part_of(error))
        with parts.database.transaction() as session:
            run = session.get_one(Run, step.run_id)
            close_attempt(session, attempt_id, AttemptState.FAILED, failure)
            retry_or_fail(session, step, run, failure, parts.limits)
        return
    checkpoint("submit.stored")
    with parts.database.transaction() as session:
        session.execute(
            update(Attempt)
            .where(Attempt.id == attempt_id)
            .values(
                state=AttemptState.SUCCEEDED,
                version=result.model_version or Attempt.version,
                outputs=[output.as_json() for output in outputs],
                accepted_at=Attempt.created_at,
                finished_at=func.clock_timestamp(),
                predict_seconds=func.extract("epoch", func.clock_timestamp() - Attempt.created_at),
            )
        )
        settle_cost(session, attempt_id)
        run = move_run(session, step, RunState.INGESTING, locks_generation=False)
        record(
            session,
            EventName.RUN_ANSWERED,
            run.generation_id,
            run_id=run.id,
            response=result.response_id,
            pictures=len(outputs),
        )
    checkpoint("submit.accepted")


def _keep_stubbornly(parts: StepContext, content: bytes) -> StoredPicture:
    """A paid answer is worth waiting a few seconds for the storage."""
    for pause_seconds in STORAGE_PAUSES_SECONDS:
        try:
            return store_output(parts, content)
        except StorageError as error:
            logger.warning("storage.refused %s", error.sentence)
            sleep(pause_seconds)
    return store_output(parts, content)
