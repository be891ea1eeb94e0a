"""What keeps the house running: providers, queues, heartbeats and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Identity, Index, case, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.states import QueueName
from services.core.thresholds import SILENT_SECONDS
from services.database.models.base import Base, CreatedAt, Id, words


class Installation(Base):
    """The one row that names this database; its storage has a mark with the same id."""

    __tablename__ = "installation"
    __table_args__ = (Index("uq_installation_single", text("(true)"), unique=True),)

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]


class ProviderState(Base):
    """Whether a provider may be called now, and its create bucket, shared by all dispatchers."""

    __tablename__ = "provider_states"

    provider: Mapped[Id]
    paused_at: Mapped[datetime | None]
    paused_reason: Mapped[str | None]
    paused_failure: Mapped[str | None]
    """The class of the failure that paused it: a check may end some, a person all."""
    token_fingerprint: Mapped[str | None]
    blocked_until: Mapped[datetime | None]
    bucket_tokens: Mapped[float] = mapped_column(server_default="0")
    bucket_at: Mapped[CreatedAt]
    create_rate: Mapped[float | None]
    """Creates a second while the provider admits fewer than we are set to; None: as set."""
    rate_lowered_at: Mapped[datetime | None]
    read_tokens: Mapped[float] = mapped_column(server_default="0")
    read_at: Mapped[CreatedAt]


class QueueState(Base):
    """A paused queue; one without a row is open."""

    __tablename__ = "queue_states"

    queue: Mapped[QueueName] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]


class Heartbeat(Base):
    """The last heartbeat of one process."""

    __tablename__ = "heartbeats"

    name: Mapped[Id]
    role: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    thread_count: Mapped[int]
    detail: Mapped[dict[str, Any]]
    started_at: Mapped[CreatedAt]
    heartbeat_at: Mapped[CreatedAt]

    @classmethod
    def age_seconds(cls) -> ColumnElement[float]:
        """Seconds since the heartbeat, in SQL."""
        return func.date_part("epoch", func.clock_timestamp() - cls.heartbeat_at)

    @classmethod
    def is_alive(cls) -> ColumnElement[bool]:
        """Whether the heartbeat is younger than its role's limit, in SQL."""
        return cls.age_seconds() < case(dict(SILENT_SECONDS), value=cls.role)


class DatabaseRestore(Base):
    """A restore of this database from an older copy, as it was noticed; open until `ended_at`."""

    __tablename__ = "database_restores"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    noticed_at: Mapped[CreatedAt]
    copied_at: Mapped[datetime]
    """The newest event of the copy: what happened later is not in this database."""
    lost_at: Mapped[datetime]
    """The newest event that is known to have been there before the restore."""
    ended_at: Mapped[datetime | None]


class Audit(Base):
    """Who did what to what, and why; append-only."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_actor_id", "actor", "id"),
        Index("ix_audit_action_id", "action", "id"),
        Index("ix_audit_at", "at"),
        Index("ix_audit_reason_words", words("reason"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[CreatedAt]
    actor: Mapped[str]
    action: Mapped[str]
    subject_id: Mapped[str] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str]


class ErrorReport(Base):
    """One error that a person or a run met, by the reference that the message shows."""

    __tablename__ = "error_reports"

    reference: Mapped[Id]
    at: Mapped[CreatedAt] = mapped_column(index=True)
    place: Mapped[str]
    """The page's action, or the step of the pipeline."""
    kind: Mapped[str]
    """The error's class."""
    message: Mapped[str]
    traceback: Mapped[str]
    person_id: Mapped[str | None]
    run_id: Mapped[str | None]
    generation_id: Mapped[str | None] = mapped_column(index=True)


class SystemEvent(Base):
    """What changed in the installation: a process started, the number of workers changed."""

    __tablename__ = "system_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[CreatedAt] = mapped_column(index=True)
    name: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
