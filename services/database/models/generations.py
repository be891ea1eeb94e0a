"""The pipeline's rows: generations, mascots, slots, runs, attempts and events."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.states import (
    AttemptState,
    GenerationState,
    Kind,
    RunState,
    SlotRole,
    SlotState,
)
from services.database.models.base import Base, CreatedAt, Id, words

FILLED = text("state = 'filled'")
# Poses, and slots with a parent, are made from pictures that were made here.
FROM_UPLOADS = text("parent_slot_id IS NULL AND kind <> 'poses' AND input_asset_ids <> '[]'::jsonb")
CANCELING = text(
    "cancel_requested_at IS NOT NULL AND state IN ('queued', 'running', 'needs_review')"
)
ACTIVE_RUN = text("state IN ('queued', 'submitting', 'waiting', 'ingesting')")


class Generation(Base):
    """What a person started. `state` is written by `services.pipeline.transitions` alone."""

    __tablename__ = "generations"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key"),
        Index("ix_generations_created_at_id", "created_at", "id"),
        Index("ix_generations_kind_created_at_id", "kind", "created_at", "id"),
        Index("ix_generations_state_created_at_id", "state", "created_at", "id"),
        Index("ix_generations_finished_at", "finished_at"),
        Index("ix_generations_account_id_created_at_id", "account_id", "created_at", "id"),
        Index("ix_generations_person_id_created_at_id", "person_id", "created_at", "id"),
        Index("ix_generations_words", words("title"), postgresql_using="gin"),
        Index("ix_generations_cancel_requested", "cancel_requested_at", postgresql_where=CANCELING),
    )

    id: Mapped[Id]
    kind: Mapped[Kind]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("app.people.id"))
    mascot_id: Mapped[str | None] = mapped_column(
        ForeignKey("app.mascots.id", use_alter=True), index=True
    )
    title: Mapped[str]
    request: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(index=True)
    idempotency_key: Mapped[str]
    priority: Mapped[int]
    state: Mapped[GenerationState]
    price_credits: Mapped[int]
    estimated_cost_usd: Mapped[float]
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    """Nothing new of it begins from then on; a retry ends it."""


class Mascot(Base):
    """One variation of a mascot batch; its pictures are its slots."""

    __tablename__ = "mascots"
    __table_args__ = (Index("ix_mascots_account_id_created_at", "account_id", "created_at"),)

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"), index=True)
    name: Mapped[str]
    description: Mapped[str]
    style: Mapped[str]
    variation: Mapped[int]
    created_at: Mapped[CreatedAt]


class Slot(Base):
    """One picture that a generation owes, with all that is needed to make it (again)."""

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("generation_id", "position"),
        CheckConstraint(
            "CASE WHEN role = 'version' THEN asset_id IS NULL"
            " ELSE (state = 'filled') = (asset_id IS NOT NULL) END",
            name="filled_has_asset",
        ),
        Index("ix_slots_filled", "filled_at", "id", postgresql_where=FILLED),
        Index("ix_slots_kind_filled", "kind", "filled_at", "id", postgresql_where=FILLED),
        Index("ix_slots_mascot_filled", "mascot_id", "filled_at", "id", postgresql_where=FILLED),
        Index("ix_slots_words", words("prompt"), postgresql_using="gin"),
        Index("ix_slots_from_uploads", "account_id", postgresql_where=FROM_UPLOADS),
    )

    id: Mapped[Id]
    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    kind: Mapped[Kind]
    position: Mapped[int]
    role: Mapped[SlotRole]
    run_group: Mapped[int]
    mascot_id: Mapped[str | None] = mapped_column(ForeignKey("app.mascots.id"))
    parent_slot_id: Mapped[str | None] = mapped_column(ForeignKey("app.slots.id"), index=True)
    provider: Mapped[str]
    model: Mapped[str]
    prompt: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    aspect_ratio: Mapped[str | None]
    input_asset_ids: Mapped[list[Any]]
    pose_id: Mapped[str | None] = mapped_column(ForeignKey("app.poses.id"))
    control_skeleton: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The skeleton that the model is shown, as it was at the start; None where words are all."""
    options: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    """What the model receives beside the prompt, in `ModelCapabilities.options`' words."""
    price_credits: Mapped[int]
    charge_id: Mapped[str] = mapped_column(ForeignKey("app.ledger_entries.id", use_alter=True))
    is_charge_kept: Mapped[bool] = mapped_column(server_default=text("false"))
    """It failed and was not refunded, by the rule for refusals; a retry charges nothing."""
    state: Mapped[SlotState]
    asset_id: Mapped[str | None] = mapped_column(ForeignKey("app.assets.id"), index=True)
    failure: Mapped[str | None]
    failure_detail: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    filled_at: Mapped[datetime | None]


