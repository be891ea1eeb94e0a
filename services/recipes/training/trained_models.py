"""List, rename and archive trained models."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Kind, Role, RunState, SlotRole, SlotState
from services.core.text import clean
from services.database.engine import Database
from services.database.models import (
    Asset,
    Attempt,
    Generation,
    Reference,
    Run,
    Slot,
    TrainedModel,
    TrainingPicture,
)
from services.providers.durations import DurationEstimator
from services.providers.registry import SIMULATED_FINGERPRINTS
from services.recipes.labels import FAILURE_SENTENCES, UNKNOWN_FAILURE
from services.recipes.training.request import MAX_NAME_CHARACTERS
from services.recipes.training.trainer_log import read_log

LOG_CHARACTERS = 6_000
"""How much of a log's end is shown: a training writes megabytes."""
CAPTION_CHARACTERS = 40_000
"""How much of its beginning, where the trainer writes its captions, is read."""
NEWEST_PICTURES = 4
_TRUSTED_PROGRESS = 0.1
"""Below this share, a training's own progress is no measure of its duration."""
_STARTING = (RunState.QUEUED, RunState.SUBMITTING)


class TrainingState(StrEnum):
    """Where a training stands."""

    STARTING = "starting"
    TRAINING = "training"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True)
class TaughtPicture:
    """A picture that the model was taught with; an empty caption was left to the trainer."""

    asset_id: str
    filename: str
    thumbnail_key: str
    """Empty when the picture was erased."""
    placeholder: str
    caption: str
    auto_caption: str = ""
    """What the trainer wrote in place of an empty caption, once it has."""


@dataclass(frozen=True)
class MadePicture:
    """A picture that the model has made."""

    asset_id: str
    thumbnail_key: str
    placeholder: str


@dataclass(frozen=True)
class TrainedModelCard:
    """A training and its model; `progress` 0–1 and `seconds_left` are estimates while it runs."""

    id: str
    generation_id: str
    name: str
    subject_type: str
    gender: str | None
    trigger_word: str
    state: TrainingState
    progress: float
    stage: str
    seconds_left: float | None
    losses: tuple[tuple[float, float], ...]
    log: str
    web_url: str | None
    undecided_run_id: str | None
    """A run whose answer was lost: a person decides."""
    failure: str
    version: str | None
    weights_bytes: int | None
    weights_key: str | None
    created_at: datetime
    is_archived: bool
    is_canceling: bool
    taught: tuple[TaughtPicture, ...]
    made: tuple[MadePicture, ...]

    @property
    def is_live(self) -> bool:
        """Whether its training still runs."""
        return self.state in (TrainingState.STARTING, TrainingState.TRAINING)

    @property
    def is_ready(self) -> bool:
        """Whether it can make pictures."""
        return self.version is not None and not self.is_archived


def _trained_models() -> Select[Any]:
    """Each model with its version's slot, its newest run and the end of that one's latest log."""
    newest, latest = aliased(Run), aliased(Attempt)
    run_id = (
        select(func.max(newest.id))
        .where(newest.generation_id == TrainedModel.generation_id)
        .scalar_subquery()
    )
    number = (
        select(func.max(latest.number)).where(latest.run_id == Run.id).correlate(Run)
    ).scalar_subquery()
    return (
        select(
            TrainedModel,
            Slot,
            Run,
            func.right(Attempt.logs, LOG_CHARACTERS),
            func.left(Attempt.logs, CAPTION_CHARACTERS),
            Attempt.web_url,
            Attempt.token_fingerprint,
            Asset.byte_count,
            Asset.storage_key,
            Generation.cancel_requested_at,
            func.clock_timestamp(),
        )
        .join(Generation, Generation.id == TrainedModel.generation_id)
        .join(
            Slot,
            (Slot.generation_id == TrainedModel.generation_id) & (Slot.role == SlotRole.VERSION),
        )
        .outerjoin(Run, Run.id == run_id)
        .outerjoin(Attempt, (Attempt.run_id == Run.id) & (Attempt.number == number))
        .outerjoin(Asset, Asset.id == TrainedModel.weights_asset_id)
    )


