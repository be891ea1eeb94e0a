"""diagnosis: notes, storage rounds, stray objects, bulk remedies, and what search reads"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIMESTAMP = postgresql.TIMESTAMP(timezone=True)
NOW = sa.text("clock_timestamp()")
NOTES_STAY = """
    CREATE TRIGGER refuse_rewrite BEFORE UPDATE OR DELETE OR TRUNCATE ON app.notes
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_rewrite()
    """


def upgrade() -> None:
    _columns()
    _indexes()
    _notes()
    _storage()
    _operations()


def _columns() -> None:
    # A storage lists its keys byte by byte.
    op.execute('ALTER TABLE app.assets ALTER COLUMN storage_key TYPE text COLLATE "C"')
    op.add_column("attempts", sa.Column("token_fingerprint", sa.Text()), schema="app")
    op.add_column(
        "assets",
        sa.Column(
            "missing_cause", _words("missingcause", "gone", "thumbnail_gone", "wrong_bucket")
        ),
        schema="app",
    )


def _indexes() -> None:
    live, missing = "deleted_at IS NULL", "missing_at IS NOT NULL AND deleted_at IS NULL"
    _index("assets", "storage_key", ["storage_key"], postgresql_where=sa.text(live))
    _index("assets", "missing_at", ["missing_at", "id"], postgresql_where=sa.text(missing))
    _index("assets", "created_at_id", ["created_at", "id"])
    _index("generations", "finished_at", ["finished_at"])
    _index("generations", "account_id_created_at_id", ["account_id", "created_at", "id"])
    _index("generations", "person_id_created_at_id", ["person_id", "created_at", "id"])
    _index("trained_models", "version_id", [sa.text("split_part(version, ':', 2)")])
    _index("ledger_entries", "created_at", ["created_at"])
    _index("generations", "words", _text_words("title"), postgresql_using="gin")
    _index("slots", "words", _text_words("prompt"), postgresql_using="gin")
    # A file's name with its parts as words of their own.
    name = _text_words("translate(filename, '._-', '   ')")
    _index("references", "words", name, postgresql_using="gin")
    _index(
        "runs",
        "failure_words",
        _text_words("failure_detail"),
        postgresql_using="gin",
        postgresql_where=sa.text("failure_detail IS NOT NULL"),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _stamp("at"),
        _text("generation_id"),
        _text("person_id"),
        _text("text"),
        sa.Column("link", sa.Text()),
        _refers("notes", "generation_id", "generations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        schema="app",
    )
    _index("notes", "generation_id_id", ["generation_id", "id"])
    op.execute(NOTES_STAY)


def _storage() -> None:
    op.create_table(
        "storage_rounds",
        _text("id"),
        sa.Column("scope", _words("roundscope", "full", "new"), nullable=False),
        sa.Column("state", _words("roundstate", "running", "done", "failed"), nullable=False),
        _stamp("began_at"),
        _stamp("beat_at"),
        sa.Column("ended_at", TIMESTAMP),
        sa.Column("after_key", sa.Text(), server_default="", nullable=False),
        sa.Column("object_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("missing_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stray_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_rounds")),
        schema="app",
    )
    _index("storage_rounds", "scope_began_at", ["scope", "began_at"])
    op.create_table(
        "stray_objects",
        sa.Column("storage_key", sa.Text(collation="C"), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", TIMESTAMP, nullable=False),
        _stamp("found_at"),
        sa.PrimaryKeyConstraint("storage_key", name=op.f("pk_stray_objects")),
        schema="app",
    )
    _index("stray_objects", "found_at", ["found_at", "storage_key"])


def _operations() -> None:
    op.create_table(
        "operations",
        _text("id"),
        _text("remedy"),
        _text("actor"),
        _text("reason"),
        sa.Column("state", _words("operationstate", "running", "done", "stopped"), nullable=False),
        _stamp("created_at"),
        _stamp("beat_at"),
        sa.Column("finished_at", TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        schema="app",
    )
    _index("operations", "created_at_id", ["created_at", "id"])
    op.create_table(
        "operation_items",
        _text("operation_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("subject_id"),
        sa.Column("expected", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state", _words("itemstate", "pending", "done", "refused", "failed"), nullable=False
        ),
        sa.Column("told", sa.Text()),
        _refers("operation_items", "operation_id", "operations"),
        sa.PrimaryKeyConstraint("operation_id", "position", name=op.f("pk_operation_items")),
        schema="app",
    )
    _index(
        "operation_items",
        "pending",
        ["operation_id", "position"],
        postgresql_where=sa.text("state = 'pending'"),
    )


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _stamp(name: str) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP, server_default=NOW, nullable=False)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _text_words(column: str) -> list[Any]:
    return [sa.text(f"to_tsvector('simple', {column})")]


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"app.{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _index(table: str, name: str, columns: list[Any], **options: Any) -> None:
    op.create_index(f"ix_{table}_{name}", table, columns, schema="app", **options)


def downgrade() -> None:
    raise RuntimeError("There is no way back from here: restore the backup made before.")
