"""Stored files: assets, what they were made from, and the references that people upload."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.states import MissingCause
from services.database.models.base import Base, CreatedAt, Id, words

LIVE = text("deleted_at IS NULL")
NAME_WORDS = "translate(filename, '._-', '   ')"
"""A file's name with its parts as words of their own."""
MISSING = text("missing_at IS NOT NULL AND deleted_at IS NULL")


class Asset(Base):
    """One stored file. Several rows may share one object: its key is its content's hash.

    A file that is no picture (weights) has no thumbnail, no placeholder and no size in pixels.
    """

    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint(
            "(content_type LIKE 'image/%') = (width > 0 AND height > 0 AND thumbnail_key <> '')",
            name="pictures_have_pixels",
        ),
        Index("ix_assets_storage_key", "storage_key", postgresql_where=LIVE),
        Index("ix_assets_missing_at", "missing_at", "id", postgresql_where=MISSING),
        Index("ix_assets_created_at_id", "created_at", "id"),
        Index("ix_assets_erased", "id", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    sha256: Mapped[str] = mapped_column(index=True)
    # As the storage lists its keys: byte by byte, whatever the database's language.
    storage_key: Mapped[str] = mapped_column(Text(collation="C"))
    storage_uri: Mapped[str]
    thumbnail_key: Mapped[str] = mapped_column(server_default="")
    content_type: Mapped[str]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(server_default="0")
    height: Mapped[int] = mapped_column(server_default="0")
    placeholder: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[CreatedAt]
    checked_at: Mapped[datetime | None]
    """When its object was last seen in the storage, or last missed there."""
    missing_at: Mapped[datetime | None]
    """Since when its object is known to be missing; `missing_cause` says in which way."""
    missing_cause: Mapped[MissingCause | None]
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
    """An uploaded picture, as its account sees it.

    `sharpness` is -1 where it was not measured, `phash` null where there is nothing to compare.
    `used_at`, the first use, is written by a trigger on the slots that begin from a reference.
    A row stays when its picture is erased, for the lineage; it then names nothing.
    """

    __tablename__ = "references"
    __table_args__ = (
        Index(
            "uq_references_account_id_sha256_live",
            "account_id",
            "sha256",
            unique=True,
            postgresql_where=LIVE,
        ),
        Index("ix_references_account_id_created_at_id", "account_id", "created_at", "id"),
        Index(
            "ix_references_account_id_sharpness_id",
            "account_id",
            "sharpness",
            "id",
            postgresql_where=LIVE,
        ),
        Index(
            "ix_references_account_id_pixel_count_id",
            "account_id",
            "pixel_count",
            "id",
            postgresql_where=LIVE,
        ),
        Index(
            "ix_references_account_id_deleted_at_id",
            "account_id",
            "deleted_at",
            "id",
            postgresql_where=text("deleted_at IS NOT NULL AND erased_at IS NULL"),
        ),
        Index("ix_references_words", words(NAME_WORDS), postgresql_using="gin"),
        # Read as a whole and alone, without the table: services/references/similar.py.
        Index(
            "ix_references_alike",
            "account_id",
            postgresql_include=["phash", "id"],
            postgresql_where=text("deleted_at IS NULL AND phash IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
    asset_id: Mapped[str] = mapped_column(ForeignKey("app.assets.id"), index=True)
    sha256: Mapped[str]
    filename: Mapped[str]
    source_format: Mapped[str]
    source_bytes: Mapped[int] = mapped_column(BigInteger)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("app.people.id"))
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None]
    sharpness: Mapped[float] = mapped_column(server_default="-1")
    pixel_count: Mapped[int] = mapped_column(BigInteger)
    phash: Mapped[int | None] = mapped_column(BigInteger)
    phash_mirrored: Mapped[int | None] = mapped_column(BigInteger)
    erased_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class ReferenceTag(Base):
    """A word that people gave a reference; lower case, so that one word is one tag."""

    __tablename__ = "reference_tags"
    __table_args__ = (
        Index("ix_reference_tags_account_id_tag_reference_id", "account_id", "tag", "reference_id"),
    )

    reference_id: Mapped[str] = mapped_column(ForeignKey("app.references.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("app.accounts.id"))
