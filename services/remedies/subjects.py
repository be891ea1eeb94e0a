"""Subjects of remedies: their state now, their locks, their stored files, their predictions."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from services.core.errors import (
    NotFoundError,
    ObjectDamagedError,
    ObjectMissingError,
    ProviderMissingError,
    StorageError,
)
from services.core.states import (
    ACTIVE_RUNS,
    PRIVATE_KINDS,
    AttemptState,
    EntryKind,
    MissingCause,
    RunState,
    SlotState,
)
from services.credits.costs import settle_cost
from services.database.models import (
    Asset,
    AssetParent,
    Attempt,
    Heartbeat,
    LedgerEntry,
    Run,
    Slot,
    TrainedModel,
)
from services.pipeline.step_context import StepContext
from services.pipeline.steps.poll import save_poll
from services.pipeline.transitions import empty_slot, lock_generation, slots_of
from services.providers.base import (
    FailureClass,
    Prediction,
    PredictionStatus,
    PreparedRequest,
    ProviderError,
)
from services.providers.registry import provider_label
from services.references.erase import is_shared, lock_picture
from services.storage.base import Storage

UNDECIDED = (*ACTIVE_RUNS, RunState.NEEDS_REVIEW)
"""States in which a run still owes its slots."""
SUBMITTING_NOW = "It is being submitted to the provider right now. Wait until that has ended."
REFUNDED_BEFORE = "Its credits were already refunded: settle the refunds of its batch first."
logger = logging.getLogger("atelier.remedies")
ALL_THERE = "All its files are in storage: none is missing."
ERASED = "This picture was deleted on purpose."
DERIVED = (
    "Other batches have pictures derived from this simulation, and its consent covers them too: the"
    " slot still names the missing picture, so that a withdrawal finds them."
)


class SubjectKind(StrEnum):
    """What a remedy is applied to."""

    RUN = "run"
    SLOT = "slot"
    GENERATION = "generation"
    OBJECT = "object"
    PROVIDER = "provider"
    QUEUE = "queue"


@dataclass(frozen=True)
class RunView:
    """A run with its newest attempt; the flags are by the database's clock."""

    run: Run
    attempt: Attempt | None
    is_leased: bool
    is_worker_silent: bool
    """The worker that holds it has sent no heartbeat lately."""
    is_due: bool

    @property
    def is_held(self) -> bool:
        """Whether a worker that is alive holds its lease."""
        return self.is_leased and not self.is_worker_silent

    @property
    def is_being_submitted(self) -> bool:
        """Whether a create is under way, whose result is not known yet."""
        return self.run.state is RunState.SUBMITTING and self.is_held

    @property
    def state(self) -> dict[str, Any]:
        """Return the expected state, without `seq`, which each poll changes."""
        attempt = self.attempt
        return {
            "state": self.run.state.value,
            "attempt": attempt.id if attempt else None,
            "attempt_state": attempt.state.value if attempt else None,
        }

    @property
    def running_prediction_id(self) -> str | None:
        """Id of the prediction that may still run at the provider."""
        attempt = self.attempt
        if attempt is None or attempt.state is not AttemptState.RUNNING:
            return None
        return attempt.prediction_id