class Run(Base):
    """The work that fills one or more slots.

    `seq` is the fence: it names one step, and every write of that step is conditional on it.
    A leased run has `lease_until`; a run that waits for the dispatcher has `due_at`.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "ix_runs_due_at",
            "due_at",
            postgresql_where=text(f"lease_until IS NULL AND {ACTIVE_RUN}"),
        ),
        Index(
            "ix_runs_to_submit",
            "provider",
            text("priority DESC"),
            "created_at",
            postgresql_where=text(
                "state = 'queued' AND enqueued_at IS NULL AND lease_until IS NULL"
            ),
        ),
        Index(
            "ix_runs_lease_until", "lease_until", postgresql_where=text("lease_until IS NOT NULL")
        ),
        Index("ix_runs_state", "state", "finished_at"),
        Index("ix_runs_created_at_id", "created_at", "id"),
        Index("ix_runs_model_created_at_id", "model", "created_at", "id"),
        Index(
            "ix_runs_failure_created_at_id",
            "failure",
            "created_at",
            "id",
            postgresql_where=text("failure IS NOT NULL"),
        ),
        Index(
            "ix_runs_failure_words",
            words("failure_detail"),
            postgresql_using="gin",
            postgresql_where=text("failure_detail IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"), index=True)
    kind: Mapped[Kind]
    provider: Mapped[str]
    model: Mapped[str]
    priority: Mapped[int]
    state: Mapped[RunState]
    seq: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[CreatedAt]
    enqueued_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    attempt_count: Mapped[int] = mapped_column(server_default="0")
    refused_count: Mapped[int] = mapped_column(server_default="0")
    step_failures: Mapped[int] = mapped_column(server_default="0")
    provider_status: Mapped[str | None]
    progress: Mapped[float | None]
    stage: Mapped[str | None]
    """What the provider's work is at, in a person's words, where its log tells."""
    deadline_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    failure_detail: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class RunSlot(Base):
    """Which output of a run fills which slot."""

    __tablename__ = "run_slots"

    run_id: Mapped[str] = mapped_column(ForeignKey("app.runs.id"), primary_key=True)
    slot_id: Mapped[str] = mapped_column(ForeignKey("app.slots.id"), primary_key=True, index=True)
    output_index: Mapped[int]


class Attempt(Base):
    """One create at a provider at most. Committed before anything is sent."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        UniqueConstraint("provider", "prediction_id"),
        Index("ix_attempts_provider_model_finished_at", "provider", "model", "finished_at"),
        Index("ix_attempts_created_at", "created_at"),
    )

    id: Mapped[Id]
    run_id: Mapped[str] = mapped_column(ForeignKey("app.runs.id"))
    number: Mapped[int]
    provider: Mapped[str]
    model: Mapped[str]
    version: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    payload_hash: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[AttemptState]
    prediction_id: Mapped[str | None]
    web_url: Mapped[str | None]
    token_fingerprint: Mapped[str | None]
    """Of the token it was sent with: another account's predictions are unknown to a new token."""
    outputs: Mapped[list[Any]]
    logs: Mapped[str] = mapped_column(server_default="")
    predict_seconds: Mapped[float | None]
    estimated_cost_usd: Mapped[float]
    actual_cost_usd: Mapped[float | None]
    """From the price list at its end; None while nobody knows."""
    failure: Mapped[str | None]
    failure_detail: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    accepted_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


PROBLEM_EVENTS = (
    *("run.failed", "run.step_failed", "run.recovered", "run.requeued", "run.throttled"),
    *("run.retried", "run.needs_review", "remedy.applied"),
)
"""What incidents and similar cases are read from, by an index of its own."""
_PROBLEM_NAMES = ", ".join(f"'{name}'" for name in PROBLEM_EVENTS)


class Event(Base):
    """One line of a generation's timeline; append-only."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_generation_id_id", "generation_id", "id"),
        Index("ix_events_problems", "at", postgresql_where=text(f"name IN ({_PROBLEM_NAMES})")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[CreatedAt]
    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("app.runs.id"), index=True)
    name: Mapped[str]
    actor: Mapped[str]
    detail: Mapped[dict[str, Any]]
