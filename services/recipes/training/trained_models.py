"""Trained models: lists them, and changes their names and their place in lists."""

from sqlalchemy import func
from sqlalchemy.orm import Session

from services.audit.changes import record_change
from services.core.actors import Actor, require
from services.core.errors import InvalidRequestError, NotFoundError
from services.core.states import Role
from services.core.text import clean
from services.database.engine import Database
from services.database.models import TrainedModel
from services.providers.durations import DurationEstimator
from services.recipes.training.model_summaries import (
    MadePicture,
    TaughtPicture,
    TrainedModelCard,
    TrainingState,
    trained_model_cards,
    trained_models,
)
from services.recipes.training.request import MAX_NAME_CHARACTERS

__all__ = [
    "MadePicture",
    "TaughtPicture",
    "TrainedModelCard",
    "TrainedModels",
    "TrainingState",
]

MOST_LISTED = 30


class TrainedModels:
    """Reads, renames and archives. A list costs three statements, whatever its length."""

    def __init__(self, database: Database, durations: DurationEstimator) -> None:
        self._database = database
        self._durations = durations

    def of_account(self, actor: Actor, account_id: str) -> tuple[TrainedModelCard, ...]:
        """The account's newest trainings, archived ones last."""
        require(actor, Role.VIEWER)
        query = (
            trained_models()
            .where(TrainedModel.account_id == account_id)
            .order_by(
                TrainedModel.archived_at.is_not(None),
                TrainedModel.created_at.desc(),
                TrainedModel.id.desc(),
            )
            .limit(MOST_LISTED)
        )
        with self._database.transaction() as session:
            return trained_model_cards(session, self._durations, query)

    def one(self, actor: Actor, model_id: str) -> TrainedModelCard:
        """One of them; raises NotFoundError."""
        require(actor, Role.VIEWER)
        with self._database.transaction() as session:
            found = trained_model_cards(
                session, self._durations, trained_models().where(TrainedModel.id == model_id)
            )
        if not found:
            raise NotFoundError(what="trained model", id=model_id)
        return found[0]

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
        """Take it out of the Studio; its pictures, version and weights stay."""
        self._set_archived(actor, model_id, is_archived=True)

    def restore(self, actor: Actor, model_id: str) -> None:
        """Put an archived one back."""
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