def _card(
    session: Session,
    durations: DurationEstimator,
    row: Any,
    taught: Sequence[TaughtPicture],
    made: Sequence[MadePicture],
) -> TrainedModelCard:
    model, version, run, log, log_start, web_url, fingerprint, *weights, canceled_at, now = row
    state = _state(model, version, run)
    is_live = state in (TrainingState.STARTING, TrainingState.TRAINING)
    expected = durations(session, model.provider, model.trainer) if is_live else None
    return TrainedModelCard(
        id=model.id,
        generation_id=model.generation_id,
        name=model.name,
        subject_type=model.subject_type,
        gender=model.gender,
        trigger_word=model.trigger_word,
        state=state,
        progress=_progress(state, run),
        stage=(run.stage or "") if run is not None and is_live else "",
        seconds_left=_seconds_left(run, expected, now) if is_live else None,
        losses=tuple((float(step), float(loss)) for step, loss in model.losses),
        log=log or "",
        web_url=None if fingerprint in SIMULATED_FINGERPRINTS else web_url,
        undecided_run_id=run.id if run and run.state is RunState.NEEDS_REVIEW else None,
        failure=_failure(version) if state is TrainingState.FAILED else "",
        version=model.version,
        weights_bytes=weights[0],
        weights_key=weights[1],
        created_at=model.created_at,
        is_archived=model.archived_at is not None,
        is_canceling=is_live and canceled_at is not None,
        taught=_with_auto_captions(taught, log_start or ""),
        made=tuple(made),
    )


def _with_auto_captions(
    taught: Sequence[TaughtPicture], log_start: str
) -> tuple[TaughtPicture, ...]:
    """Add what the trainer's log says of each picture, by the number that it has in the archive."""
    written = read_log(log_start).captions
    return tuple(
        replace(picture, auto_caption=written.get(f"{number:03}", ""))
        for number, picture in enumerate(taught, start=1)
    )


def _state(model: TrainedModel, version: Slot, run: Run | None) -> TrainingState:
    if model.version is not None or version.state is SlotState.FILLED:
        return TrainingState.COMPLETED
    if version.state is SlotState.CANCELED:
        return TrainingState.CANCELED
    if version.state is SlotState.FAILED:
        return TrainingState.FAILED
    if run is None or run.state in _STARTING:
        return TrainingState.STARTING
    is_booting = run.state is RunState.WAITING and run.provider_status == "starting"
    return TrainingState.STARTING if is_booting else TrainingState.TRAINING


def _progress(state: TrainingState, run: Run | None) -> float:
    if state is TrainingState.COMPLETED:
        return 1.0
    return min(0.99, run.progress or 0.0) if run is not None else 0.0


def _seconds_left(run: Run | None, durations: float | None, now: datetime) -> float | None:
    """Estimate by the training's own pace once it is known, before that by the trainer's median."""
    since = (run.accepted_at or run.started_at) if run is not None else None
    if run is None or since is None:
        return durations
    elapsed = (now - since).total_seconds()
    progress = run.progress or 0.0
    if progress >= _TRUSTED_PROGRESS:
        return max(1.0, elapsed * (1 - progress) / progress)
    return max(1.0, durations - elapsed) if durations else None


def _failure(version: Slot) -> str:
    sentence = FAILURE_SENTENCES.get(version.failure or "", UNKNOWN_FAILURE)
    return f"{sentence} The credits were refunded."


def _taught(session: Session, model_ids: list[str]) -> dict[str, list[TaughtPicture]]:
    found: dict[str, list[TaughtPicture]] = {}
    for picture, filename, asset in session.execute(
        select(TrainingPicture, Reference.filename, Asset)
        .join(Reference, Reference.id == TrainingPicture.reference_id)
        .join(Asset, Asset.id == TrainingPicture.asset_id)
        .where(TrainingPicture.trained_model_id.in_(model_ids))
        .order_by(TrainingPicture.trained_model_id, TrainingPicture.position)
    ):
        found.setdefault(picture.trained_model_id, []).append(
            TaughtPicture(
                asset.id,
                filename,
                "" if asset.deleted_at else asset.thumbnail_key,
                asset.placeholder,
                picture.caption,
            )
        )
    return found