def view_run(session: Session, run_id: str) -> RunView:
    """Read the run and its newest attempt; raises NotFoundError."""
    now = func.clock_timestamp()
    has_heartbeat = (
        select(Heartbeat.name)
        .where(
            Heartbeat.name == func.split_part(Run.worker, "/", 1),
            Heartbeat.is_alive(),
        )
        .exists()
    )
    found = session.execute(
        select(Run, Run.lease_until > now, has_heartbeat, Run.due_at <= now)
        .where(Run.id == run_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFoundError(what="run", id=run_id)
    run, is_leased, is_alive, is_due = found
    attempt = session.scalars(
        select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number.desc()).limit(1)
    ).one_or_none()
    return RunView(run, attempt, bool(is_leased), not is_alive, bool(is_due))


def lock_run(session: Session, run_id: str) -> None:
    """Lock the run's row, then its generation's."""
    generation_id = session.scalar(
        select(Run.generation_id).where(Run.id == run_id).with_for_update()
    )
    if generation_id is not None:
        lock_generation(session, generation_id)


def lock_subject(session: Session, kind: SubjectKind, subject_id: str) -> None:
    """Lock a run with its generation, a slot's generation, or a generation."""
    if kind is SubjectKind.RUN:
        lock_run(session, subject_id)
    elif kind is SubjectKind.SLOT:
        lock_generation(session, view_slot(session, subject_id).generation_id)
    elif kind is SubjectKind.GENERATION:
        lock_generation(session, subject_id)


def view_slot(session: Session, slot_id: str) -> Slot:
    """Read the slot; raises NotFoundError."""
    slot = session.get(Slot, slot_id, populate_existing=True)
    if slot is None:
        raise NotFoundError(what="slot", id=slot_id)
    return slot


def filled_files(session: Session, run: Run) -> list[tuple[Slot, int, Asset]]:
    """List the slots that the run filled, each with its output's index and its asset."""
    return [
        (slot, index, session.get_one(Asset, slot.asset_id, populate_existing=True))
        for slot, index in slots_of(session, run.id)
        if slot.state is SlotState.FILLED and slot.asset_id is not None
    ]


def has_refund(session: Session, slots: Iterable[Slot]) -> bool:
    """Whether the newest charge of one of these slots was refunded."""
    charges = [slot.charge_id for slot in slots]
    ids = [slot.id for slot in slots]
    query = select(LedgerEntry.slot_id).where(
        LedgerEntry.kind == EntryKind.REFUND,
        LedgerEntry.slot_id.in_(ids),
        LedgerEntry.charge_id.in_(charges),
    )
    return session.scalar(query.limit(1)) is not None


def missing_files(storage: Storage, assets: Iterable[Asset]) -> frozenset[str]:
    """Return ids of the assets whose original is not in storage, or damaged; raises StorageError."""
    return frozenset(asset.id for asset in assets if not has_sound_original(storage, asset))


def has_sound_original(storage: Storage, asset: Asset) -> bool:
    """Whether the stored original has its row's size and, where it is in doubt, its content."""
    found = storage.head(asset.storage_key)
    if found is None or found.byte_count != asset.byte_count:
        return False
    if asset.missing_cause is not MissingCause.DAMAGED:
        return True
    try:
        return hashlib.sha256(storage.get(asset.storage_key)).hexdigest() == asset.sha256
    except (ObjectDamagedError, ObjectMissingError):
        return False


def emptying_problem(session: Session, slot: Slot, asset: Asset) -> str | None:
    """Return why the slot may not give up its picture, though the file is missing."""
    if asset.deleted_at is not None:
        return ERASED
    if slot.kind not in PRIVATE_KINDS:
        return None
    siblings = select(Slot.asset_id).where(
        Slot.generation_id == slot.generation_id, Slot.asset_id.is_not(None)
    )
    derived_elsewhere = exists().where(
        AssetParent.parent_id == asset.id, AssetParent.child_id.not_in(siblings)
    )
    return DERIVED if session.scalar(select(derived_elsewhere)) else None


def remove_missing(session: Session, slot: Slot) -> None:
    """Take the missing picture from the slot, and from the model whose weights it was."""
    session.execute(
        update(TrainedModel)
        .where(TrainedModel.weights_asset_id == slot.asset_id)
        .values(weights_asset_id=None)
    )
    empty_slot(session, slot)


def delete_thumbnail(context: StepContext, missing: Asset) -> None:
    """Delete the thumbnail of a missing original.

    As in every erasure the content is locked meanwhile. What storage refuses to delete is an
    orphaned file, which the next reconciliation finds.
    """
    if not missing.thumbnail_key:
        return
    with context.database.transaction() as session:
        lock_picture(session, missing.sha256)
        asset = session.get_one(Asset, missing.id)
        if asset.deleted_at is not None and not is_shared(session, asset, [asset.id]):
            try:
                context.storage.delete(missing.thumbnail_key)
            except StorageError as error:
                logger.warning("remedies.thumbnail_left asset=%s %s", missing.id, error)


@dataclass(frozen=True)
class Reply:
    """A prediction as the provider returned it, or the problem."""

    prediction: Prediction | None = None
    problem: str | None = None
    is_unknown: bool = False
    """The provider knows no such prediction; `problem` names it."""

    @property
    def has_succeeded(self) -> bool:
        """Whether the prediction has finished, with or without a picture."""
        return self.prediction is not None and self.prediction.status is PredictionStatus.SUCCEEDED


def ask_about(context: StepContext, run: Run, prediction_id: str) -> Reply:
    """Read a prediction in one call; raises ProviderMissingError."""
    label = provider_label(run.provider)
    predictions = context.predictions(run)
    if predictions is None:
        return Reply(problem=f"{label} answers at once and stores nothing that could be read.")
    try:
        return Reply(predictions.get(prediction_id))
    except ProviderError as error:
        if error.failure is FailureClass.LOST:
            return Reply(
                problem=f"{label} knows no {prediction_id}: it was deleted, or is in another account.",
                is_unknown=True,
            )
        return Reply(problem=f"{label} did not answer: {error.detail}")


@dataclass(frozen=True)
class Search:
    """A provider's list searched for a submission; `problem`: it shows some, or was not asked."""

    problem: str | None = None


def search_for(context: StepContext, view: RunView) -> Search:
    """Search the provider's list for exactly the run's input, without what other runs have."""
    label, attempt = provider_label(view.run.provider), view.attempt
    try:
        predictions = context.predictions(view.run)
        if predictions is None or attempt is None:
            return Search()
        prepared = PreparedRequest(attempt.model, attempt.version, attempt.payload)
        found = {it.id for it in predictions.find(prepared, attempt.created_at)}
    except (ProviderError, ProviderMissingError) as error:
        reason = getattr(error, "detail", str(error))
        return Search(f"{label} could not be asked whether it has it: {reason.rstrip('.')}.")
    with context.database.transaction() as session:
        known = select(Attempt.prediction_id).where(Attempt.prediction_id.in_(found))
        found -= set(filter(None, session.scalars(known)))
    if not found:
        return Search()
    return Search(f"{label} shows {', '.join(sorted(found))} with exactly this input: adopt that.")


def cancel_at_provider(context: StepContext, view: RunView | None) -> str:
    """Cancel the prediction that may still run and record its cost; returns a sentence.

    Never raises: the fencing token refuses whatever may still arrive.
    """
    prediction_id = view.running_prediction_id if view else None
    if view is None or view.attempt is None or prediction_id is None:
        return ""
    try:
        predictions = context.predictions(view.run)
        if predictions is None:
            return ""
        prediction = predictions.cancel(prediction_id)
    except (ProviderError, ProviderMissingError) as error:
        logger.warning("remedies.cancel_failed run=%s %s", view.run.id, error)
        return "The provider refused the cancellation: the prediction runs on and may be billed."
    with context.database.transaction() as session:
        save_poll(session, view.attempt, prediction)
        settle_cost(session, view.attempt.id)
    if prediction.status is PredictionStatus.SUCCEEDED:
        return "It had just finished there; that picture is not used."
    return "It is canceled at the provider."
