"""What support writes and finds: notes, orphaned files, reconciliations and bulk remedies."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.states import ItemState, OperationState, ReconciliationScope, ReconciliationState
from services.database.models.base import Base, CreatedAt, Id


class Note(Base):
    """What a person wrote to a generation: a hand-over, a ticket's link; never changed."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_generation_id_id", "generation_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[CreatedAt]
    generation_id: Mapped[str] = mapped_column(ForeignKey("app.generations.id"))
    person_id: Mapped[str]
    text: Mapped[str]
    link: Mapped[str | None]


class Reconciliation(Base):
    """One comparison of the storage with the rows; the newest tells how far it has come."""

    __tablename__ = "reconciliations"
    __table_args__ = (Index("ix_reconciliations_scope_began_at", "scope", "began_at"),)

    id: Mapped[Id]
    scope: Mapped[ReconciliationScope]
    state: Mapped[ReconciliationState]
    began_at: Mapped[CreatedAt]
    heartbeat_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]
    after_key: Mapped[str] = mapped_column(server_default="")
    """Everything up to this key is compared: a round that was cut off goes on here."""
    object_count: Mapped[int] = mapped_column(BigInteger, server_default="0")
    missing_count: Mapped[int] = mapped_column(server_default="0")
    orphan_count: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str | None]


class OrphanedFile(Base):
    """A stored object that no row names."""

    __tablename__ = "orphaned_files"
    __table_args__ = (Index("ix_orphaned_files_found_at", "found_at", "storage_key"),)

    # As the storage lists its keys, like `Asset.storage_key`.
    storage_key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    byte_count: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[datetime]
    found_at: Mapped[CreatedAt]


class Operation(Base):
    """One remedy ordered for many subjects at once."""

    __tablename__ = "operations"
    __table_args__ = (Index("ix_operations_created_at_id", "created_at", "id"),)

    id: Mapped[Id]
    remedy: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str]
    state: Mapped[OperationState]
    created_at: Mapped[CreatedAt]
    heartbeat_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]


class OperationItem(Base):
    """One subject of a bulk remedy, and what became of it."""

    __tablename__ = "operation_items"
    __table_args__ = (
        Index(
            "ix_operation_items_pending",
            "operation_id",
            "position",
            postgresql_where=text("state = 'pending'"),
        ),
    )

    operation_id: Mapped[str] = mapped_column(ForeignKey("app.operations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[str]
    expected: Mapped[dict[str, Any]]
    """The state that was shown in the dry-run; another one now refuses the item."""
    state: Mapped[ItemState]
    message: Mapped[str | None]
