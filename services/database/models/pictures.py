"""Stored files: assets, what they were made from, and the references that people upload."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.database.models.base import Base, CreatedAt, Id


class Asset(Base):
    """One stored file. Several rows may share one object: its key is its content's hash."""

    __tablename__ = "assets"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    sha256: Mapped[str] = mapped_column(index=True)
    storage_key: Mapped[str]
    storage_uri: Mapped[str]
    thumbnail_key: Mapped[str]
    content_type: Mapped[str]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    placeholder: Mapped[str]
    created_at: Mapped[CreatedAt]
    checked_at: Mapped[datetime | None]
    missing_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class AssetParent(Base):
    """A picture was made from another one."""

    __tablename__ = "asset_parents"

    child_id: Mapped[str] = mapped_column(ForeignKey("app.assets.id"), primary_key=True)
    parent_id: Mapped[str] = mapped_column(
        ForeignKey("app.assets.id"), primary_key=True, index=True
    )
    relation: Mapped[str]


class Reference(Base):
    """An uploaded picture, as its account sees it."""

    __tablename__ = "references"
    __table_args__ = (
        Index(
            "uq_references_account_id_sha256_live",
            "account_id",
            "sha256",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_references_account_id_created_at_id", "account_id", "created_at", "id"),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    asset_id: Mapped[str] = mapped_column(ForeignKey("app.assets.id"))
    sha256: Mapped[str]
    filename: Mapped[str]
    source_format: Mapped[str]
    source_bytes: Mapped[int] = mapped_column(BigInteger)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("app.people.id"))
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None]
