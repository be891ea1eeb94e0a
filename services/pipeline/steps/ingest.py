"""The ingest step: fetch what the provider made, keep it, and fill the slots in one transaction."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import PictureRefusedError, StorageError
from services.core.states import OPEN_SLOTS, RunState, SlotState
from services.database.models import Asset, AssetParent, Attempt, Run, RunSlot, Slot, new_id
from services.fetch.output_fetcher import FetchError, FetchFailure
from services.pipeline.checkpoints import checkpoint
from services.pipeline.events import EventName, record
from services.pipeline.failures import part_of, step_failed, try_later
from services.pipeline.leases import Step
from services.pipeline.step_context import StepContext, latest_attempt
from services.pipeline.steps.store_output import StoredPicture, store_output
from services.pipeline.transitions import (
    close_open_slots,
    fail_run,
    fill_slot,
    move_run,
    refresh_generation,
    slots_of,
)
from services.providers.base import FailureClass

EXPIRED = "The provider deleted the picture before it could be fetched; it keeps them for an hour."
TOO_FEW = "The provider made fewer pictures than were ordered."


def ingest(parts: StepContext, step: Step, worker: str) -> None:
    """Do the step if it is still to be done."""
    with parts.step_with(step, RunState.INGESTING, worker, _read) as known:
        if known is None:
            return
        checkpoint("ingest.claimed")
        run, attempt, wanted = known
        try:
            pictures = [_keep(parts, output) for output in attempt.outputs[:wanted]]
        except (FetchError, StorageError, PictureRefusedError) as error:
            with parts.database.transaction() as session:
                _settle_error(session, parts, step, run, attempt, error)
            return
        checkpoint("ingest.stored")
        with parts.database.transaction() as session:
            _fill(session, step, attempt, pictures)
        checkpoint("ingest.filled")


def _read(session: Session, run: Run) -> tuple[Run, Attempt, int]:
    """With the attempt whose outputs are to be kept, and how many of them are wanted."""
    wanted = select(func.count()).where(RunSlot.run_id == run.id)
    return run, latest_attempt(session, run.id), session.scalars(wanted).one()


def _keep(parts: StepContext, output: dict[str, object]) -> StoredPicture:
    """A synchronous provider's picture is kept already; any other is fetched from its address."""
    if "url" not in output:
        return StoredPicture(**output)  # type: ignore[arg-type]
    content = parts.fetch(str(output["url"]))
    checkpoint("ingest.fetched")
    return store_output(parts, content)


def _settle_error(
    session: Session,
    parts: StepContext,
    step: Step,
    run: Run,
    attempt: Attempt,
    error: FetchError | StorageError | PictureRefusedError,
) -> None:
    """What can get better by itself is tried again; what cannot ends the run with a refund.

    The picture is paid for: a storage or a network that is away is waited for until it is gone.
    """
    if isinstance(error, FetchError) and error.kind is FetchFailure.GONE:
        fail_run(session, step, FailureClass.WINDOW_MISSED, EXPIRED)
    elif isinstance(error, FetchError) and error.kind in (
        FetchFailure.REFUSED_ADDRESS,
        FetchFailure.TOO_BIG,
    ):
        fail_run(session, step, FailureClass.UNKNOWN, f"The picture was not fetched: {error}")
    else:
        detail = str(error) if isinstance(error, FetchError) else error.sentence
        is_broken, part = isinstance(error, PictureRefusedError), part_of(error)
        if is_broken or is_window_over(session, attempt, parts.limits.output_window_seconds):
            step_failed(session, step, run, detail, parts.limits, part)
        else:
            try_later(session, step, run, detail, parts.limits, part)


def is_window_over(session: Session, attempt: Attempt, seconds: float) -> bool:
    """Whether the provider has deleted the outputs by now."""
    age = func.clock_timestamp() - Attempt.finished_at
    return bool(
        session.scalar(select(age > timedelta(seconds=seconds)).where(Attempt.id == attempt.id))
    )


def _fill(session: Session, step: Step, attempt: Attempt, pictures: list[StoredPicture]) -> None:
    run = move_run(session, step, RunState.SUCCEEDED, progress=1.0)
    slots = slots_of(session, run.id)
    for slot, index in slots:
        if index < len(pictures) and slot.state is SlotState.PENDING:
            fill_with_picture(session, slot, pictures[index])
    record(
        session,
        EventName.RUN_SUCCEEDED,
        run.generation_id,
        run_id=run.id,
        attempt=attempt.id,
        pictures=len(pictures),
    )
    if any(slot.state in OPEN_SLOTS for slot, _ in slots):
        close_open_slots(session, run, SlotState.FAILED, "partial", TOO_FEW)
    else:
        refresh_generation(session, run.generation_id)


def fill_with_picture(session: Session, slot: Slot, picture: StoredPicture) -> None:
    """A row for the kept picture, its lineage, and the slot filled with it."""
    asset = Asset(
        id=new_id("ast"),
        account_id=slot.account_id,
        sha256=picture.sha256,
        storage_key=picture.storage_key,
        storage_uri=picture.storage_uri,
        thumbnail_key=picture.thumbnail_key,
        content_type=picture.content_type,
        byte_count=picture.byte_count,
        width=picture.width,
        height=picture.height,
        placeholder=picture.placeholder,
        checked_at=func.clock_timestamp(),
    )
    session.add(asset)
    session.flush()
    session.add_all(
        AssetParent(child_id=asset.id, parent_id=parent_id, relation="made_from")
        for parent_id in dict.fromkeys(slot.input_asset_ids)
    )
    fill_slot(session, slot, asset.id)