def _made(session: Session, versions: list[str]) -> dict[str | None, list[MadePicture]]:
    """The newest pictures of each version."""
    newest = func.row_number().over(
        partition_by=Slot.model, order_by=(Slot.filled_at.desc(), Slot.id.desc())
    )
    ranked = (
        select(Slot.model, Asset.id, Asset.thumbnail_key, Asset.placeholder, newest.label("rank"))
        .join(Asset, Asset.id == Slot.asset_id)
        .where(
            Slot.kind == Kind.STUDIO,
            Slot.state == SlotState.FILLED,
            Slot.model.in_(versions),
            Asset.deleted_at.is_(None),
        )
        .subquery()
    )
    found: dict[str | None, list[MadePicture]] = {}
    for row in session.execute(
        select(ranked).where(ranked.c.rank <= NEWEST_PICTURES).order_by(ranked.c.rank)
    ):
        found.setdefault(row.model, []).append(
            MadePicture(row.id, row.thumbnail_key, row.placeholder)
        )
    return found


MAX_LISTED = 30


class TrainedModels:
    """Reads, renames and archives. A list costs three statements, whatever its length."""

    def __init__(self, database: Database, durations: DurationEstimator) -> None:
        self._database = database
        self._durations = durations

    def of_account(self, actor: Actor, account_id: str) -> tuple[TrainedModelCard, ...]:
        """Return the account's newest trainings, archived ones last."""
        require(actor, Role.VIEWER)
        query = (
            _trained_models()
            .where(TrainedModel.account_id == account_id)
            .order_by(
                TrainedModel.archived_at.is_not(None),
                TrainedModel.created_at.desc(),
                TrainedModel.id.desc(),
            )
            .limit(MAX_LISTED)
        )
        with self._database.transaction() as session:
            rows = session.execute(query).all()
            taught = _taught(session, [row[0].id for row in rows])
            made = _made(session, [row[0].version for row in rows if row[0].version])
            return tuple(
                _card(
                    session,
                    self._durations,
                    row,
                    taught.get(row[0].id, ()),
                    made.get(row[0].version, ()),
                )
                for row in rows
            )

    def rename(self, actor: Actor, model_id: str, name: str) -> None:
        """Give it another name; its trigger word stays. Raises InvalidRequestError."""
        require(actor, Role.OPERATOR)
        words = clean(name).strip()
        if not words or len(words) > MAX_NAME_CHARACTERS:
            raise InvalidRequestError(
                problem=f"Give the model a name of 1 to {MAX_NAME_CHARACTERS} characters."
            )
        with self._database.transaction() as session:
            model = _locked(session, model_id)
            if model.name != words:
                record_change(
                    session,
                    actor,
                    "trained_model.rename",
                    model.id,
                    "Renamed",
                    before={"name": model.name},
                    after={"name": words},
                )
                model.name = words

    def archive(self, actor: Actor, model_id: str) -> None:
        """Remove it from the Studio; its pictures, version and weights stay."""
        self._set_archived(actor, model_id, is_archived=True)

    def restore(self, actor: Actor, model_id: str) -> None:
        """Return an archived one to the Studio."""
        self._set_archived(actor, model_id, is_archived=False)

    def _set_archived(self, actor: Actor, model_id: str, *, is_archived: bool) -> None:
        require(actor, Role.OPERATOR)
        with self._database.transaction() as session:
            model = _locked(session, model_id)
            was = model.archived_at is not None
            if was is is_archived:
                return
            action = "archive" if is_archived else "restore"
            record_change(
                session,
                actor,
                f"trained_model.{action}",
                model.id,
                "Archived" if is_archived else "Restored",
                before={"archived": was},
                after={"archived": is_archived},
            )
            model.archived_at = func.clock_timestamp() if is_archived else None


def _locked(session: Session, model_id: str) -> TrainedModel:
    model = session.get(TrainedModel, model_id, with_for_update=True)
    if model is None:
        raise NotFoundError(what="trained model", id=model_id)
    return model
