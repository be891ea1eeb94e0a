"""Who pays and who acts: accounts, people, prices and the append-only ledger."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.database.models.base import Base, CreatedAt, Id
from services.statuses import EntryKind, Role, Tier


class Account(Base):
    """Whom the work is for. `balance` moves only by a ledger entry (a trigger holds it)."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("balance >= 0", name="balance_not_negative"),)

    id: Mapped[Id]
    name: Mapped[str]
    tier: Mapped[Tier]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    balance: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[CreatedAt]


class Person(Base):
    """Someone who works at the desk."""

    __tablename__ = "people"

    id: Mapped[Id]
    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    role: Mapped[Role]
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[datetime | None]


class Price(Base):
    """Credits for one slot of a kind of work."""

    __tablename__ = "prices"
    __table_args__ = (CheckConstraint("credits >= 0", name="credits_not_negative"),)

    item: Mapped[Id]
    credits: Mapped[int]
    updated_at: Mapped[CreatedAt]


class LedgerEntry(Base):
    """One movement of credits; never changed, never removed (a trigger refuses both)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'charge' AND amount <= 0) OR (kind = 'refund' AND amount >= 0)"
            " OR kind = 'grant'",
            name="sign_fits_kind",
        ),
        CheckConstraint(
            "kind <> 'refund' OR (slot_id IS NOT NULL AND charge_id IS NOT NULL)",
            name="refund_names_slot_and_charge",
        ),
        Index(
            "uq_ledger_entries_refund_once",
            "slot_id",
            "charge_id",
            unique=True,
            postgresql_where=text("kind = 'refund'"),
        ),
        Index("ix_ledger_entries_account_id_created_at", "account_id", "created_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    kind: Mapped[EntryKind]
    amount: Mapped[int] = mapped_column(BigInteger)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    generation_id: Mapped[str | None] = mapped_column(ForeignKey("app.generations.id"), index=True)
    slot_id: Mapped[str | None] = mapped_column(ForeignKey("app.slots.id"))
    charge_id: Mapped[str | None] = mapped_column(ForeignKey("app.ledger_entries.id"))
    actor: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[CreatedAt]
