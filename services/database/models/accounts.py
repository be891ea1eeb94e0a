"""Who pays and who acts: accounts, people, prices and the append-only ledger."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.states import EntryKind, PriceUnit, Role, Tier
from services.database.models.base import Base, CreatedAt, Id


class Account(Base):
    """Whom the work is for. `balance` moves only by a ledger entry (a trigger holds it).

    `daily_quota` is how many slots the unlimited tier may start in a day of `time_zone`.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint("daily_quota >= 0", name="daily_quota_not_negative"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    tier: Mapped[Tier]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    balance: Mapped[int] = mapped_column(BigInteger, server_default="0")
    daily_quota: Mapped[int] = mapped_column(server_default="200")
    created_at: Mapped[CreatedAt]


class QuotaDay(Base):
    """How many slots an account has started on one of its days, less what failed.

    Moves only with a ledger entry (a trigger holds it).
    """

    __tablename__ = "quota_days"
    __table_args__ = (CheckConstraint("used >= 0", name="used_not_negative"),)

    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int]


class Person(Base):
    """Someone who works at the desk."""

    __tablename__ = "people"

    id: Mapped[Id]
    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    role: Mapped[Role]
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[datetime | None]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("app.accounts.id"))
    """The account that this person last worked for."""


class Price(Base):
    """Credits for one slot of a kind of work."""

    __tablename__ = "prices"
    __table_args__ = (CheckConstraint("credits >= 0", name="credits_not_negative"),)

    item: Mapped[Id]
    credits: Mapped[int]
    updated_at: Mapped[CreatedAt]


class ProviderPrice(Base):
    """What a provider charges us in US dollars; model `*` is for its models without a row."""

    __tablename__ = "provider_prices"
    __table_args__ = (CheckConstraint("usd >= 0", name="usd_not_negative"),)

    provider: Mapped[Id]
    model: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[PriceUnit]
    usd: Mapped[float]
    updated_at: Mapped[CreatedAt]


class Budget(Base):
    """What this desk may spend at providers; a row without amounts sets no limit."""

    __tablename__ = "budgets"
    __table_args__ = (
        CheckConstraint("warn_share > 0 AND warn_share <= 1", name="warn_share_is_a_share"),
    )

    id: Mapped[Id]
    daily_usd: Mapped[float | None]
    monthly_usd: Mapped[float | None]
    warn_share: Mapped[float] = mapped_column(server_default="0.8")
    is_stop: Mapped[bool] = mapped_column(server_default="true")
    updated_at: Mapped[CreatedAt]


class LedgerEntry(Base):
    """One movement of credits; never changed, never removed (a trigger refuses both).

    `quota_slots` moves the account's quota of `quota_day` with it: up at a charge, down at a refund.
    """

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
        CheckConstraint(
            "(quota_slots = 0) = (quota_day IS NULL)"
            " AND (kind <> 'charge' OR quota_slots >= 0) AND (kind <> 'refund' OR quota_slots <= 0)",
            name="quota_fits_kind",
        ),
        Index(
            "uq_ledger_entries_refund_once",
            "slot_id",
            "charge_id",
            unique=True,
            postgresql_where=text("kind = 'refund'"),
        ),
        Index("ix_ledger_entries_account_id_created_at", "account_id", "created_at"),
        Index("ix_ledger_entries_created_at", "created_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    kind: Mapped[EntryKind]
    amount: Mapped[int] = mapped_column(BigInteger)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    generation_id: Mapped[str | None] = mapped_column(ForeignKey("app.generations.id"), index=True)
    slot_id: Mapped[str | None] = mapped_column(ForeignKey("app.slots.id"))
    charge_id: Mapped[str | None] = mapped_column(ForeignKey("app.ledger_entries.id"))
    quota_day: Mapped[date | None]
    quota_slots: Mapped[int] = mapped_column(server_default="0")
    actor: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[CreatedAt]
