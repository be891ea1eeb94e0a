"""Alembic's entry: migrates schema `app` on the connection that it is handed."""

from typing import Literal

from alembic import context
from sqlalchemy.sql.schema import SchemaItem

from services.database.models import Base


def _only_our_schema(
    item: SchemaItem,
    name: str | None,
    kind: str,
    reflected: bool,
    compare_to: SchemaItem | None,
) -> bool:
    return kind != "table" or getattr(item, "schema", None) == "app"


def _only_app(
    name: str | None,
    kind: Literal[
        "schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint"
    ],
    parents: object,
) -> bool:
    return kind != "schema" or name == "app"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_schemas=True,
    include_object=_only_our_schema,
    include_name=_only_app,  # type: ignore[arg-type]
    version_table="schema_version",
    version_table_schema="app",
)
with context.begin_transaction():
    context.run_migrations()
