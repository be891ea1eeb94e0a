"""The submit step: make the attempt known, send it once, save what the provider said.

The attempt is committed before anything is sent, so that no create can be forgotten.
"""

import hashlib
import json
import logging
from time import sleep

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.database.models import Asset, Attempt, Run, Slot, new_id
from services.errors import PictureRefusedError, StorageError
from services.generations.checkpoints import checkpoint
from services.generations.events import EventName, record
from services.generations.failures import (
    Failure,
    close_attempt,
    retry_or_fail,
    settle_create_error,
    settle_refused,
    settle_unsent,
    step_failed,
)
from services.generations.gates import is_open
from services.generations.keep import KeptPicture, keep_picture
from services.generations.lease import Step, put_back, seconds_from_now
from services.generations.parts import Parts
from services.generations.transitions import move_run, refresh_generation, slots_of
from services.providers.base import (
    FailureClass,
    InputImage,
    PictureRequest,
    Prediction,
    PreparedRequest,
    ProviderError,
    SynchronousResult,
)
from services.statuses import AttemptState, RunState

logger = logging.getLogger("atelier.pipeline")

FIRST_LOOK_SHARE = 0.9
"""Of a model's usual duration: a little early, so that the end is seen at once."""
STORAGE_PAUSES_SECONDS = (0.5, 1.0, 2.0)
SEEDS = 2**31 - 1
"""Seeds are 1 to this: 0 means a random one to some models."""


def submit(parts: Parts, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step(step, RunState.QUEUED, worker) as run:
        if run is None:
            return
        checkpoint("submit.claimed")
        if _is_held_back(parts, step, run):
            return
        prepared = _prepare(parts, step, run)
        if prepared is None or _is_held_back(parts, step, run):
            return
        checkpoint("submit.prepared")
        attempt_id = _commit_attempt(parts, step, run, prepared)
        checkpoint("submit.committed")
        if parts.prediction_provider(run.provider):
            _create(parts, step, run, attempt_id, prepared)
        else:
            _generate(parts, step, run, attempt_id, prepared)


def _is_held_back(parts: Parts, step: Step, run: Run) -> bool:
    """The gate closed after this step was rung: it waits in the database, as all others do."""
    with parts.database.transaction() as session:
        if is_open(session, run.provider):
            return False
        put_back(session, step, 0.0)
        return True


def _prepare(parts: Parts, step: Step, run: Run) -> PreparedRequest | None:
    """Read the inputs and upload them; on failure the step is ended here."""
    try:
        request = _request_of(parts, run)
        return parts.providers[run.provider].prepare(request)
    except StorageError as error:
        with parts.database.transaction() as session:
            step_failed(session, step, run, error.sentence, parts.limits)
    except ProviderError as error:
        with parts.database.transaction() as session:
            settle_unsent(session, step, run, error, parts.limits)
    return None


def _request_of(parts: Parts, run: Run) -> PictureRequest:
    with parts.database.transaction() as session:
        slots = [slot for slot, _ in slots_of(session, run.id)]
        first = slots[0]
        assets = [session.get_one(Asset, asset_id) for asset_id in first.input_asset_ids]
        number = _attempt_number(session, run.id)
    return PictureRequest(
        model=run.model,
        prompt=first.prompt,
        seed=_seed(first, number),
        images=tuple(
            InputImage(
                name=asset.storage_key.rsplit("/", 1)[-1],
                content_type=asset.content_type,
                content=parts.storage.get(asset.storage_key),
            )
            for asset in assets
        ),
        aspect_ratio=first.aspect_ratio,
        output_count=len(slots),
    )


def _attempt_number(session: Session, run_id: str) -> int:
    newest = session.scalar(select(func.max(Attempt.number)).where(Attempt.run_id == run_id))
    return (newest or 0) + 1


def _commit_attempt(parts: Parts, step: Step, run: Run, prepared: PreparedRequest) -> str:
    canonical = json.dumps(prepared.payload, sort_keys=True, ensure_ascii=False)
    capabilities = parts.providers[run.provider].capabilities(run.model)
    with parts.database.transaction() as session:
        moved = move_run(
            session,
            step,
            RunState.SUBMITTING,
            keep_lease=True,
            attempt_count=Run.attempt_count + 1,
        )
        number = _attempt_number(session, run.id)
        attempt = Attempt(
            id=new_id("att"),
            run_id=run.id,
            number=number,
            provider=run.provider,
            model=prepared.model,
            version=prepared.version,
            payload=prepared.payload,
            payload_hash=hashlib.sha256(canonical.encode()).hexdigest(),
            seed=_seed(slots_of(session, run.id)[0][0], number),
            state=AttemptState.SUBMITTING,
            outputs=[],
            estimated_cost_usd=capabilities.cost_usd,
        )
        session.add(attempt)
        refresh_generation(session, moved.generation_id)
        record(
            session,
            EventName.RUN_SUBMITTING,
            moved.generation_id,
            run_id=run.id,
            attempt=attempt.id,
            provider=run.provider,
            model=prepared.model,
        )
        return attempt.id


def _seed(first: Slot, number: int) -> int:
    """Another attempt asks with another seed: its input must be told apart at the provider."""
    return (first.seed + number - 2) % SEEDS + 1


def _create(parts: Parts, step: Step, run: Run, attempt_id: str, prepared: PreparedRequest) -> None:
    provider = parts.prediction_provider(run.provider)
    assert provider is not None
    try:
        prediction = provider.create(prepared)
    except ProviderError as error:
        with parts.database.transaction() as session:
            settle_create_error(session, step, attempt_id, error, parts.limits)
        return
    # Logged before it is saved: should the database be away now, the link is not lost with it.
    logger.info("[Replicate] Prediction created: %s", prediction.web_url)
    checkpoint("submit.created")
    deadline = provider.capabilities(run.model).deadline_seconds
    with parts.database.transaction() as session:
        accept(session, parts, step, attempt_id, prediction, deadline, EventName.RUN_ACCEPTED)
    checkpoint("submit.accepted")


def accept(
    session: Session,
    parts: Parts,
    step: Step,
    attempt_id: str,
    prediction: Prediction,
    deadline_seconds: float,
    event: EventName,
) -> None:
    """Save the prediction's id and link, and wait for it."""
    attempt = session.get_one(Attempt, attempt_id)
    usual = parts.usual(session, attempt.provider, attempt.model)
    look_in = usual * FIRST_LOOK_SHARE if usual else parts.limits.first_look_seconds
    run = move_run(
        session,
        step,
        RunState.WAITING,
        in_seconds=look_in,
        provider_status=prediction.status.value,
        accepted_at=func.clock_timestamp(),
        deadline_at=seconds_from_now(deadline_seconds),
    )
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(
            prediction_id=prediction.id,
            web_url=prediction.web_url,
            version=prediction.version or Attempt.version,
            state=AttemptState.RUNNING,
            accepted_at=func.clock_timestamp(),
        )
    )
    record(
        session,
        event,
        run.generation_id,
        run_id=run.id,
        prediction=prediction.id,
        link=prediction.web_url,
    )


