"""Trained likenesses: the models, and the pictures with captions that each was taught with."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.database.models.base import Base, CreatedAt, Id


class TrainedModel(Base):
    """One training and what came out of it; it can be used once `version` is there.

    `version` is `owner/name:id` at the provider. `losses` holds `[step, loss]` pairs.
    """

    __tablename__ = "trained_models"
    __table_args__ = (
        Index("ix_trained_models_account_id_created_at_id", "account_id", "created_at", "id"),
        Index("ix_trained_models_version_id", text("split_part(version, ':', 2)")),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"), unique=True)
    name: Mapped[str]
    subject_type: Mapped[str]
    """What is learnt: `person`, `character`, `product` or `style` (the guides' modelType)."""
    gender: Mapped[str | None]
    trigger_word: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str]
    trainer: Mapped[str]
    destination_name: Mapped[str]
    """The name of the model at the provider; its owner is whoever the token belongs to."""
    parameters: Mapped[dict[str, Any]]
    version: Mapped[str | None]
    weights_asset_id: Mapped[str | None] = mapped_column(ForeignKey("app.assets.id"), index=True)
    losses: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    created_at: Mapped[CreatedAt]
    ready_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class TrainingPicture(Base):
    """A picture that a model was taught with; an empty caption is left to the trainer."""

    __tablename__ = "training_pictures"

    trained_model_id: Mapped[str] = mapped_column(
        ForeignKey("app.trained_models.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    reference_id: Mapped[str] = mapped_column(ForeignKey("app.references.id"), index=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("app.assets.id"), index=True)
    caption: Mapped[str] = mapped_column(server_default="")
    """As given at the start; what the trainer made of an empty one is in its log."""
