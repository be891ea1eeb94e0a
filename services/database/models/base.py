"""The declarative base: schema, constraint names, column types and ids."""

import enum
from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import Enum, MetaData, Text, TextClause, func, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column
from ulid import ULID

Id = Annotated[str, mapped_column(Text, primary_key=True)]
CreatedAt = Annotated[
    datetime,
    mapped_column(TIMESTAMP(timezone=True), server_default=func.clock_timestamp(), nullable=False),
]


def new_id(prefix: str) -> str:
    """A unique id that sorts by time of making, e.g. `gen_01jd…`; only `[a-z0-9_]`."""
    return f"{prefix}_{str(ULID()).lower()}"


def words(column: str) -> TextClause:
    """The words of a text as PostgreSQL indexes them, in any language; queries use the same."""
    return text(f"to_tsvector('simple', {column})")


class Base(DeclarativeBase):
    """All tables live in schema `app`; every constraint has a predictable name."""

    metadata = MetaData(
        schema="app",
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=lambda members: [member.value for member in members],
        ),
    }