def _generate(
    parts: Parts, step: Step, run: Run, attempt_id: str, prepared: PreparedRequest
) -> None:
    try:
        result = parts.synchronous_provider(run.provider).generate(prepared)
    except ProviderError as error:
        with parts.database.transaction() as session:
            settle_refused(session, step, attempt_id, error, parts.limits)
        return
    checkpoint("submit.answered")
    _keep_answer(parts, step, attempt_id, result)


def _keep_answer(parts: Parts, step: Step, attempt_id: str, result: SynchronousResult) -> None:
    """The bytes exist nowhere else: they are stored before the answer counts."""
    try:
        outputs = [_keep_stubbornly(parts, image.content) for image in result.images]
    except (StorageError, PictureRefusedError) as error:
        failure = Failure(FailureClass.PLATFORM, error.sentence)
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
        run = move_run(session, step, RunState.INGESTING)
        record(
            session,
            EventName.RUN_ANSWERED,
            run.generation_id,
            run_id=run.id,
            response=result.response_id,
            pictures=len(outputs),
        )
    checkpoint("submit.accepted")


def _keep_stubbornly(parts: Parts, content: bytes) -> KeptPicture:
    """A paid answer is worth waiting a few seconds for the storage."""
    for pause_seconds in STORAGE_PAUSES_SECONDS:
        try:
            return keep_picture(parts, content)
        except StorageError as error:
            logger.warning("storage.refused %s", error.sentence)
            sleep(pause_seconds)
    return keep_picture(parts, content)
