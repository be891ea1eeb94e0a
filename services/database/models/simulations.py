"""Body simulations: the scenarios, the consents, and what each simulation was made of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.database.models.base import Base, CreatedAt, Id


class Scenario(Base):
    """What a simulation shows, and how far it may leave the photograph (`strength`, 0–1).

    Never deleted, since simulations name it: `archived_at` takes it from the form. Each edit adds
    one to `version`; the audit holds the words before.
    """

    __tablename__ = "scenarios"
    __table_args__ = (
        CheckConstraint("strength > 0 AND strength <= 1", name="strength_is_a_share"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    description: Mapped[str]
    strength: Mapped[float]
    position: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    updated_at: Mapped[CreatedAt]
    archived_at: Mapped[datetime | None]


class StoredPromptText(Base):
    """A text of prompts that an admin wrote instead of a recipe's default."""

    __tablename__ = "prompt_texts"

    id: Mapped[Id]
    text: Mapped[str]
    updated_at: Mapped[CreatedAt]


class Consent(Base):
    """The consent to work on one person's photograph, with the version of its wording."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_account_id_given_at", "account_id", "given_at"),)

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    asset_id: Mapped[str] = mapped_column(ForeignKey("app.assets.id"), index=True)
    wording_version: Mapped[str]
    given_by: Mapped[str] = mapped_column(ForeignKey("app.people.id"))
    given_at: Mapped[CreatedAt]
    withdrawn_at: Mapped[datetime | None]


class Simulation(Base):
    """What one generation of kind `simulations` was made of; `number` is the guides' job id."""

    __tablename__ = "simulations"

    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Identity(), unique=True)
    original_asset_id: Mapped[str] = mapped_column(ForeignKey("app.assets.id"), index=True)
    scenario_id: Mapped[str] = mapped_column(ForeignKey("app.scenarios.id"))
    scenario_version: Mapped[int]
    strength: Mapped[float]
    steps: Mapped[int]
    consent_id: Mapped[str] = mapped_column(ForeignKey("app.consents.id"))
