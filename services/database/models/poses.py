"""The pose library: what a mascot can be asked to do, in words and as a skeleton."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.database.models.base import Base, CreatedAt, Id


class Pose(Base):
    """One pose. Never deleted, since pictures name it: `archived_at` takes it from the form."""

    __tablename__ = "poses"
    __table_args__ = (Index("ix_poses_position_id", "position", "id"),)

    id: Mapped[Id]
    name: Mapped[str]
    category: Mapped[str]
    prompt: Mapped[str]
    skeleton: Mapped[dict[str, Any]]
    position: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[CreatedAt]
    archived_at: Mapped[datetime | None]
